from campaigns.models.apologies import Apology
from campaigns.models.campaigns import Campaign, Click, Message, Template, TrackedLink
from campaigns.models.feedback import Feedback
from campaigns.models.offers import (
    Offer,
    OfferUse,
    Redemption,
    RedemptionLine,
    Voucher,
)

__all__ = [
    "Apology",
    "Campaign",
    "Click",
    "Feedback",
    "Message",
    "Offer",
    "OfferUse",
    "Redemption",
    "RedemptionLine",
    "Template",
    "TrackedLink",
    "Voucher",
]
