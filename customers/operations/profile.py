from datetime import datetime

from django.db import transaction

from common.keys import keyed_hash
from customers.models import Customer
from customers.operations.timeline import record_event


def contact_hash(address: str) -> bytes | None:
    """Return the hash a normalised e-mail or phone is blocked by, or None for no address."""
    return keyed_hash(address, use="contact") if address else None


@transaction.atomic
def save_customer(customer: Customer, *, at: datetime) -> Customer:
    """Keep a new or changed profile, with the hashes of its addresses.

    E-mail and phone are expected normalised (``customers.rules``).
    """
    is_new = customer.pk is None
    customer.email_hash = contact_hash(customer.email)
    customer.phone_hash = contact_hash(customer.phone)
    customer.updated_at = at
    customer.save()
    if is_new:
        record_event(
            customer,
            kind="customers.registered",
            at=at,
            reference=f"customer:{customer.pk}:registered",
        )
    return customer
