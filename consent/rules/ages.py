"""Minors: until when a parent or guardian speaks for somebody, and who speaks for themselves.

Whoever was born on 29 February comes of age, in a year without one, on 1 March (Brazil's Civil
Code, art. 132, § 3).
"""

from datetime import date
from enum import Enum

from customers.rules.birth_dates import knows_year


class Age(Enum):
    OF_AGE = "of age"
    UNDER_AGE = "under age"
    UNKNOWN = "unknown"


def comes_of_age_on(born: date, *, age_of_consent: int) -> date:
    year = born.year + age_of_consent
    try:
        return born.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


def age_of(born: date | None, *, on: date, age_of_consent: int) -> Age:
    """Say whether somebody is of age on the day; a birth date without its year says nothing."""
    if born is None or not knows_year(born):
        return Age.UNKNOWN
    of_age_on = comes_of_age_on(born, age_of_consent=age_of_consent)
    return Age.OF_AGE if on >= of_age_on else Age.UNDER_AGE
