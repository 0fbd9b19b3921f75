"""Whose behaviour may be kept with their name.

Tracked behaviour rests on consent alone. It is kept where at least one purpose may use it; for
which, is asked again by whoever uses it (``consent.queries``).
"""

from functools import partial

from consent.operations.coming_of_age import birth_date_told
from consent.queries.predicate import permitting_for_any_purpose
from consent.queries.programs import withheld_from_programs
from consent.queries.settings import privacy_settings
from customers.enums import BirthDatePolicy
from customers.rules import TRACKED, Gate


def _erasures_approved_by() -> str:
    return privacy_settings().erasures_approved_by


def _birth_date_policy() -> BirthDatePolicy:
    return BirthDatePolicy(privacy_settings().birth_date_policy)


BIRTH_DATE_POLICIES = [_birth_date_policy]
BIRTH_DATES_TOLD = [birth_date_told]
ERASURES_APPROVED_BY = [_erasures_approved_by]
WITHHELD_FROM_PROGRAMS = [withheld_from_programs]
GATES = [
    Gate(category, partial(permitting_for_any_purpose, category=category))
    for category in sorted(TRACKED)
]
