"""When time alone may change an answer: a window that somebody falls out of, a day that begins.

An instant may come too early, and the answer then stays as it was; it never comes too late.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
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
from django.db.models.lookups import GreaterThan

from segments.compiler.conditions import Compiler, rows_of, with_details
from segments.compiler.values import bounds
from segments.enums import Operator, TraitType
from segments.rules import Condition, Period, Window

Moment: TypeAlias = Expression | F | Subquery
A_DAY = timedelta(days=1)
BY_THE_DAY = {
    Operator.IN_NEXT,
    Operator.IN_DAYS,
    Operator.DAYS_AGO,
    Operator.ANNIVERSARY,
    Operator.THIS_MONTH,
}


def changes_daily(condition: Condition) -> bool:
    """Say whether the answer may change when a day begins, where the customer is or the shop."""
    if condition.trait.type == TraitType.AGE:
        return not condition.operator.startswith(("known", "not_known"))
    compared = {one.operator for asked in condition.asked for one in asked.where}
    return bool({condition.operator, *compared} & BY_THE_DAY)


def next_flip(condition: Condition, compiler: Compiler) -> Moment | None:
    """Return the next instant after the compiler's at which time alone may change the answer.

    NULL where it may not; None when that is so of everybody. Of ``changes_daily`` nothing is said.
    """
    found = list(_flips(condition, compiler))
    if not found:
        return None
    return found[0] if len(found) == 1 else Least(*found, output_field=DateTimeField())


def _flips(condition: Condition, compiler: Compiler) -> Iterator[Moment]:
    trait, value = condition.trait, condition.value
    is_field = trait.rows is None or (trait.field and condition.window is None)
    if is_field:
        if isinstance(value, Period) and condition.operator != Operator.DAYS_AGO:
            yield _after(F(trait.field), value, at=compiler.at)
            yield _if_later(F(trait.field), at=compiler.at)
        return
    for asked in condition.asked:
        yield from _flips_of_rows(asked, compiler)


def _flips_of_rows(asked: Condition, compiler: Compiler) -> Iterator[Moment]:
    rows, at = rows_of(asked), compiler.at
    if not rows.moment:
        return
    coming = rows.found(at).filter(**{f"{rows.moment}__gt": at})
    yield _first(coming, rows.moment)
    if rows.ends:
        yield _first(rows.found(at), rows.ends)
    yield from _flips_of_details(asked, with_details(asked, rows.found(at)), at=at)
    if asked.window:
        yield from _flips_of_window(asked.window, rows.found(at), rows.moment, at=at)
    if asked.then and asked.then.condition.operator == Operator.DID_NOT:
        within = asked.then.within
        waiting = rows.found(at).filter(
            **{f"{rows.moment}__gt": at - timedelta(days=within.days), f"{rows.moment}__lte": at}
        )
        yield _after(_first(waiting, rows.moment), within, at=at)


def _flips_of_details(asked: Condition, found: QuerySet, *, at: datetime) -> Iterator[Moment]:
    """Return when a row that is narrowed by a time of its own comes into it, or falls out."""
    for one in asked.where:
        if isinstance(one.value, Period) and one.operator != Operator.DAYS_AGO:
            start, _end = bounds(Window(last=one.value), at=at)
            field = one.detail.field
            inside = found.filter(**{f"{field}__gte": start, f"{field}__lte": at})
            yield _after(_first(inside, field), one.value, at=at)
            yield _first(found.filter(**{f"{field}__gt": at}), field)


def _flips_of_window(
    window: Window, found: QuerySet, moment: str, *, at: datetime
) -> Iterator[Moment]:
    if window.last:
        start, _end = bounds(window, at=at)
        inside = found.filter(**{f"{moment}__gte": start, f"{moment}__lte": at})
        yield _after(_first(inside, moment), window.last, at=at)
    elif window.ago:
        furthest, nearest = window.ago
        start, end = bounds(window, at=at)
        inside = found.filter(**{f"{moment}__gte": start, f"{moment}__lt": end})
        nearer = found.filter(**{f"{moment}__gte": end, f"{moment}__lte": at})
        yield _after(_first(inside, moment), Period(days=furthest), at=at)
        yield _after(_first(nearer, moment), Period(days=nearest), at=at)
    elif not window.since:
        ends = (end for end in bounds(window, at=at) if end and end > at)
        yield from (Value(end, DateTimeField()) for end in ends)


def _first(found: QuerySet, moment: str) -> Subquery:
    theirs = found.filter(customer=OuterRef("pk")).order_by().values("customer")
    return Subquery(theirs.annotate(first=Min(moment)).values("first"))


def _after(moment: Moment, period: Period, *, at: datetime) -> Expression:
    """Return the instant a period after the moment, if that is to come."""
    if not period.months:
        days = timedelta(days=period.days)
        return _if_later(ExpressionWrapper(moment + days, output_field=DateTimeField()), at=at)
    local = Func(Value(settings.SHOP_TIME_ZONE), moment, function="timezone")
    months = Func(Value(period.months), template="make_interval(months => %(expressions)s)")
    later = Func(
        Value(settings.SHOP_TIME_ZONE),
        ExpressionWrapper(local + months, output_field=DateTimeField()),
        function="timezone",
        output_field=DateTimeField(),
    )
    # The 31st of a short month is its last day: until then it is asked every day.
    tomorrow = Value(at + A_DAY, DateTimeField())
    close = Value(at - 4 * A_DAY, DateTimeField())
    return Case(
        When(GreaterThan(later, at), then=later),
        When(GreaterThan(later, close), then=tomorrow),
        output_field=DateTimeField(),
    )


def _if_later(moment: Moment, *, at: datetime) -> Expression:
    return Case(When(GreaterThan(moment, at), then=moment), output_field=DateTimeField())
