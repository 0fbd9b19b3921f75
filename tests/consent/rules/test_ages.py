"""Ages with worked calendars; 29 February by Brazil's Civil Code, art. 132, § 3."""

from datetime import date

import pytest

from consent.rules.ages import Age, age_of, comes_of_age_on


@pytest.mark.parametrize(
    ("born", "of_age_on"),
    [
        (date(2008, 2, 28), date(2026, 2, 28)),
        (date(2008, 2, 29), date(2026, 3, 1)),
        (date(2008, 3, 1), date(2026, 3, 1)),
        (date(2007, 12, 31), date(2025, 12, 31)),
        (date(2006, 6, 15), date(2024, 6, 15)),
    ],
)
def test_somebody_comes_of_age_on_their_birthday(born, of_age_on):
    assert comes_of_age_on(born, age_of_consent=18) == of_age_on


def test_born_on_29_february_of_age_in_a_leap_year_it_is_the_29th():
    assert comes_of_age_on(date(2008, 2, 29), age_of_consent=20) == date(2028, 2, 29)


@pytest.mark.parametrize(
    ("born", "today", "age"),
    [
        (date(2008, 3, 3), date(2026, 3, 2), Age.UNDER_AGE),
        (date(2008, 3, 3), date(2026, 3, 3), Age.OF_AGE),
        (date(2008, 2, 29), date(2026, 2, 28), Age.UNDER_AGE),
        (date(2008, 2, 29), date(2026, 3, 1), Age.OF_AGE),
        (None, date(2026, 3, 2), Age.UNKNOWN),
        (date(1904, 3, 2), date(2026, 3, 2), Age.UNKNOWN),
    ],
)
def test_whose_year_nobody_knows_has_no_age(born, today, age):
    assert age_of(born, on=today, age_of_consent=18) == age
