from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from common.discovery import declared
from common.errors import DomainError
from common.keys import keyed_hash, keyed_hasher
from customers.models import Customer
from customers.operations.timeline import record_event
from customers.queries.birth_dates import birth_date_policy
from customers.queries.identity import was_erased
from customers.rules import PROFILE
from customers.rules.attributes import with_told
from customers.rules.birth_dates import kept_birth_date


def contact_hash(address: str) -> bytes | None:
    """Return the hash a normalised e-mail or phone is blocked by, or None for no address."""
    return keyed_hash(address, use="contact") if address else None


def contact_hasher() -> Callable[[str], bytes]:
    """Return what gives the ``contact_hash`` of many addresses."""
    return keyed_hasher("contact")


@transaction.atomic
def save_customer(customer: Customer, *, at: datetime) -> Customer:
    """Keep a new or changed profile, with the hashes of its addresses.

    E-mail and phone are expected normalised (``customers.rules``); of a birth date stays what the
    shop keeps. The timeline tells which fields changed, where some did.
    """
    before = Customer.objects.get(pk=customer.pk) if customer.pk else None
    customer.email_hash = contact_hash(customer.email)
    customer.phone_hash = contact_hash(customer.phone)
    if customer.birth_date:
        customer.birth_date = kept_birth_date(customer.birth_date, policy=birth_date_policy())
    customer.updated_at = at
    customer.save()
    if before is None:
        record_event(
            customer,
            kind="customers.registered",
            at=at,
            reference=f"customer:{customer.pk}:registered",
        )
        return customer
    if customer.birth_date:
        for tell in declared("gates", "BIRTH_DATES_TOLD"):
            tell(customer, at=at)
    fields = [name for name in PROFILE if getattr(customer, name) != getattr(before, name)]
    record_change(customer, fields=fields, at=at)
    return customer


def record_change(customer: Customer, *, fields: Collection[str], at: datetime) -> None:
    """Write down that these fields of the profile changed; nothing when there are none.

    Only their names, and of attributes none: a name such as "pregnant" says too much.
    """
    if fields:
        record_event(
            customer,
            kind="customers.changed",
            at=at,
            # A repeat changes nothing, and so comes here only once.
            reference=f"customer:{customer.pk}:changed:{uuid4().hex}",
            data={"fields": list(fields)},
        )


def hold(customer: Customer) -> Customer:
    """Lock the customer until the transaction ends; who was merged meanwhile is the survivor.

    Makes what is written about one person take turns. Whoever locks other rows of theirs as well
    does so after this one.
    """
    people = Customer.objects.select_for_update(no_key=True)
    if held := people.filter(pk=customer.pk, merged_into=None).first():
        return held
    by_now = Customer.objects.select_related("merged_into").get(pk=customer.pk)
    return hold(by_now.merged_into or by_now)


class CustomerErased(DomainError):
    code = "customer_erased"


@transaction.atomic
def change_customer(customer: Customer, *, changed: Collection[str], at: datetime) -> Customer:
    """Keep what somebody changed in a profile, and nothing else of what they had before them.

    Two people may have the same profile open: ``changed`` names the fields, or
    ``attributes.code``, that are taken from ``customer``. Raises CustomerErased.
    """
    kept = Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
    if kept.erased_at:
        raise CustomerErased(_("This customer was erased and cannot come back."))
    told = {}
    for name in changed:
        field, _dot, code = name.partition(".")
        if code:
            told[code] = customer.attributes.get(code)
        else:
            setattr(kept, field, getattr(customer, field))
    kept.attributes = with_told(kept.attributes, told)
    return save_customer(kept, at=at)


@transaction.atomic
def put_customer(
    external_id: str, facts: Mapping[str, Any], *, at: datetime
) -> tuple[Customer, bool]:
    """Create or change the customer that the shop calls ``external_id``; say whether it is new.

    ``facts`` are normalised values by field; fields left out stay as they are, and so do
    attributes that are not named. Who was merged into another record is changed there. Raises
    CustomerErased.
    """
    known = Customer.objects.filter(external_id=external_id).first()
    known = hold(known) if known else None
    if (known and known.erased_at) or (not known and was_erased(external_id)):
        raise CustomerErased(_("This customer was erased and cannot come back."))
    customer = known or Customer(external_id=external_id, registered_at=at)
    attributes = with_told(customer.attributes, facts.get("attributes", {}))
    for field, value in {**facts, "attributes": attributes}.items():
        setattr(customer, field, value)
    try:
        with transaction.atomic():
            return save_customer(customer, at=at), known is None
    except IntegrityError:
        if known:
            raise
        # Somebody else has just created the same customer: then this is a change.
        return put_customer(external_id, facts, at=at)
