"""When time alone may change an answer: a window that somebody falls out of, a day that begins.

An instant may come too early, and the answer then stays as it was; it never comes too late.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TypeAlias

from django.conf import settings
from django.db.models import (
    Case,
    DateTimeField,
    Expression,
    ExpressionWrapper,
    F,
    Func,
    Min,
    OuterRef,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Least
from django.db.models.lookups import GreaterThan, GreaterThanOrEqual

from segments.compiler.conditions import Compiler, rows_of, with_details
from segments.compiler.values import before, bounds
from segments.enums import Operator, TraitType
from segments.rules import Condition, Period, Rule, Window

Moment: TypeAlias = Expression | F | Subquery
A_DAY = timedelta(days=1)
# Months differ by three days at most; and the 31st of a short month is its last day.
UNSURE = timedelta(days=4)
# Nobody waits for it, and a day later the calendar of Python is over.
THE_END = datetime(9999, 12, 30, tzinfo=UTC)
BY_THE_DAY = {
    Operator.IN_NEXT,
    Operator.IN_DAYS,
    Operator.DAYS_AGO,
    Operator.ANNIVERSARY,
    Operator.THIS_MONTH,
}
AT_ONCE = Period()
ROLLING = {Operator.IN_LAST, Operator.LONGER_AGO}


@dataclass(frozen=True)
class Flip:
    """Instants: a ``period`` after a moment of the customer, or of each of the ``rows``."""

    moment: str
    period: Period = AT_ONCE
    rows: QuerySet | None = None


def changes_daily(condition: Condition) -> bool:
    """Say whether the answer may change when a day begins, where the customer is or the shop."""
    if condition.trait.type == TraitType.AGE:
        return not condition.operator.startswith(("known", "not_known"))
    compared = {one.operator for asked in condition.asked for one in asked.where}
    return bool({condition.operator, *compared} & BY_THE_DAY)


def goes_by_their_day(condition: Condition) -> bool:
    """Say whether days begin where the customer is; else they are the shop's."""
    if condition.trait.type in {TraitType.AGE, TraitType.BIRTHDAY}:
        return True
    is_anniversary = condition.operator in {Operator.ANNIVERSARY, Operator.THIS_MONTH}
    return is_anniversary and condition.trait.rows is None


def turns(condition: Condition) -> Iterator[date]:
    """Return the days of the shop on which a window of the condition begins, or is over."""
    for window in (asked.window for asked in condition.asked if asked.window):
        if window.first:
            yield window.first
        if window.until:
            yield window.until + A_DAY


def next_flip(condition: Condition, compiler: Compiler) -> Moment | None:
    """Return the next instant after the compiler's at which time alone may change the answer.

    NULL where it may not; None when that is so of everybody. Of ``changes_daily`` nothing is said.
    """
    found = [_first_of(flip, at=compiler.at) for flip in flips(condition, compiler)]
    found += [Value(end, DateTimeField()) for end in _ends(condition, at=compiler.at)]
    if not found:
        return None
    return found[0] if len(found) == 1 else Least(*found, output_field=DateTimeField())


def flips(condition: Condition, compiler: Compiler) -> Iterator[Flip]:
    """Return all that may change the answer, but for days that begin."""
    trait, value = compiler.seen_as(condition.trait), condition.value
    if trait.rows is None or (trait.field and condition.window is None):
        if isinstance(value, Period) and condition.operator in ROLLING:
            yield Flip(trait.field, value)
            yield Flip(trait.field)
        return
    for asked in condition.asked:
        yield from _flips_of_rows(asked, at=compiler.at)


def coming(flip: Flip, rule: Rule, compiler: Compiler, *, until: datetime) -> QuerySet:
    """Return ``customer_id`` and the first of the flip's instants from now on, up to ``until``.

    Of the rule's customers, of whom the compiler asks.
    """
    at = compiler.at
    earliest, latest = before(at, flip.period), before(until, flip.period)
    if flip.period.months:
        earliest, latest = earliest - UNSURE, latest + A_DAY
    near = {f"{flip.moment}__gte": earliest, f"{flip.moment}__lte": latest}
    if flip.rows is None:
        first = _from(at, _later(F(flip.moment), flip.period))
        people = compiler.customers(rule).filter(**near)
        return people.annotate(flips_at=first).values_list("pk", "flips_at")
    first = _from(at, _later(Min(flip.moment), flip.period))
    theirs = flip.rows.filter(customer__isnull=False, **near)
    if compiler.among is not None:
        theirs = theirs.filter(customer__in=compiler.among)
    found = theirs.order_by().values("customer")
    return found.annotate(flips_at=first).values_list("customer", "flips_at")


def _first_of(flip: Flip, *, at: datetime) -> Expression:
    if flip.rows is None:
        return _after(F(flip.moment), flip.period, at=at)
    earliest = before(at, flip.period)
    if flip.period.months:
        earliest -= UNSURE
    since = "gt" if flip.period == AT_ONCE else "gte"
    found = flip.rows.filter(**{f"{flip.moment}__{since}": earliest}, customer=OuterRef("pk"))
    first = found.order_by().values("customer").annotate(first=Min(flip.moment))
    return _after(Subquery(first.values("first")), flip.period, at=at)


def _flips_of_rows(asked: Condition, *, at: datetime) -> Iterator[Flip]:
    rows = rows_of(asked)
    found = with_details(asked, rows.found(at))
    compared = [(one.detail, one.operator, one.value) for one in asked.where]
    if asked.measured:
        compared.append((asked.measured.detail, asked.operator, asked.value))
    for detail, operator, value in compared:
        if isinstance(value, Period) and operator in ROLLING:
            yield Flip(detail.field, value, found)
            yield Flip(detail.field, AT_ONCE, found)
    if rows.ends:
        yield Flip(rows.ends, AT_ONCE, found)
    if not rows.moment:
        return
    yield Flip(rows.moment, AT_ONCE, found)
    if asked.window:
        yield from (Flip(rows.moment, period, found) for period in _periods(asked.window))
    if asked.then and asked.then.condition.operator == Operator.DID_NOT:
        yield Flip(rows.moment, asked.then.within, found)


def _periods(window: Window) -> Iterator[Period]:
    if window.last:
        yield window.last
    for days in window.ago or ():
        if days:
            yield Period(days=days)


def _ends(condition: Condition, *, at: datetime) -> Iterator[datetime]:
    for asked in condition.asked:
        window = asked.window
        if window and (window.first or window.until):
            yield from (end for end in bounds(window, at=at) if end and end > at)


def _after(moment: Moment, period: Period, *, at: datetime) -> Expression:
    """Return the instant a period after the moment, if that is to come.

    Until the very instant a window still holds, so that it may be now. What Python cannot tell
    any more never comes.
    """
    later = _later(moment, period)
    to_come = GreaterThan if period == AT_ONCE else GreaterThanOrEqual
    never = When(GreaterThan(later, THE_END), then=Value(None, DateTimeField()))
    flipping = [never, When(to_come(later, at), then=later)]
    if period.months:
        close = Value(at - UNSURE, DateTimeField())
        flipping.append(When(GreaterThan(later, close), then=_tomorrow(at)))
    return Case(*flipping, output_field=DateTimeField())


def _from(at: datetime, later: Expression) -> Expression:
    """Return the instant; tomorrow for one that only just is over, and may not be quite."""
    return Case(When(GreaterThanOrEqual(later, at), then=later), default=_tomorrow(at))


def _tomorrow(at: datetime) -> Value:
    # The 31st of a short month is its last day: until then it is asked every day.
    return Value(at + A_DAY, DateTimeField())


def _later(moment: Moment, period: Period) -> Expression:
    if not period.months:
        days = timedelta(days=period.days)
        return ExpressionWrapper(moment + days, output_field=DateTimeField())
    local = Func(Value(settings.SHOP_TIME_ZONE), moment, function="timezone")
    months = Func(Value(period.months), template="make_interval(months => %(expressions)s)")
    return Func(
        Value(settings.SHOP_TIME_ZONE),
        ExpressionWrapper(local + months, output_field=DateTimeField()),
        function="timezone",
        output_field=DateTimeField(),
    )
