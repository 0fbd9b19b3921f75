"""What this app holds about people, and what becomes of it when two records are one person."""

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _

from campaigns.models import Apology, Click, Message, OfferUse, Redemption, RedemptionLine, Voucher
from campaigns.operations.merges import join, part
from campaigns.queries.vouchers import shared_uses
from customers.enums import Category
from customers.models import Customer
from customers.rules.merging import Holding, MergePart, Merging

HOLDINGS = [
    # In the order in which a redemption locks them.
    Holding(Redemption, Category.PURCHASE),
    Holding(
        RedemptionLine,
        Category.PURCHASE,
        person="redemption__customer",
        merging=Merging.FOLLOWS,
    ),
    Holding(Voucher, Category.PURCHASE),
    Holding(OfferUse, Category.PURCHASE, merging=Merging.REWRITTEN),
    Holding(Apology, Category.CONTACT),
    # Both records may have been in one audience: each keeps the verdict on it.
    Holding(Message, Category.CONTACT, once=("campaign", "channel")),
    Holding(Click, Category.BROWSING, person="message__customer", merging=Merging.FOLLOWS),
]


def _foresee(survivor: Customer, loser: Customer, at: datetime) -> Iterator[str]:
    for offer, used, other, limit in shared_uses(survivor, loser):
        yield _("“%(offer)s”: used %(used)s and %(other)s times, of %(limit)s per customer.") % {
            "offer": offer,
            "used": used,
            "other": other,
            "limit": limit,
        }


MERGE_PARTS = [MergePart(foresee=_foresee, join=join, part=part)]
