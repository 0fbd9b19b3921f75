"""What this app holds about people; what a merge and an erasure make of it."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from campaigns.models import (
    Apology,
    Click,
    Feedback,
    Message,
    OfferUse,
    Redemption,
    RedemptionLine,
    Voucher,
)
from campaigns.operations.erasing import let_go, open_vouchers
from campaigns.operations.merges import join, part
from campaigns.queries.vouchers import shared_uses
from common.templatetags.clientela import whole
from customers.enums import Category
from customers.models import Customer
from customers.rules.erasing import ErasePart, blanked, kept
from customers.rules.merging import Holding, MergePart, Merging
from customers.rules.package import DECISIONS, SHARING, Item, PackagePart

REDEEMED = _("What a redemption took off an order stays in the shop's books.")
SENT = _("That there was a message, and what came of it, is kept: results still add up.")

HOLDINGS = [
    # In the order in which a redemption locks them.
    Holding(Redemption, Category.PURCHASE, kept(REDEEMED)),
    Holding(
        RedemptionLine,
        Category.PURCHASE,
        kept(REDEEMED),
        person="redemption__customer",
        merging=Merging.FOLLOWS,
    ),
    Holding(
        Voucher,
        Category.PURCHASE,
        kept(_("Vouchers are voided and their codes forgotten; what was issued is kept.")),
    ),
    Holding(
        OfferUse,
        Category.PURCHASE,
        kept(_("The counters of offers go on agreeing with the redemptions.")),
        merging=Merging.REWRITTEN,
    ),
    Holding(
        Apology,
        Category.CONTACT,
        blanked("explanation", because=_("Amounts and who gave them are kept for the books.")),
    ),
    # Both records may have been in one audience: each keeps the verdict on it.
    Holding(
        Message,
        Category.CONTACT,
        blanked("error", because=SENT),
        once=("campaign", "channel"),
    ),
    Holding(
        Feedback,
        Category.CONTACT,
        kept(SENT),
        person="message__customer",
        merging=Merging.FOLLOWS,
    ),
    Holding(
        Click,
        Category.BROWSING,
        kept(SENT),
        person="message__customer",
        merging=Merging.FOLLOWS,
    ),
]


def _foresee(survivor: Customer, loser: Customer, at: datetime) -> Iterator[str]:
    for offer, used, other, limit in shared_uses(survivor, loser):
        yield gettext(
            "“%(offer)s”: used %(used)s and %(other)s times, of %(limit)s per customer."
        ) % {
            "offer": offer,
            "used": used,
            "other": other,
            "limit": limit,
        }


MERGE_PARTS = [MergePart(foresee=_foresee, join=join, part=part)]


def _foresee_leaving(people: Sequence[Customer], at: datetime) -> Iterator[str]:
    if count := open_vouchers(people).count():
        yield ngettext(
            "%(count)s voucher is worth nothing any more.",
            "%(count)s vouchers are worth nothing any more.",
            count,
        ) % {"count": whole(count)}


ERASE_PARTS = [ErasePart(foresee=_foresee_leaving, erase=let_go)]


def _decisions(people: Collection[int], at: datetime) -> Iterator[Item]:
    """Return which campaigns judged the person, by which rule, and how that ended."""
    judged = Message.objects.filter(customer__in=people).select_related("campaign__purpose")
    for message in judged.order_by("pk"):
        campaign = message.campaign
        yield {
            "decision": "campaign",
            "name": campaign.name,
            "purpose": str(campaign.purpose or ""),
            "rule": campaign.rule_in_words.get(get_language() or "") or campaign.rule_in_words,
            "outcome": message.get_outcome_display(),
            "at": message.decided_at,
        }


def _carried(people: Collection[int], at: datetime) -> Iterator[Item]:
    """Return which messages a carrier was given, with the address."""
    sent = Message.objects.filter(customer__in=people).exclude(sent_at=None)
    for message in sent.select_related("campaign").order_by("pk"):
        yield {
            "recipient": gettext("carrier of messages"),
            "how": message.get_channel_display(),
            "what": message.campaign.name,
            "at": message.sent_at,
        }


PACKAGE_PARTS = [
    PackagePart(
        DECISIONS, _("what was decided about you by rules, and by which"), _decisions, Message
    ),
    PackagePart(SHARING, _("who was told what about you, and when"), _carried, Message),
]
