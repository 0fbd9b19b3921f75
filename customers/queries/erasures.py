"""Erasures that wait for a second person, and whose decision it is."""

from django.db.models import QuerySet

from common.discovery import declared
from customers.models import Customer, ErasureRequest


def erasures_approved_by() -> str:
    """Return the role that approves erasures, or "" when one person is enough.

    An app above says, in ``gates.py: ERASURES_APPROVED_BY``.
    """
    for ask in declared("gates", "ERASURES_APPROVED_BY"):
        return str(ask())
    return ""


def waiting_erasures() -> QuerySet[ErasureRequest]:
    """Return what waits for a second person, the oldest first."""
    waiting = ErasureRequest.objects.waiting().select_related("customer", "requested_by")
    return waiting.order_by("requested_at", "pk")


def waiting_erasure(customer: Customer) -> ErasureRequest | None:
    return waiting_erasures().filter(customer=customer).first()
