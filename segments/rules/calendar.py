"""Birthdays and ages, 29 February included.

Whoever was born on 29 February is greeted on the 28th when the year has no 29th, so that the
month stays theirs; a year older they are, as the law counts, on 1 March.
"""

from calendar import isleap, monthrange
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones


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


def older_on(birth_date: date, years: int) -> date:
    """Return the day on which somebody becomes so many years old."""
    try:
        return birth_date.replace(year=birth_date.year + years)
    except ValueError:
        return date(birth_date.year + years, 3, 1)


def birthdays_within(first: date, days: int) -> list[int]:
    """Return the birthdays celebrated from ``first`` to so many days later, as month*100+day."""
    celebrated = set()
    for distance in range(days + 1):
        day = first + timedelta(days=distance)
        celebrated.add(day.month * 100 + day.day)
        if (day.month, day.day) == (2, 28) and not isleap(day.year):
            celebrated.add(229)
    return sorted(celebrated)


def months_before(moment: datetime, months: int, *, zone: ZoneInfo) -> datetime:
    """Return the same time of day that many calendar months earlier, where the zone is.

    31 May less three months is the last of February.
    """
    local = moment.astimezone(zone)
    year, month = divmod(local.year * 12 + local.month - 1 - months, 12)
    day = min(local.day, monthrange(year, month + 1)[1])
    return local.replace(year=year, month=month + 1, day=day)


def days_ago(today: date, *, days: int = 0, months: int = 0) -> tuple[date, date]:
    """Return the first and the last of the days after which the period ends today.

    So many months after the 29th, the 30th or the 31st is the last day of a month that is too
    short: whoever came on 29 February has been here for a year on the 28th. The first is after
    the last where the period ends on none, such as a month on 30 March.
    """
    if not months:
        day = today - timedelta(days=days)
        return day, day
    year, month = divmod(today.year * 12 + today.month - 1 - months, 12)
    begins, length = date(year, month + 1, 1), monthrange(year, month + 1)[1]
    is_last = today.day == monthrange(today.year, today.month)[1]
    last = length if is_last else min(today.day, length)
    return begins + timedelta(days=today.day - 1), begins + timedelta(days=last - 1)


@lru_cache(maxsize=64)
def zones_on_other_days(minute: datetime, *, zone: ZoneInfo) -> Mapping[date, tuple[str, ...]]:
    """Return the time zones in which it is another day than in ``zone``, by that day."""
    here = minute.astimezone(zone).date()
    found: dict[date, list[str]] = {}
    for name in sorted(available_timezones()):
        day = minute.astimezone(ZoneInfo(name)).date()
        if day != here:
            found.setdefault(day, []).append(name)
    return {day: tuple(names) for day, names in found.items()}
