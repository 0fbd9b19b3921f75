from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from common.errors import DomainError
from common.models import ApiKey, User
from common.operations import audit
from consent.enums import RestrictionReason
from consent.models import Restriction
from customers.models import Customer
from customers.operations.profile import hold
from customers.operations.timeline import record_event


class EndsBeforeItBegins(DomainError):
    code = "ends_before_it_begins"
    status = 422


@transaction.atomic
def restrict(
    customer: Customer,
    *,
    reason: RestrictionReason,
    at: datetime,
    until: datetime | None = None,
    by: User | ApiKey | None = None,
) -> Restriction:
    """Let the processing of a person's data stand still, until then or until it is lifted.

    Restricted for the same reason already, the restriction that stands gets the new end. Raises
    EndsBeforeItBegins.
    """
    if until and until <= at:
        raise EndsBeforeItBegins(_("A restriction ends in the future."), field="until")
    customer = hold(customer)
    known = Restriction.objects.standing(at=at).filter(customer=customer, reason=reason).first()
    restriction = known or Restriction(
        customer=customer, reason=reason, since=at, by=by if isinstance(by, User) else None
    )
    restriction.until = until
    restriction.save()
    if not known:
        _tell(restriction, kind="consent.restricted", at=at)
    audit("restrictions.set", restriction, at=at, by=by)
    return restriction


@transaction.atomic
def lift_restrictions(customer: Customer, *, at: datetime, by: User | ApiKey | None = None) -> int:
    """Let a person's data be used again as they permit it; return how many restrictions went."""
    customer = hold(customer)
    standing = list(Restriction.objects.standing(at=at).filter(customer=customer))
    for restriction in standing:
        restriction.lifted_at = at
        restriction.save(update_fields=["lifted_at"])
        _tell(restriction, kind="consent.restriction_lifted", at=at)
        audit("restrictions.lifted", restriction, at=at, by=by)
    return len(standing)


def _tell(restriction: Restriction, *, kind: str, at: datetime) -> None:
    record_event(
        restriction.customer,
        kind=kind,
        at=at,
        reference=f"restriction:{restriction.pk}:{kind}",
        data={"reason": restriction.reason},
    )
