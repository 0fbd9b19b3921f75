"""Whether sensitive data may be used at all: only by consent, given for them by name."""

from collections.abc import Iterable

from consent.enums import LegalBasis
from consent.models import Purpose
from consent.queries.predicate import may_use, with_permission
from customers.enums import Category
from customers.models import Customer


def specifically_allowed(purposes: Iterable[Purpose]) -> bool:
    """Say whether anybody allowed sensitive data for one of these purposes.

    A purpose on another basis never counts (LGPD, article 11; GDPR, article 9).
    """
    return any(
        with_permission(Customer.objects.present(), purpose=purpose)
        .filter(may_use(Category.SENSITIVE, purpose=purpose))
        .exists()
        for purpose in purposes
        if purpose.basis == LegalBasis.CONSENT
    )
