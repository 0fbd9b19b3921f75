"""What an operator means for the value of a field."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import BooleanField, ExpressionWrapper, Q
from django.db.models.functions import ExtractDay, ExtractMonth, Lower, Trim
from django.db.models.lookups import Exact, In

from customers.models.profile import Plain
from customers.rules.birth_dates import FIRST_KNOWN_YEAR
from customers.rules.places import cities_within
from segments.enums import Operator, TraitType
from segments.rules import Around, Condition, Period, Trait, Window
from segments.rules.calendar import (
    birthdays_within,
    days_ago,
    months_before,
    years_before,
    zones_on_other_days,
)

Test: TypeAlias = Callable[[str, Any, datetime], Q]

EVERYBODY = Q(pk__isnull=False)


def opposite(condition: Q) -> Q:
    """Negate a condition that is never NULL.

    Wrapped, it becomes a plain NOT: Django's own ``~Q`` adds guards for NULL, and a subquery
    where a relation has many rows, neither of which is wanted here.
    """
    return ~Q(ExpressionWrapper(condition, output_field=BooleanField()))


def present(trait: Trait) -> Q:
    """Return whose value is known; an empty text or list is no value. Never NULL."""
    if not trait.may_be_missing:
        return EVERYBODY
    there = Q(**{f"{trait.field}__isnull": False})
    match trait.type:
        case TraitType.TEXT | TraitType.CHOICE | TraitType.PLACE:
            return there & Q(**{f"{trait.field}__gt": ""})
        case TraitType.LIST:
            return there & Q(**{f"{trait.field}__len__gt": 0})
        case TraitType.AGE:
            return there & Q(**{f"{trait.field}__gte": FIRST_KNOWN_YEAR})
    return there


def holds(condition: Condition, trait: Trait, *, at: datetime) -> Q:
    """Return whose value, read as the trait says, is known and as asked; never NULL."""
    if condition.operator == Operator.KNOWN:
        return present(trait)
    if condition.operator == Operator.NOT_KNOWN:
        return opposite(present(trait))
    test = TESTS[trait.type][condition.operator](trait.field, condition.value, at)
    if trait.if_absent is None:
        return present(trait) & test
    absent = Q(**{f"{trait.field}__isnull": True})
    # "At most 3 orders" is true of somebody without any.
    return test | absent if fits(condition, trait.if_absent) else opposite(absent) & test


def fits(condition: Condition, number: int) -> bool:
    """Say whether a number is as the condition asks."""
    value: Any = condition.value
    match condition.operator:
        case Operator.AT_LEAST:
            return number >= value
        case Operator.AT_MOST:
            return number <= value
        case Operator.EXACTLY:
            return number == value
    return value[0] <= number <= value[1]


def _lookup(name: str) -> Test:
    return lambda field, value, at: Q(**{f"{field}__{name}": value})


def _not(test: Test) -> Test:
    return lambda field, value, at: opposite(test(field, value, at))


def before(at: datetime, period: Period) -> datetime:
    """Return the instant a period earlier."""
    if period.months:
        return months_before(at, period.months, zone=_shop_zone())
    return at - timedelta(days=period.days)


def bounds(window: Window, *, at: datetime) -> tuple[datetime | None, datetime | None]:
    """Return from when on and until before when rows count; None where it is open."""
    if window.last:
        return before(at, window.last), None
    if window.ago:
        furthest, nearest = (at - timedelta(days=days) for days in window.ago)
        return furthest, nearest
    return (
        start_of(window.first) if window.first else None,
        start_of(window.until + timedelta(days=1)) if window.until else None,
    )


def resolved(condition: Condition, *, at: datetime) -> tuple[datetime | None, datetime | None]:
    """Return which time a condition came to, as ``bounds``; neither where none was asked."""
    value, today = condition.value, _today(at)
    if condition.window:
        return bounds(condition.window, at=at)
    if isinstance(value, Period):
        then = before(at, value)
        match condition.operator:
            case Operator.IN_LAST:
                return then, None
            case Operator.LONGER_AGO:
                return None, then
        first, last = _days_of(value, at)
        return start_of(first), start_of(last + timedelta(days=1))
    is_coming = condition.trait.type == TraitType.DAY and condition.operator == Operator.IN_NEXT
    if is_coming and isinstance(value, int):
        return start_of(today), start_of(today + timedelta(days=value + 1))
    return None, None


def _in_last(field: str, period: Period, at: datetime) -> Q:
    return Q(**{f"{field}__gte": before(at, period), f"{field}__lte": at})


def _longer_ago(field: str, period: Period, at: datetime) -> Q:
    return Q(**{f"{field}__lt": before(at, period)})


def _days_ago(field: str, period: Period, at: datetime) -> Q:
    return _between_days(field, _days_of(period, at), at)


def _days_of(period: Period, at: datetime) -> tuple[date, date]:
    return days_ago(_today(at), days=period.days, months=period.months)


def _in_next(field: str, days: int, at: datetime) -> Q:
    today = _today(at)
    end = start_of(today + timedelta(days=days + 1))
    return Q(**{f"{field}__gte": start_of(today), f"{field}__lt": end})


def _anniversary(field: str, days: int, at: datetime) -> Q:
    return _on_their_day(lambda today: _has_anniversary(field, days, today, at), at)


def _shops_anniversary(field: str, days: int, at: datetime) -> Q:
    return _has_anniversary(field, days, _today(at), at)


def _has_anniversary(field: str, days: int, today: date, at: datetime) -> Q:
    """A day of an earlier year, or of this one, whose like comes within so many days."""
    zone = _shop_zone()
    day_of_year = ExtractMonth(field, tzinfo=zone) * 100 + ExtractDay(field, tzinfo=zone)
    return Q(In(day_of_year, birthdays_within(today, days))) & _before(field, today, at)


def _anniversary_this_month(field: str, value: None, at: datetime) -> Q:
    return _on_their_day(lambda today: _of_earlier_years(field, today, at), at)


def _shops_anniversary_this_month(field: str, value: None, at: datetime) -> Q:
    return _of_earlier_years(field, _today(at), at)


def _of_earlier_years(field: str, today: date, at: datetime) -> Q:
    return _in_month(field, today.month, at) & _before(field, today.replace(day=1), at)


def _in_month(field: str, month: int, at: datetime) -> Q:
    return Q(Exact(ExtractMonth(field, tzinfo=_shop_zone()), month))


def _on_day(field: str, day: str, at: datetime) -> Q:
    zone = _shop_zone()
    day_of_year = ExtractMonth(field, tzinfo=zone) * 100 + ExtractDay(field, tzinfo=zone)
    return Q(Exact(day_of_year, int(day.replace("-", ""))))


def _before(field: str, day: date, at: datetime) -> Q:
    return Q(**{f"{field}__lt": start_of(day)})


def _since(field: str, day: date, at: datetime) -> Q:
    return Q(**{f"{field}__gte": start_of(day)})


def _between_days(field: str, days: Sequence[date], at: datetime) -> Q:
    first, last = days
    end = start_of(last + timedelta(days=1))
    return Q(**{f"{field}__gte": start_of(first), f"{field}__lt": end})


def _at_least_years(field: str, years: int, at: datetime) -> Q:
    return _aged(field, at, least=years)


def _at_most_years(field: str, years: int, at: datetime) -> Q:
    return _aged(field, at, most=years)


def _between_years(field: str, years: Sequence[int], at: datetime) -> Q:
    first, last = years
    return _aged(field, at, least=first, most=last)


def _aged(field: str, at: datetime, *, least: int | None = None, most: int | None = None) -> Q:
    """Ask by the day that it is where the customer is.

    Whoever fits on each day that it is anywhere is found by a plain comparison; where they are
    is asked only of those who have their birthday about now.
    """

    def born(day: date) -> tuple[date, date]:
        after = date.min if most is None else years_before(day, most + 1)
        return after, date.max if least is None else years_before(day, least)

    days = {_today(at), *_days_elsewhere(at)}
    (first_after, first_until), (last_after, last_until) = born(min(days)), born(max(days))
    in_doubt = _born(field, first_after, last_after) | _born(field, first_until, last_until)
    theirs = _on_their_day(lambda today: _born(field, *born(today)), at)
    return _born(field, last_after, first_until) | in_doubt & theirs


def _born(field: str, after: date, until: date) -> Q:
    return Q(**{f"{field}__gt": after, f"{field}__lte": until})


def _birthday_in_next(field: str, days: int, at: datetime) -> Q:
    return _on_their_day(lambda today: _born_on(field, birthdays_within(today, days)), at)


def _birthday_in_days(field: str, days: int, at: datetime) -> Q:
    distance = timedelta(days=days)
    return _on_their_day(lambda today: _born_on(field, birthdays_within(today + distance, 0)), at)


def _birthday_this_month(field: str, value: None, at: datetime) -> Q:
    return _on_their_day(lambda today: _birthday_in_month(field, today.month, at), at)


def _birthday_in_month(field: str, month: int, at: datetime) -> Q:
    return Q(Exact(ExtractMonth(field), month))


def _birthday_on_day(field: str, day: str, at: datetime) -> Q:
    return _born_on(field, [int(day.replace("-", ""))])


def _born_on(field: str, days_of_year: list[int]) -> Q:
    return Q(In(ExtractMonth(field) * 100 + ExtractDay(field), days_of_year))


def _on_their_day(test: Callable[[date], Q], at: datetime) -> Q:
    """Ask by the day that it is where the customer is; the shop's, where nobody knows."""
    others = _days_elsewhere(at)
    elsewhere = [name for names in others.values() for name in names]
    asked = opposite(Q(timezone__in=elsewhere)) & test(_today(at))
    for day, names in others.items():
        asked |= Q(timezone__in=names) & test(day)
    return asked


def _days_elsewhere(at: datetime) -> Mapping[date, tuple[str, ...]]:
    return zones_on_other_days(at.replace(second=0, microsecond=0), zone=_shop_zone())


def _near(field: str, around: Around, at: datetime) -> Q:
    """Ask by the names of all cities that lie so near, as people may have written them."""
    city = Plain(Lower(Trim(field)))
    found = Q(pk__isnull=True)
    for country, names in cities_within(around.center, around.km) if around.center else ():
        found |= Q(country=country) & Q(In(city, names))
    return found


def _share(field: str, ends: Sequence[Any], at: datetime) -> Q:
    first, last = ends
    return Q(**{f"{field}__gte": first, f"{field}__lt": last})


def _shop_zone() -> ZoneInfo:
    return ZoneInfo(settings.SHOP_TIME_ZONE)


def _today(at: datetime) -> date:
    """Return the day it is in the shop."""
    return at.astimezone(_shop_zone()).date()


def start_of(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=_shop_zone())


EXACT: dict[Operator, Test] = {
    Operator.IS: _lookup("exact"),
    Operator.IS_NOT: _not(_lookup("exact")),
    Operator.ONE_OF: _lookup("in"),
    Operator.NONE_OF: _not(_lookup("in")),
}
NUMERIC: dict[Operator, Test] = {
    Operator.AT_LEAST: _lookup("gte"),
    Operator.AT_MOST: _lookup("lte"),
    Operator.EXACTLY: _lookup("exact"),
    Operator.BETWEEN: _lookup("range"),
}
MOMENTS: dict[Operator, Test] = {
    Operator.IN_LAST: _in_last,
    Operator.LONGER_AGO: _longer_ago,
    Operator.DAYS_AGO: _days_ago,
    Operator.BEFORE: _before,
    Operator.SINCE: _since,
    Operator.BETWEEN: _between_days,
    Operator.ANNIVERSARY: _anniversary,
    Operator.THIS_MONTH: _anniversary_this_month,
    Operator.IN_MONTH: _in_month,
    Operator.ON_DAY: _on_day,
}
OF_TIME = {TraitType.MOMENT, TraitType.DAY}
TESTS: dict[TraitType, dict[Operator, Test]] = {
    TraitType.TEXT: {
        **EXACT,
        Operator.CONTAINS: _lookup("icontains"),
        Operator.NOT_CONTAINS: _not(_lookup("icontains")),
        Operator.STARTS_WITH: _lookup("istartswith"),
        Operator.ENDS_WITH: _lookup("iendswith"),
    },
    TraitType.CHOICE: EXACT,
    TraitType.NUMBER: NUMERIC,
    TraitType.MONEY: NUMERIC,
    TraitType.AGE: {
        Operator.AT_LEAST: _at_least_years,
        Operator.AT_MOST: _at_most_years,
        Operator.EXACTLY: lambda field, years, at: _between_years(field, (years, years), at),
        Operator.BETWEEN: _between_years,
    },
    TraitType.MOMENT: MOMENTS,
    TraitType.DAY: {**MOMENTS, Operator.IN_NEXT: _in_next},
    TraitType.BIRTHDAY: {
        Operator.IN_NEXT: _birthday_in_next,
        Operator.IN_DAYS: _birthday_in_days,
        Operator.THIS_MONTH: _birthday_this_month,
        Operator.IN_MONTH: _birthday_in_month,
        Operator.ON_DAY: _birthday_on_day,
    },
    TraitType.YES_NO: {
        Operator.YES: lambda field, value, at: Q(**{field: True}),
        Operator.NO: lambda field, value, at: Q(**{field: False}),
    },
    TraitType.LIST: {
        Operator.ANY_OF: _lookup("overlap"),
        Operator.ALL_OF: _lookup("contains"),
        Operator.WITHOUT: _not(_lookup("overlap")),
    },
    TraitType.SHARE: {Operator.BETWEEN: _share},
    TraitType.PLACE: {Operator.NEAR: _near, Operator.FAR: _not(_near)},
}
# A row has no time zone: its days are the shop's.
BY_THE_SHOPS_DAY: dict[Operator, Test] = {
    Operator.ANNIVERSARY: _shops_anniversary,
    Operator.THIS_MONTH: _shops_anniversary_this_month,
}
TESTS_OF_ROWS: dict[TraitType, dict[Operator, Test]] = {
    of: tests | (BY_THE_SHOPS_DAY if of in OF_TIME else {}) for of, tests in TESTS.items()
}
