"""Worked examples; VF is Voucherify's help centre as noted in promotions.md §2.12 and §2.13."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from common.months import months_later, window_start

SAO_PAULO = ZoneInfo("America/Sao_Paulo")


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        # VF: one month from 25 January is 25 February, from 31 January 28 February.
        (date(2026, 1, 25), 1, date(2026, 2, 25)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2026, 1, 15), -12, date(2025, 1, 15)),
        # VF: no months is the end of the same day.
        (date(2026, 1, 25), 0, date(2026, 1, 25)),
    ],
)
def test_months_are_calendar_months_cut_to_the_last_day(start, months, end):
    assert months_later(start, months) == end


def test_the_window_begins_with_a_shops_day():
    at = datetime(2026, 3, 10, 1, tzinfo=UTC)

    assert window_start(at, months=12, zone=SAO_PAULO) == datetime(2025, 3, 9, 3, tzinfo=UTC)
