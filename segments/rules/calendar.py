"""Birthdays and ages, 29 February included.

Whoever was born on 29 February is greeted on the 28th when the year has no 29th, so that the
month stays theirs; a year older they are, as the law counts, on 1 March.
"""

from calendar import isleap
from datetime import date, timedelta


def years_before(day: date, years: int) -> date:
    """Return the latest birth date of somebody who is that many years old on the day."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def age(birth_date: date, *, on: date) -> int:
    """Return how many years old somebody is on the day."""
    years = on.year - birth_date.year
    return years if birth_date <= years_before(on, years) else years - 1


def birthdays_within(first: date, days: int) -> list[int]:
    """Return the birthdays celebrated from ``first`` to so many days later, as month*100+day."""
    celebrated = set()
    for distance in range(days + 1):
        day = first + timedelta(days=distance)
        celebrated.add(day.month * 100 + day.day)
        if (day.month, day.day) == (2, 28) and not isleap(day.year):
            celebrated.add(229)
    return sorted(celebrated)
