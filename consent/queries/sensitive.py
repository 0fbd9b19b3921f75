"""Whether sensitive data may be used at all: only by consent, given for them by name."""

from collections.abc import Iterable

from django.db.models import Q

from consent.enums import LegalBasis
from consent.models import Purpose
from consent.queries.predicate import with_permission
from customers.models import Customer


def allowed_by_name(purpose: Purpose) -> Q:
    """Keep, of customers ``with_permission``, who said yes to the use of sensitive data.

    Silence is no yes, even for a purpose that needs none otherwise; one that does not rest on
    consent may use nobody's.
    """
    if purpose.basis != LegalBasis.CONSENT:
        return Q(pk__isnull=True)
    return Q(permission__data_sensitive=True)


def specifically_allowed(purposes: Iterable[Purpose]) -> bool:
    """Say whether anybody allowed sensitive data for one of these purposes.

    A purpose on another basis never counts (LGPD, article 11; GDPR, article 9). It is about what
    may be written, without a clock; to whom it may be sent is asked of each when it is sent.
    """
    return any(
        with_permission(Customer.objects.present(), purpose=purpose)
        .filter(Q(permission__data_sensitive=True))
        .exists()
        for purpose in purposes
        if purpose.basis == LegalBasis.CONSENT
    )
