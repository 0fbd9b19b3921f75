"""What people decided about who is in a segment."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from customers.models import Customer
from segments.models import Handpick, Membership, Segment


@dataclass(frozen=True)
class Standing:
    """How a customer stands in a segment: in or not, and what somebody decided about them."""

    customer: Customer
    stay: Membership | None
    handpick: Handpick | None


def standings(segment: Segment, customers: Iterable[Customer]) -> list[Standing]:
    """Return how each of these customers stands; two queries."""
    people = list(customers)
    stays = {
        stay.customer_id: stay
        for stay in segment.memberships.filter(customer__in=people, left_at=None)
    }
    decided = _shown(segment.handpicks.standing().filter(customer__in=people))
    picks = {pick.customer_id: pick for pick in decided}
    return [Standing(one, stays.get(one.pk), picks.get(one.pk)) for one in people]


def decisions(segment: Segment) -> QuerySet[Handpick]:
    """Return what was decided about people whom we still know, the latest first."""
    known = segment.handpicks.filter(customer__erased_at=None, customer__merged_into=None)
    return _shown(known).order_by("-pk")


def _shown(picks: QuerySet[Handpick]) -> QuerySet[Handpick]:
    return picks.select_related("customer", "by", "api_key")
