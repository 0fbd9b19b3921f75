"""How many of an audience may be reached, and how many are lost to each first reason."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypedDict, Unpack

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When

from consent.enums import Channel, Verdict
from consent.models import Purpose
from consent.queries.predicate import (
    ADDRESS_OF,
    Objection,
    nothing_against,
    objections,
    with_permission,
)
from customers.enums import Category
from customers.models import Customer

# For whom another channel may be the remedy. Whoever said no, or whose address is blocked, is
# left alone: they are not to be followed to their phone.
MAY_SWITCH = {Verdict.NO_ADDRESS, Verdict.NO_PERMISSION}


class Question(TypedDict):
    """What is asked of everybody of an audience."""

    purpose: Purpose
    channel: Channel
    using: Collection[Category]
    at: datetime


@dataclass(frozen=True)
class Loss:
    """How many people are lost to one first reason.

    ``verdict`` is the predicate's or, after it, one that the caller named; ``category`` says
    about which data it is. Of these people, ``elsewhere`` counts whom another channel may reach,
    and ``without_data`` whom this one may as soon as the data are left out: see ``with_remedies``.
    """

    verdict: str
    people: int
    category: Category | None = None
    elsewhere: Mapping[Channel, int] = field(default_factory=dict)
    without_data: int = 0


@dataclass(frozen=True)
class Reach:
    """What becomes of an audience: ``allowed`` and the losses, in the order of the predicate."""

    allowed: int
    losses: tuple[Loss, ...]

    @property
    def total(self) -> int:
        return self.allowed + self.held_back

    @property
    def held_back(self) -> int:
        return sum(loss.people for loss in self.losses)


def funnel(
    customers: QuerySet[Customer],
    *,
    further: Sequence[tuple[str, Q]] = (),
    **question: Unpack[Question],
) -> Reach:
    """Count an audience by the first reason why not, in one query that asks each person once.

    ``further`` are reasons of the caller's own, asked of those whom permission lets through.
    """
    among = _objections(question)
    reasons = [(it.verdict.value, it.category, it.holds) for it in among]
    reasons += [(name, None, holds) for name, holds in further]
    first = _first([holds for _name, _category, holds in reasons])
    judged: QuerySet[Any, Any] = with_permission(customers, purpose=question["purpose"]).annotate(
        first=first
    )
    people: dict[int, int] = dict(judged.order_by().values_list("first").annotate(Count("pk")))
    return Reach(
        allowed=people.get(len(reasons), 0),
        losses=tuple(
            Loss(name, people[n], category)
            for n, (name, category, _holds) in enumerate(reasons)
            if n in people
        ),
    )


def with_remedies(
    reach: Reach, customers: QuerySet[Customer], **question: Unpack[Question]
) -> Reach:
    """Count, of those lost, whom another channel or less data would reach; one query more."""
    among = _objections(question)
    counts = _counts(reach, question)
    helped = [n for n, objection in enumerate(among) if _may_help(objection, reach)]
    if not counts or not helped:
        return reach
    lost: QuerySet[Any, Any] = (
        with_permission(customers, purpose=question["purpose"])
        .annotate(first=_first([objection.holds for objection in among]))
        .filter(first__in=helped)
        .order_by()
        .values("first")
        .annotate(**counts)
    )
    found = {(among[row["first"]].verdict, among[row["first"]].category): row for row in lost}
    return replace(reach, losses=tuple(_helped(loss, found) for loss in reach.losses))


def _first(reasons: Sequence[Q]) -> Case:
    return Case(
        *(When(holds, then=Value(n)) for n, holds in enumerate(reasons)),
        default=Value(len(reasons)),
        output_field=IntegerField(),
    )


def _may_help(objection: Objection, reach: Reach) -> bool:
    can_be_helped = objection.verdict in {*MAY_SWITCH, Verdict.DATA_NOT_ASKED}
    lost = {(loss.verdict, loss.category) for loss in reach.losses}
    return can_be_helped and (objection.verdict.value, objection.category) in lost


def _counts(reach: Reach, question: Question) -> dict[str, Count]:
    """Return what to count of the lost: ``on_…`` by channel, ``without_…`` by kind of data."""
    counts: dict[str, Count] = {}
    if any(loss.verdict in MAY_SWITCH for loss in reach.losses):
        for other in ADDRESS_OF.keys() - {question["channel"]}:
            counts[f"on_{other.value}"] = _reachable({**question, "channel": other})
    for loss in reach.losses:
        if loss.verdict == Verdict.DATA_NOT_ASKED and loss.category:
            fewer = set(question["using"]) - {loss.category}
            counts[f"without_{loss.category.value}"] = _reachable({**question, "using": fewer})
    return counts


def _reachable(question: Question) -> Count:
    return Count("pk", filter=nothing_against(_objections(question)))


def _objections(question: Question) -> list[Objection]:
    return objections(
        question["purpose"], question["channel"], question["using"], at=question["at"]
    )


def _helped(loss: Loss, found: Mapping[Any, Mapping[str, int]]) -> Loss:
    row = found.get((loss.verdict, loss.category), {})
    if loss.verdict == Verdict.DATA_NOT_ASKED and loss.category:
        return replace(loss, without_data=row.get(f"without_{loss.category.value}", 0))
    if loss.verdict not in MAY_SWITCH:
        return loss
    # As the channels are declared: the same order for everybody.
    elsewhere = {other: row.get(f"on_{other.value}", 0) for other in Channel}
    return replace(loss, elsewhere={other: n for other, n in elsewhere.items() if n})
