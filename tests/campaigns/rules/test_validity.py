from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from campaigns.rules.validity import end_of_validity, start_of_day

SAO_PAULO = ZoneInfo("America/Sao_Paulo")
# Ten in the evening of the 3rd in São Paulo.
EVENING = datetime(2026, 5, 4, 1, tzinfo=UTC)


def test_last_day_of_validity_is_whole_in_the_shops_time():
    ends = end_of_validity(at=EVENING, days=30, zone=SAO_PAULO)

    assert ends == datetime(2026, 6, 3, tzinfo=SAO_PAULO)


def test_day_starts_at_the_shops_midnight():
    assert start_of_day(EVENING, zone=SAO_PAULO) == datetime(2026, 5, 3, tzinfo=SAO_PAULO)
