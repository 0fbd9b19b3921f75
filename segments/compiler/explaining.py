"""Why somebody is in a segment, or is not: every condition with its answer and what we saw."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.postgres.aggregates import ArrayAgg
from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    Case,
    Count,
    DateTimeField,
    DecimalField,
    Expression,
    F,
    Max,
    OuterRef,
    QuerySet,
    Subquery,
    Sum,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from consent.models import Purpose
from customers.models import Customer
from segments.compiler.conditions import AGGREGATES, Compiler, rows_of
from segments.compiler.counting import column
from segments.compiler.days import day_that_changes, zone_of
from segments.compiler.flips import changes_daily, next_flip
from segments.compiler.values import resolved
from segments.enums import Answer, Combination, Measure
from segments.models import Membership
from segments.rules import Condition, Group, Measured, Node, Rule

# Of conditions that change one after the other before the whole does.
MOST_FLIPS = 5
AN_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Seen:
    """What we looked at: the value, or how many rows and the last of them."""

    value: Any = None
    count: int | None = None
    last: datetime | None = None

    @property
    def single(self) -> Any:
        """Return the one value that was compared, if there is one."""
        return self.count if self.value is None else self.value


@dataclass(frozen=True)
class Explained:
    """One part of a rule, asked of one customer.

    ``counts`` says whether it counts as a yes, a no, or, for what we may not look at, neither.
    ``seen`` is empty then. ``flips_at`` is the next instant at which time alone may change it;
    ``since`` and ``until`` are what its window came to, ``today`` is the day where they are.
    """

    node: Node
    answer: Answer
    counts: bool | None
    seen: Seen = Seen()
    flips_at: datetime | None = None
    changes_daily: bool = False
    since: datetime | None = None
    until: datetime | None = None
    today: date | None = None
    parts: tuple["Explained", ...] = ()

    def __iter__(self) -> Iterator["Explained"]:
        yield self
        for part in self.parts:
            yield from part


@dataclass(frozen=True)
class Change:
    """What the whole rule comes to from ``at`` on."""

    at: datetime
    counts: bool | None


def explain(rule: Rule, customer: Customer, *, purpose: Purpose, at: datetime) -> Explained:
    """Ask every condition of a rule of one customer, in one query, by the rule's own compiler."""
    compiler = Compiler(purpose=purpose, at=at, among=[customer.pk])
    asked: dict[str, Any] = {}
    for n, condition in enumerate(rule.conditions):
        asked |= _asked(n, condition, compiler)
    found = compiler.customers(rule).annotate(**asked).values(*asked).first() or {}
    numbers = {condition.pointer: n for n, condition in enumerate(rule.conditions)}
    return _explained(rule.root, found, numbers, at=compiler.at, there=zone_of(customer))


def next_change(
    rule: Rule, explained: Explained, customer: Customer, *, purpose: Purpose, at: datetime
) -> Change | None:
    """Return when time alone makes the whole rule answer otherwise, if nothing else happens.

    ``explained`` is what it came to at ``at``. An instant may come too early for a condition, so
    the rule is asked again just after each, a few times.
    """
    before = explained.counts
    for _try in range(MOST_FLIPS):
        coming = [part.flips_at for part in explained if part.flips_at and part.flips_at > at]
        if not coming:
            return None
        at = min(coming) + AN_INSTANT
        explained = explain(rule, customer, purpose=purpose, at=at)
        if explained.counts != before:
            return Change(at=min(coming), counts=explained.counts)
    return None


def _asked(n: int, condition: Condition, compiler: Compiler) -> dict[str, Expression | F]:
    allowed = compiler.free() & compiler.allowed(condition)
    asked: dict[str, Any] = {
        f"may_{n}": column(allowed),
        f"fits_{n}": column(compiler.answer(condition)),
        f"known_{n}": column(compiler.known(condition)),
        f"flips_{n}": next_flip(condition, compiler) or Value(None, DateTimeField()),
    }
    # What we may not look at does not leave the database.
    seen = _seen(condition, compiler)
    if condition.window and condition.window.since:
        other = condition.window.since
        seen["since"] = _of_theirs(compiler.found(other), Max(rows_of(other).moment))
    asked |= {
        f"{name}_{n}": Case(When(allowed, then=expression)) for name, expression in seen.items()
    }
    return asked


def _seen(condition: Condition, compiler: Compiler) -> dict[str, Any]:
    trait = condition.trait
    if trait.is_segment:
        return {"value": _segments_of(condition)}
    if trait.rows is None or (trait.field and condition.window is None):
        return {"value": F(trait.field)}
    found = compiler.found(condition)
    seen: dict[str, Any] = {"count": Coalesce(_of_theirs(found, Count("pk")), 0)}
    if moment := rows_of(condition).moment:
        seen["last"] = _of_theirs(found, Max(moment))
    if condition.trait.adds:
        added = _of_theirs(found, Sum(condition.trait.adds))
        seen["value"] = Coalesce(added, Value(0), output_field=DecimalField())
    if condition.measured:
        seen["value"] = _measured(condition.measured, found, rows_of(condition).moment)
    return seen


def _measured(measured: Measured, found: QuerySet, moment: str) -> Subquery:
    field = measured.detail.field
    if measured.measure in AGGREGATES:
        return _of_theirs(found, AGGREGATES[measured.measure](field))
    sign = "-" if measured.measure == Measure.LAST else ""
    ends = found.filter(customer=OuterRef("pk")).order_by(f"{sign}{moment}", f"{sign}pk")
    return Subquery(ends.annotate(seen=F(field)).values("seen")[:1])


def _of_theirs(found: QuerySet, aggregate: Any) -> Subquery:
    theirs = found.filter(customer=OuterRef("pk")).order_by().values("customer")
    return Subquery(theirs.annotate(seen=aggregate).values("seen"))


def _segments_of(condition: Condition) -> Subquery:
    stays = Membership.objects.standing().filter(
        customer=OuterRef("pk"), segment__in=condition.segments
    )
    names = stays.order_by().values("customer").annotate(seen=ArrayAgg("segment__name"))
    return Subquery(names.values("seen"), output_field=ArrayField(TextField()))


def _explained(
    node: Node, found: dict[str, Any], numbers: dict[str, int], *, at: datetime, there: ZoneInfo
) -> Explained:
    if isinstance(node, Condition):
        return _of_condition(node, found, numbers[node.pointer], at=at, there=there)
    parts = tuple(_explained(part, found, numbers, at=at, there=there) for part in node.parts)
    counts = _together(node, [part.counts for part in parts])
    return Explained(node, _answer(counts), counts, parts=parts)


def _of_condition(
    condition: Condition, found: dict[str, Any], n: int, *, at: datetime, there: ZoneInfo
) -> Explained:
    if not found.get(f"may_{n}"):
        return Explained(condition, Answer.REFUSED, None)
    counts = bool(found[f"fits_{n}"])
    is_known = found[f"known_{n}"]
    seen = {name: found.get(f"{name}_{n}") for name in ("value", "count", "last")}
    since, until = resolved(condition, at=at)
    value = seen["value"] if is_known else None
    return Explained(
        condition,
        _answer(counts) if is_known else Answer.UNKNOWN,
        counts,
        seen=Seen(**seen),
        flips_at=found[f"flips_{n}"] or day_that_changes(condition, value, at=at, there=there),
        changes_daily=changes_daily(condition),
        since=found.get(f"since_{n}") or since,
        until=until,
        today=at.astimezone(there).date(),
    )


def _together(group: Group, answers: list[bool | None]) -> bool | None:
    """Combine answers as SQL does: what is neither gives way to what decides."""
    if group.combination == Combination.ALL:
        return False if False in answers else None if None in answers else True
    some = True if True in answers else None if None in answers else False
    return some if group.combination == Combination.ANY or some is None else not some


def _answer(counts: bool | None) -> Answer:
    return Answer.REFUSED if counts is None else Answer.TRUE if counts else Answer.FALSE
