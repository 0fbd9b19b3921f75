"""Who somebody is by now: two records may have turned out to be one person's."""

from collections.abc import Callable

from django.db.models import QuerySet

from common.keys import keyed_hash, keyed_hasher
from customers.models import Customer, DuplicateCandidate, Erasure

NUMBERS = "erased number"


def called(external_id: str, *, among: QuerySet[Customer] | None = None) -> Customer | None:
    """Return whom the shop calls so, also by a number that was merged; None for the erased.

    ``among`` is for what to read with them (``select_related``).
    """
    people = Customer.objects.all() if among is None else among
    named = people.filter(external_id=external_id, erased_at=None).first()
    if named and named.merged_into_id:
        return people.filter(pk=named.merged_into_id, erased_at=None).first()
    return named


def candidate_of(customer: Customer, other: Customer) -> DuplicateCandidate | None:
    """Return the pair as a possible duplicate, if it waits for somebody to look."""
    first, second = sorted((customer.pk, other.pk))
    return DuplicateCandidate.objects.open().filter(first=first, second=second).first()


def number_hash(external_id: str) -> bytes:
    """Return what is kept of the number by which the shop called somebody who was erased."""
    return keyed_hash(external_id, use=NUMBERS)


def was_erased(external_id: str) -> bool:
    """Say whether the shop called somebody so who was erased: they cannot come back."""
    return Erasure.objects.filter(number_hash=number_hash(external_id)).exists()


def erased_numbers() -> Callable[[str], bool]:
    """Return what says ``was_erased`` of many numbers, as it is now."""
    hashes = {bytes(it) for it in Erasure.objects.values_list("number_hash", flat=True)}
    hashed = keyed_hasher(NUMBERS)
    return lambda number: bool(hashes) and hashed(number) in hashes
