"""What a segment's rule may ask about offers and messages."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import F, Func, Q, QuerySet, TextField, Value
from django.db.models.functions import Coalesce
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns.enums import RedemptionState
from campaigns.models import Redemption, Voucher
from campaigns.queries.offers import campaign_names, offer_names
from customers.enums import Category
from customers.models import Event
from segments.enums import TraitType
from segments.rules import Detail, Rows, Trait

OFFERS = _("Offers")
MESSAGES = _("Messages")
SENT = ("campaigns.message_sent", "campaigns.campaign_received")
# Whoever follows a link has the message open.
OPENED = ("campaigns.message_opened", "campaigns.link_followed")
FOLLOWED = ("campaigns.link_followed",)


def of_offers(names: Collection[str]) -> Q:
    return Q(offer__name__in=names)


def _redemptions(at: datetime) -> QuerySet[Redemption]:
    return Redemption.objects.filter(state=RedemptionState.REDEEMED)


def _held(at: datetime) -> QuerySet[Voucher]:
    """Return the vouchers that their holders can still use."""
    unused = Voucher.objects.filter(voided_at=None, use_count__lt=F("use_limit"))
    return unused.filter(customer__isnull=False, valid_until__gt=at)


OFFER = Detail(_("Offer"), keeps=of_offers, suggest=offer_names)
# The name of a campaign as it was then, here or in another system.
CAMPAIGN = Detail(
    _("Campaign"),
    field="campaign_told",
    reads=Coalesce(
        *(
            Func(
                F("data"),
                Value(key),
                function="jsonb_extract_path_text",
                output_field=TextField(),
            )
            for key in ("campaign_name", "campaign")
        ),
        Value(""),
        output_field=TextField(),
    ),
    suggest=campaign_names,
)


def _told(kinds: Collection[str], code: str, label: str | Promise, category: Category) -> Trait:
    """Return a trait of the messages that the timeline tells of by these kinds."""

    def found(at: datetime) -> QuerySet[Event]:
        return Event.objects.filter(kind__in=kinds, customer__isnull=False)

    return Trait(
        code=code,
        label=label,
        group=MESSAGES,
        type=TraitType.TIMES,
        category=category,
        rows=Rows(
            found=found, moment="occurred_at", label=_("messages"), details={"campaign": CAMPAIGN}
        ),
    )


TRAITS = [
    Trait(
        code="campaigns.redeemed",
        label=_("Redeemed a voucher"),
        group=OFFERS,
        type=TraitType.TIMES,
        category=Category.PURCHASE,
        rows=Rows(
            found=_redemptions,
            moment="redeemed_at",
            label=_("redemptions"),
            details={
                "offer": OFFER,
                "discount": Detail(_("Discount"), TraitType.MONEY, field="discount"),
            },
        ),
    ),
    Trait(
        code="campaigns.holds_voucher",
        label=_("Holds an unused voucher"),
        group=OFFERS,
        type=TraitType.TIMES,
        category=Category.PURCHASE,
        rows=Rows(
            found=_held,
            moment="issued_at",
            ends="valid_until",
            label=_("vouchers"),
            details={
                "offer": OFFER,
                "ends": Detail(_("Valid until"), TraitType.DAY, field="valid_until"),
            },
        ),
    ),
    # These kinds of events, with what the timeline tells of them.
    _told(SENT, "events.campaigns.message_sent", _("Received a message"), Category.CONTACT),
    _told(OPENED, "events.campaigns.message_opened", _("Opened a message"), Category.BROWSING),
    _told(FOLLOWED, "events.campaigns.link_followed", _("Followed a link"), Category.BROWSING),
]
