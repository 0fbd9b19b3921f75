"""Quiet hours on the clock of whoever is written to."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest

from campaigns.rules.quiet import QuietHours, first_loud

NIGHTS = QuietHours(time(20), time(9), on_sundays=True)
SAO_PAULO = ZoneInfo("America/Sao_Paulo")


@pytest.mark.parametrize(
    ("hours", "at", "loud"),
    [
        # 2 March 2026 is a Monday.
        (NIGHTS, "2026-03-02 09:00", "2026-03-02 09:00"),
        (NIGHTS, "2026-03-02 19:59", "2026-03-02 19:59"),
        (NIGHTS, "2026-03-02 20:00", "2026-03-03 09:00"),
        (NIGHTS, "2026-03-03 03:00", "2026-03-03 09:00"),
        (NIGHTS, "2026-03-07 21:00", "2026-03-09 09:00"),
        (NIGHTS, "2026-03-08 12:00", "2026-03-09 09:00"),
        (QuietHours(time(20), time(9), on_sundays=False), "2026-03-08 12:00", "2026-03-08 12:00"),
        (QuietHours(time(12), time(14), on_sundays=False), "2026-03-02 13:00", "2026-03-02 14:00"),
    ],
)
def test_first_loud_is_now_or_the_next_morning_that_is_no_sunday(hours, at, loud):
    asked, expected = (
        datetime.fromisoformat(clock).replace(tzinfo=SAO_PAULO) for clock in (at, loud)
    )

    assert first_loud(hours, zone=SAO_PAULO, at=asked) == expected


def test_clock_is_that_of_the_zone():
    noon_in_sao_paulo = datetime(2026, 3, 2, 12, tzinfo=SAO_PAULO)
    tokyo = ZoneInfo("Asia/Tokyo")

    assert first_loud(NIGHTS, zone=tokyo, at=noon_in_sao_paulo) == datetime(
        2026, 3, 3, 9, tzinfo=tokyo
    )
