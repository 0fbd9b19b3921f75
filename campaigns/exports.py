"""The files of offers, vouchers, redemptions, apologies, campaigns and their messages."""

from campaigns.models import (
    Apology,
    Campaign,
    Message,
    Offer,
    Redemption,
    Template,
    Voucher,
)
from common.exports import Table
from customers.exports import of_customer

OFFERS = Table(
    Offer,
    (
        "name", "effect", "percent", "cap", "amount", "minimum_order", "valid_days",
        "per_customer_limit", "total_limit", "use_count", "is_active", "created_at",
    ),
    personal=False,
)  # fmt: skip
# A code leaves in no file: who may read one asks for it by itself, and that is written down.
VOUCHERS = Table(
    Voucher,
    (
        "code_ending", "offer__name", *of_customer(), "amount", "valid_from", "valid_until",
        "use_limit", "use_count", "voided_at", "issued_at",
    ),
)  # fmt: skip
REDEMPTIONS = Table(
    Redemption,
    (
        "order_reference", *of_customer(), "offer__name", "cart_total", "discount", "state",
        "redeemed_at", "rolled_back_at",
    ),
)  # fmt: skip
APOLOGIES = Table(
    Apology,
    (
        *of_customer(), "amount", "state", "reason", "explanation", "requested_by__username",
        "requested_at", "decided_by__username", "decided_at", "emailed_at",
    ),
)  # fmt: skip
TEMPLATES = Table(Template, ("name", "subject", "changed_at"), personal=False)
CAMPAIGNS = Table(
    Campaign,
    (
        "name", "state", "segment__name", "goes_to", "template__name", "offer__name", "channel",
        "scheduled_at", "launched_at", "finished_at", "created_at",
    ),
    personal=False,
)  # fmt: skip
MESSAGES = Table(
    Message,
    (
        *of_customer(), "campaign__name", "channel", "outcome", "state", "skip_reason",
        "attempts", "decided_at", "sent_at", "unsubscribed_at",
    ),
)  # fmt: skip
