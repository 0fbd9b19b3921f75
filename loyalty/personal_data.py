"""What this app holds about people; what a merge and an erasure make of it."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from common.templatetags.clientela import whole
from customers.enums import Category
from customers.models import Customer
from customers.rules.erasing import ErasePart, blanked, kept
from customers.rules.merging import Holding, MergePart, Merging
from loyalty.models import Account, Draw, Entry, Lot, Member, OrderPoints, Transaction
from loyalty.operations.erasing import let_points_go, points_left
from loyalty.operations.merges import join, part
from loyalty.queries import balance

LEDGER = _("The ledger is kept whole: points left are let go by an entry of their own.")

HOLDINGS = [
    Holding(Member, Category.PURCHASE, kept(LEDGER), merging=Merging.REWRITTEN),
    Holding(
        Account,
        Category.PURCHASE,
        kept(LEDGER),
        person="member__customer",
        merging=Merging.REWRITTEN,
    ),
    Holding(
        Transaction,
        Category.PURCHASE,
        blanked("note", because=LEDGER, written_once=True),
        person="member__customer",
        merging=Merging.REWRITTEN,
    ),
    Holding(
        Entry,
        Category.PURCHASE,
        kept(LEDGER),
        person="account__member__customer",
        merging=Merging.REWRITTEN,
    ),
    Holding(
        Lot,
        Category.PURCHASE,
        kept(LEDGER),
        person="member__customer",
        merging=Merging.REWRITTEN,
    ),
    Holding(
        OrderPoints,
        Category.PURCHASE,
        kept(LEDGER),
        person="order__customer",
        merging=Merging.FOLLOWS,
    ),
    Holding(
        Draw,
        Category.PURCHASE,
        kept(LEDGER),
        person="lot__member__customer",
        merging=Merging.FOLLOWS,
    ),
]


def _foresee(survivor: Customer, loser: Customer, at: datetime) -> Iterator[str]:
    found = Member.objects.filter(customer__in=(survivor, loser)).select_related("tier")
    members = {member.customer_id: member for member in found}
    if loser.pk not in members:
        return
    mine, theirs = (
        balance(members[it.pk], at=at) if it.pk in members else 0 for it in (survivor, loser)
    )
    yield gettext("Points: %(mine)s and %(theirs)s make %(together)s.") % {
        "mine": whole(mine),
        "theirs": whole(theirs),
        "together": whole(mine + theirs),
    }
    tiers = [member.tier for member in members.values() if member.tier]
    if tiers:
        highest = max(tiers, key=lambda tier: tier.minimum_spend)
        yield gettext("Tier: %(tier)s, or a higher one that both reach together.") % {
            "tier": highest
        }


MERGE_PARTS = [MergePart(foresee=_foresee, join=join, part=part)]


def _foresee_leaving(people: Sequence[Customer], at: datetime) -> Iterator[str]:
    if points := points_left(people):
        yield ngettext("%(points)s point is let go.", "%(points)s points are let go.", points) % {
            "points": whole(points)
        }


ERASE_PARTS = [ErasePart(foresee=_foresee_leaving, erase=let_points_go)]
