"""What this app holds about people, and what becomes of it when two records are one person."""

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _

from common.templatetags.clientela import whole
from customers.enums import Category
from customers.models import Customer
from customers.rules.merging import Holding, MergePart, Merging
from loyalty.models import Account, Draw, Entry, Lot, Member, OrderPoints, Transaction
from loyalty.operations.merges import join, part
from loyalty.queries import balance

HOLDINGS = [
    Holding(Member, Category.PURCHASE, merging=Merging.REWRITTEN),
    Holding(Account, Category.PURCHASE, person="member__customer", merging=Merging.REWRITTEN),
    Holding(Transaction, Category.PURCHASE, person="member__customer", merging=Merging.REWRITTEN),
    Holding(
        Entry, Category.PURCHASE, person="account__member__customer", merging=Merging.REWRITTEN
    ),
    Holding(Lot, Category.PURCHASE, person="member__customer", merging=Merging.REWRITTEN),
    Holding(OrderPoints, Category.PURCHASE, person="order__customer", merging=Merging.FOLLOWS),
    Holding(Draw, Category.PURCHASE, person="lot__member__customer", merging=Merging.FOLLOWS),
]


def _foresee(survivor: Customer, loser: Customer, at: datetime) -> Iterator[str]:
    found = Member.objects.filter(customer__in=(survivor, loser)).select_related("tier")
    members = {member.customer_id: member for member in found}
    if loser.pk not in members:
        return
    mine, theirs = (
        balance(members[it.pk], at=at) if it.pk in members else 0 for it in (survivor, loser)
    )
    yield _("Points: %(mine)s and %(theirs)s make %(together)s.") % {
        "mine": whole(mine),
        "theirs": whole(theirs),
        "together": whole(mine + theirs),
    }
    tiers = [member.tier for member in members.values() if member.tier]
    if tiers:
        highest = max(tiers, key=lambda tier: tier.minimum_spend)
        yield _("Tier: %(tier)s, or a higher one that both reach together.") % {"tier": highest}


MERGE_PARTS = [MergePart(foresee=_foresee, join=join, part=part)]
