"""What may stand in the timeline about offers and messages."""

from django.utils.translation import gettext_lazy as _

from campaigns.enums import ApologyReason
from customers.enums import Category, FieldType, Touch
from customers.rules import EventKind, KindField

SEEN = frozenset({Touch.SEEN})
# Whoever follows a link has the message open.
CLICKED = frozenset(Touch)

OFFER = KindField("offer_name", label=_("Offer"))
CAMPAIGN = KindField("campaign_name", label=_("Campaign"))
# As another system called it.
EARLIER_CAMPAIGN = KindField("campaign", label=_("Campaign"))
DISCOUNT = KindField("discount", FieldType.NUMBER, label=_("Discount"), is_money=True)
AMOUNT = KindField("amount", FieldType.NUMBER, label=_("Amount"), is_money=True)
REASON = KindField("reason", label=_("Reason"), choices=lambda: ApologyReason.choices)


KINDS = [
    EventKind(
        code="campaigns.voucher_issued",
        label=_("Voucher issued"),
        category=Category.PURCHASE,
        sentence=_("Got a voucher of “%(offer_name)s”"),
        icon="confirmation_number",
        tells=(OFFER,),
    ),
    EventKind(
        code="campaigns.voucher_voided",
        label=_("Voucher voided"),
        category=Category.PURCHASE,
        sentence=_("A voucher of “%(offer_name)s” was voided"),
        icon="block",
        tells=(OFFER,),
    ),
    EventKind(
        code="campaigns.voucher_redeemed",
        label=_("Voucher redeemed"),
        category=Category.PURCHASE,
        sentence=_("Redeemed “%(offer_name)s” on order %(order)s: %(discount)s off"),
        icon="redeem",
        tells=(OFFER, DISCOUNT),
        touches=SEEN,
    ),
    EventKind(
        code="campaigns.redemption_rolled_back",
        label=_("Redemption rolled back"),
        category=Category.PURCHASE,
        sentence=_("“%(offer_name)s” on order %(order)s was rolled back"),
        icon="undo",
        tells=(OFFER, DISCOUNT),
    ),
    EventKind(
        code="campaigns.apology_issued",
        label=_("Apology voucher issued"),
        category=Category.CONTACT,
        sentence=_("Got an apology voucher of %(amount)s"),
        icon="volunteer_activism",
        tells=(AMOUNT, REASON),
    ),
    EventKind(
        code="campaigns.message_sent",
        label=_("Message sent"),
        category=Category.CONTACT,
        sentence=_("Was sent “%(campaign_name)s” by e-mail"),
        icon="mail",
        tells=(CAMPAIGN,),
    ),
    EventKind(
        code="campaigns.link_followed",
        label=_("Link followed"),
        category=Category.BROWSING,
        sentence=_("Followed a link in “%(campaign_name)s”"),
        icon="ads_click",
        tells=(CAMPAIGN,),
        touches=CLICKED,
    ),
    EventKind(
        code="campaigns.bounced",
        label=_("Message came back"),
        category=Category.CONTACT,
        sentence=_("“%(campaign_name)s” did not arrive"),
        icon="unsubscribe",
        tells=(CAMPAIGN,),
    ),
    EventKind(
        code="campaigns.complained",
        label=_("Complained about a message"),
        category=Category.CONTACT,
        sentence=_("Called “%(campaign_name)s” spam"),
        icon="report",
        tells=(CAMPAIGN,),
    ),
    # A provider that sends for the shop may tell this by the API.
    EventKind(
        code="campaigns.message_opened",
        label=_("Message opened"),
        category=Category.BROWSING,
        sentence=_("Opened “%(campaign)s”"),
        icon="drafts",
        fields=(KindField("campaign", required=True, label=_("Campaign")),),
        touches=frozenset({Touch.SEEN, Touch.OPENED}),
    ),
    # What another system did before this one: comes in from files, as history.
    EventKind(
        code="campaigns.campaign_received",
        label=_("Earlier campaign received"),
        category=Category.CONTACT,
        sentence=_("Received %(campaign)s"),
        icon="mail",
        tells=(EARLIER_CAMPAIGN,),
    ),
    EventKind(
        code="campaigns.coupon_redeemed",
        label=_("Earlier coupon redeemed"),
        category=Category.PURCHASE,
        sentence=_("Redeemed coupon %(coupon)s of %(campaign)s"),
        icon="confirmation_number",
        tells=(EARLIER_CAMPAIGN,),
        touches=SEEN,
    ),
]
