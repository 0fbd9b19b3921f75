"""What a condition says as facts that can be set against the facts of others."""

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from segments.enums import Operator, TraitType
from segments.rules.calendar import days_ago, months_before
from segments.rules.language import Condition, Period, Then, Window
from segments.rules.spans import HIGH, LOW, Possible, after, before, between, exactly

YES, NO = exactly(True), exactly(False)
ZERO_AND_MORE = between(before(0), HIGH)
# Of these, several values are several facts.
OF_MEMBERS = {TraitType.LIST, TraitType.SEGMENT}


@dataclass(frozen=True)
class Fact:
    """That of the ``subject`` only so much is possible; ``window`` is the period it counts in."""

    subject: Hashable
    possible: Possible
    window: Window | None = None


@dataclass(frozen=True)
class Clock:
    at: datetime
    zone: ZoneInfo

    def earlier(self, period: Period) -> datetime:
        if period.months:
            return months_before(self.at, period.months, zone=self.zone)
        return self.at - timedelta(days=period.days)

    def start_of(self, day: date) -> datetime:
        return datetime.combine(day, time.min, tzinfo=self.zone)

    def days(self, first: date, last: date) -> Possible:
        return between(
            before(self.start_of(first)), before(self.start_of(last + timedelta(days=1)))
        )


def facts(condition: Condition, *, wanted: bool, clock: Clock) -> list[Fact]:
    """Return what must be so for the condition to hold or, unless ``wanted``, not to hold.

    None, where it cannot be told: what is not said here clashes with nothing.
    """
    if condition.trait.type in OF_MEMBERS and not condition.measured:
        return list(_of_members(condition, wanted=wanted))
    read = READERS.get(condition.operator)
    # Birthdays are told apart by month and day alone; moments are not.
    is_of_any_year = condition.operator in OF_ANY_YEAR
    if read is None or (is_of_any_year and condition.trait.type != TraitType.BIRTHDAY):
        return []
    possible = read(condition.value, clock) & universe(condition)
    if condition.unknown:
        possible = Possible(possible.spans, missing=True)
    if not wanted:
        possible = possible.opposite() & universe(condition)
    return [Fact(_subject(condition), possible, condition.window)]


def universe(condition: Condition) -> Possible:
    """Return everything that the answer may be."""
    trait, measured = condition.trait, condition.measured
    asked = measured.detail if measured else trait
    missing = trait.may_be_missing or measured is not None
    if asked.choices and trait.type != TraitType.SEGMENT:
        codes = exactly(*(code for code, _label in asked.choices()))
        return Possible(codes.spans, missing)
    whole = UNIVERSES.get(asked.type, Possible())
    return Possible(whole.spans, missing)


def _of_members(condition: Condition, *, wanted: bool) -> Iterator[Fact]:
    """Say of each value whether it is there; of one out of several, nothing is certain."""
    asks_for_some = condition.operator in {Operator.ANY_OF, Operator.INSIDE}
    asks_for_presence = asks_for_some or condition.operator == Operator.ALL_OF
    values = condition.value if isinstance(condition.value, tuple) else ()
    if condition.unknown or (len(values) > 1 and asks_for_some == wanted):
        return
    may_be_missing = condition.trait.may_be_missing and not wanted
    possible = Possible((YES if asks_for_presence == wanted else NO).spans, may_be_missing)
    for value in values:
        yield Fact((_subject(condition), value), possible)


def _subject(condition: Condition) -> Hashable:
    """Return what is asked about, without the period, which is told apart."""
    measured = condition.measured
    return (
        condition.trait.code,
        tuple(sorted((one.name, one.operator, str(one.value)) for one in condition.where)),
        (measured.measure, measured.name) if measured else None,
        _followed(condition.then) if condition.then else None,
    )


def _followed(then: Then) -> Hashable:
    return (_subject(then.condition), then.condition.operator, then.within)


def _between(ends: tuple[Any, Any], clock: Clock) -> Possible:
    first, last = ends
    if isinstance(first, date):
        return clock.days(first, last)
    return between(before(first), after(last))


def _day_of(period: Period, clock: Clock) -> Possible:
    today = clock.at.astimezone(clock.zone).date()
    first, last = days_ago(today, days=period.days, months=period.months)
    # Where no day is meant today, one is tomorrow: that says nothing against the rule.
    return clock.days(first, last) if first <= last else Possible()


def _month(month: int) -> Possible:
    return between(before(f"{month:02}-01"), after(f"{month:02}-31"))


READERS: Mapping[Operator, Callable[[Any, Clock], Possible]] = {
    Operator.IS: lambda value, clock: exactly(value),
    Operator.IS_NOT: lambda value, clock: _but(value),
    Operator.ONE_OF: lambda values, clock: exactly(*values),
    Operator.NONE_OF: lambda values, clock: _but(*values),
    Operator.AT_LEAST: lambda value, clock: between(before(value), HIGH),
    Operator.AT_MOST: lambda value, clock: between(LOW, after(value)),
    Operator.EXACTLY: lambda value, clock: exactly(value),
    Operator.BETWEEN: _between,
    Operator.IN_LAST: lambda period, clock: between(
        before(clock.earlier(period)), after(clock.at)
    ),
    Operator.LONGER_AGO: lambda period, clock: between(LOW, before(clock.earlier(period))),
    Operator.DAYS_AGO: _day_of,
    Operator.BEFORE: lambda day, clock: between(LOW, before(clock.start_of(day))),
    Operator.SINCE: lambda day, clock: between(before(clock.start_of(day)), HIGH),
    Operator.IN_MONTH: lambda month, clock: _month(month),
    Operator.ON_DAY: lambda day, clock: exactly(day),
    Operator.YES: lambda value, clock: YES,
    Operator.NO: lambda value, clock: NO,
    Operator.DID: lambda value, clock: between(before(1), HIGH),
    Operator.DID_NOT: lambda value, clock: exactly(0),
    Operator.KNOWN: lambda value, clock: Possible(),
    Operator.NOT_KNOWN: lambda value, clock: Possible((), missing=True),
}
OF_ANY_YEAR = {Operator.IN_MONTH, Operator.ON_DAY}
UNIVERSES: Mapping[TraitType, Possible] = {
    TraitType.TIMES: ZERO_AND_MORE,
    TraitType.AGE: ZERO_AND_MORE,
    TraitType.SHARE: between(before(0), before(100)),
    TraitType.YES_NO: exactly(False, True),
    TraitType.BIRTHDAY: between(before("01-01"), after("12-31")),
}


def _but(*values: Any) -> Possible:
    return Possible(exactly(*values).opposite().spans)
