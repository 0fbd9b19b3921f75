"""How many of an audience may be reached, and how many are lost to each first reason."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, Count, IntegerField, QuerySet, Value, When

from consent.enums import Channel, Verdict
from consent.models import Purpose
from consent.queries.predicate import objections, with_permission
from customers.enums import Category
from customers.models import Customer


@dataclass(frozen=True)
class Loss:
    """How many people are lost to one first reason; ``category`` if it is about data."""

    verdict: Verdict
    people: int
    category: Category | None = None


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
    purpose: Purpose,
    channel: Channel,
    using: Collection[Category],
    at: datetime,
) -> Reach:
    """Count an audience by the first reason why not, in one query that asks each person once."""
    among = objections(purpose, channel, using, at=at)
    first = Case(
        *(When(objection.holds, then=Value(n)) for n, objection in enumerate(among)),
        default=Value(len(among)),
        output_field=IntegerField(),
    )
    judged: QuerySet[Any, Any] = with_permission(customers, purpose=purpose).annotate(first=first)
    people: dict[int, int] = dict(judged.order_by().values_list("first").annotate(Count("pk")))
    return Reach(
        allowed=people.get(len(among), 0),
        losses=tuple(
            Loss(objection.verdict, people[n], objection.category)
            for n, objection in enumerate(among)
            if n in people
        ),
    )
