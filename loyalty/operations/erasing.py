"""Points of somebody who is erased."""

from collections.abc import Sequence

from django.db.models import Sum

from customers.models import Customer
from customers.operations.erasing import Leaving
from loyalty.enums import AccountKind, TransactionKind
from loyalty.models import Lot, Member
from loyalty.operations.ledger import Posting, lock, post


def points_left(people: Sequence[Customer]) -> int:
    lots = Lot.objects.filter(member__customer__in=people)
    return lots.aggregate(points=Sum("remaining", default=0))["points"]


def let_points_go(leaving: Leaving) -> None:
    """Book what is left as expired, and take the tier; the books go on summing to zero."""
    members = lock(leaving.ids)
    for member in members:
        lots = Lot.objects.filter(member=member, remaining__gt=0)
        if left := dict(lots.values_list("pk", "remaining")):
            # The timeline is emptied in the same act.
            post(member.programme, [_let_go(leaving, member, left)], quiet=True)
    Member.objects.filter(pk__in=[member.pk for member in members]).update(
        tier=None, tier_since=None, tier_until=None
    )


def _let_go(leaving: Leaving, member: Member, left: dict[int, int]) -> Posting:
    return Posting(
        member=member,
        kind=TransactionKind.EXPIRED,
        book=AccountKind.EXPIRED,
        points=-sum(left.values()),
        drawn=left,
        reference=f"erasure:{member.pk}",
        at=leaving.at,
    )
