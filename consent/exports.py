"""The files of choices, and of addresses that are not written to."""

from django.utils.translation import get_language

from common.exports import Table
from consent.models import ConsentEvent, Suppression
from customers.exports import of_customer


def purpose_name() -> str:
    return f"purpose__{_name()}"


def point_name() -> str:
    return f"collection_point__{_name()}"


def _name() -> str:
    return "name_pt" if (get_language() or "").startswith("pt") else "name_en"


CONSENT_EVENTS = Table(
    ConsentEvent,
    (
        *of_customer(), purpose_name, "channel", "category", "act", "basis", point_name,
        "occurred_at", "recorded_at", "actor__username",
    ),
)  # fmt: skip
# The address itself is not kept; its hash tells two rows apart.
SUPPRESSIONS = Table(
    Suppression,
    ("channel", "contact_hash", "reason", "purpose", "source", "created_at", "lifted_at"),
)
