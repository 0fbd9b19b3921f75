"""The files of members and of what moved their points."""

from django.utils.translation import gettext_lazy as _

from common.exports import Column, Table
from customers.exports import of_customer
from loyalty.models import Member, Transaction

MEMBERS = Table(
    Member,
    (
        *of_customer(), "tier__name", Column(_("Points"), ("account__balance",)), "tier_since",
        "tier_until", "joined_at",
    ),
)  # fmt: skip
TRANSACTIONS = Table(
    Transaction,
    (
        *of_customer("member__customer"), "kind", Column(_("Points"), ("points",)), "occurred_at",
        "recorded_at", "note", "reference",
    ),
)  # fmt: skip
