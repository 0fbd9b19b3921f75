from campaigns.models.apologies import Apology
from campaigns.models.campaigns import Campaign, Click, Message, Template, TrackedLink
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
    "Message",
    "Offer",
    "OfferUse",
    "Redemption",
    "RedemptionLine",
    "Template",
    "TrackedLink",
    "Voucher",
]
