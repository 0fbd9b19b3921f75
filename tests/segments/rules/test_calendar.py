from datetime import date, timedelta

import pytest

from segments.rules.calendar import birthdays_within, days_ago, years_before


@pytest.mark.parametrize(
    ("today", "greeted"),
    [
        (date(2027, 2, 27), [227]),
        (date(2027, 2, 28), [228, 229]),  # no 29th this year: greeted on the 28th
        (date(2027, 3, 1), [301]),
        (date(2028, 2, 28), [228]),
        (date(2028, 2, 29), [229]),
    ],
)
def test_whoever_was_born_on_29_february_is_greeted_once_a_year(today, greeted):
    assert birthdays_within(today, 0) == greeted


def test_birthdays_go_on_after_the_turn_of_the_year():
    assert birthdays_within(date(2026, 12, 30), 3) == [101, 102, 1230, 1231]


@pytest.mark.parametrize(
    ("today", "years", "born"),
    [
        (date(2026, 3, 2), 18, date(2008, 3, 2)),
        # Of age on 1 March, not a day before.
        (date(2026, 2, 28), 18, date(2008, 2, 28)),
        (date(2026, 3, 1), 18, date(2008, 3, 1)),
        (date(2028, 2, 29), 18, date(2010, 2, 28)),
    ],
)
def test_an_age_is_reached_by_whoever_was_born_on_that_day_or_before(today, years, born):
    assert years_before(today, years) == born


@pytest.mark.parametrize(
    ("today", "months", "days"),
    [
        ("2026-03-15", 1, ["02-15"]),
        ("2026-03-28", 1, ["02-28"]),  # once, not on the 29th, the 30th and the 31st again
        ("2026-03-30", 1, []),
        ("2026-03-31", 1, []),
        ("2026-02-28", 1, ["01-28", "01-29", "01-30", "01-31"]),
        ("2026-04-30", 1, ["03-30", "03-31"]),
        ("2026-05-31", 2, ["03-31"]),
        ("2025-02-28", 12, ["02-28", "02-29"]),
        ("2028-02-28", 12, ["02-28"]),
        ("2028-02-29", 12, []),
        ("2028-02-29", 48, ["02-29"]),
    ],
)
def test_so_many_months_after_the_31st_is_the_last_of_a_shorter_month(today, months, days):
    first, last = days_ago(date.fromisoformat(today), months=months)

    meant = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    assert [f"{day:%m-%d}" for day in meant] == days


@pytest.mark.parametrize("months", [1, 2, 6, 12, 13])
def test_every_day_is_so_many_months_ago_on_one_day(months):
    came = [date(2023, 12, 1) + timedelta(days=n) for n in range(1_600)]
    asked_on = [date(2023, 12, 1) + timedelta(days=n) for n in range(2_100)]

    spans = [days_ago(today, months=months) for today in asked_on]

    for day in came:
        assert sum(first <= day <= last for first, last in spans) == 1
