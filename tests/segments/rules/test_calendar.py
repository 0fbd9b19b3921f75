from datetime import date

import pytest

from segments.rules.calendar import birthdays_within, years_before


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
