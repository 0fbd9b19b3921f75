"""Who somebody is by now: two records may have turned out to be one person's."""

from django.db.models import QuerySet

from customers.models import Customer, DuplicateCandidate


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
