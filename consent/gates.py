"""Whose behaviour may be kept with their name.

Tracked behaviour rests on consent alone. It is kept where at least one purpose may use it; for
which, is asked again by whoever uses it (``consent.queries``).
"""

from functools import partial

from django.db.models import Exists, OuterRef, QuerySet

from consent.models import Permission
from consent.operations.coming_of_age import birth_date_told
from consent.queries.settings import privacy_settings
from customers.enums import BirthDatePolicy, Category
from customers.models import Customer
from customers.rules import TRACKED, Gate


def permitting(customers: QuerySet[Customer], category: Category) -> QuerySet[Customer]:
    given = Permission.objects.filter(
        customer=OuterRef("pk"), purpose__needs_opt_in=True, **{f"data_{category.value}": True}
    )
    return customers.filter(Exists(given))


def _birth_date_policy() -> BirthDatePolicy:
    return BirthDatePolicy(privacy_settings().birth_date_policy)


BIRTH_DATE_POLICIES = [_birth_date_policy]
BIRTH_DATES_TOLD = [birth_date_told]
GATES = [Gate(category, partial(permitting, category=category)) for category in sorted(TRACKED)]
