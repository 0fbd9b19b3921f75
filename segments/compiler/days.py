"""On which day one person's answer becomes another one, by days that begin alone."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings

from customers.models import Customer
from segments.compiler.flips import changes_daily, goes_by_their_day
from segments.compiler.values import fits
from segments.enums import Operator, TraitType
from segments.rules import Condition, Period
from segments.rules.calendar import age, days_ago, older_on

# Nothing that comes once a year is farther away.
DAYS_AHEAD = 366
OLDEST = 150


def zone_of(customer: Customer) -> ZoneInfo:
    """Return where the customer is; the shop's zone, where nobody knows."""
    try:
        return ZoneInfo(customer.timezone or settings.SHOP_TIME_ZONE)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo(settings.SHOP_TIME_ZONE)


def day_that_changes(
    condition: Condition, value: object, *, at: datetime, there: ZoneInfo
) -> datetime | None:
    """Return when the day begins on which the answer about a value becomes another one.

    None where it does not within a year, or in the case of ages a life; and for what is asked of
    rows. ``there`` is where the customer is.
    """
    if condition.trait.rows or not isinstance(value, date) or not changes_daily(condition):
        return None
    shop = ZoneInfo(settings.SHOP_TIME_ZONE)
    zone = there if goes_by_their_day(condition) else shop
    today = at.astimezone(zone).date()
    day_of_value = value.astimezone(shop).date() if isinstance(value, datetime) else value
    now = _fits(condition, day_of_value, today)
    for day in _days_to_come(condition, day_of_value, today):
        if _fits(condition, day_of_value, day) != now:
            return datetime.combine(day, time.min, tzinfo=zone)
    return None


def _days_to_come(condition: Condition, value: date, today: date) -> Iterator[date]:
    """Return the days that may change it; an age changes once a year, and counts for life."""
    if condition.trait.type != TraitType.AGE:
        yield from (today + timedelta(days=n + 1) for n in range(DAYS_AHEAD))
        return
    years = age(value, on=today)
    yield from (older_on(value, n) for n in range(years + 1, OLDEST + 2))


def _fits(condition: Condition, value: date, today: date) -> bool:
    if condition.trait.type == TraitType.AGE:
        return fits(condition, age(value, on=today))
    asked = condition.value
    if isinstance(asked, Period):
        first, last = days_ago(today, days=asked.days, months=asked.months)
        return first <= value <= last
    if condition.operator == Operator.THIS_MONTH:
        is_birthday = condition.trait.type == TraitType.BIRTHDAY
        return value.month == today.month and (is_birthday or value.year < today.year)
    return isinstance(asked, int) and _comes(condition, value, asked, today)


def _comes(condition: Condition, value: date, days: int, today: date) -> bool:
    """Say whether a day, or its like of another year, comes within so many days."""
    last = today + timedelta(days=days)
    if condition.operator == Operator.IN_DAYS:
        return _like(value, last) == last
    if condition.trait.type == TraitType.DAY and condition.operator == Operator.IN_NEXT:
        return today <= value <= last
    has_been = condition.operator != Operator.ANNIVERSARY or value < today
    return has_been and _like(value, today) <= last


def _like(value: date, today: date) -> date:
    """Return the next day, from today on, that is celebrated as the value's."""
    this_year = _celebrated(value, today.year)
    return this_year if this_year >= today else _celebrated(value, today.year + 1)


def _celebrated(value: date, year: int) -> date:
    try:
        return value.replace(year=year)
    except ValueError:
        return value.replace(year=year, day=28)
