"""Where the shop wants it, two people erase: one asks, a second one of a role decides.

Locks are taken in the order of ``erase``: the imports, the person's records, then the request.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from common.enums import Role
from common.errors import DomainError
from common.models import User
from common.operations import audit
from customers.enums import ErasureState
from customers.models import Customer, Erasure, ErasureRequest
from customers.operations.erasing import ReasonMissing, erase
from customers.operations.profile import hold
from customers.operations.sealing import seal_for, unseal_for
from customers.queries.erasures import erasures_approved_by


@transaction.atomic
def erase_or_ask(
    customer: Customer, *, by: User, reason: str, at: datetime
) -> Erasure | ErasureRequest:
    """Erase at once where one person is enough, else leave a request for a second person.

    Asking again returns what waits already. Raises ReasonMissing.
    """
    if not erasures_approved_by():
        return erase(customer, by=by, reason=reason, at=at)
    if not reason.strip():
        raise ReasonMissing(_("Say why: it is kept with your name."), field="reason")
    customer = hold(customer)
    if earlier := Erasure.objects.filter(customer=customer).first():
        return earlier
    if waiting := ErasureRequest.objects.waiting().filter(customer=customer).first():
        return waiting
    request = ErasureRequest.objects.create(
        customer=customer,
        reason_sealed=seal_for(customer, reason.strip(), at=at),
        requested_by=by,
        requested_at=at,
    )
    audit("erasures.asked", customer, at=at, by=by)
    return request


class MayNotApprove(DomainError):
    code = "may_not_approve"


class AlreadyDecided(DomainError):
    code = "already_decided"


@transaction.atomic
def approve_erasure(request: ErasureRequest, *, by: User, at: datetime) -> ErasureRequest:
    """Erase whom somebody else asked to erase.

    Raises MayNotApprove and AlreadyDecided; a repeat by the same person returns it as it is.
    """
    if _is_done(request, ErasureState.ERASED, by=by):
        return request
    reason = why_asked(request)
    if reason is None:
        raise AlreadyDecided(_("This erasure is already decided."))
    audit("erasures.approved", request.customer, at=at, by=by)
    erase(request.customer, by=by, reason=reason, at=at)
    return _decide(request, ErasureState.ERASED, by=by, at=at)


@transaction.atomic
def decline_erasure(
    request: ErasureRequest, *, because: str, by: User, at: datetime
) -> ErasureRequest:
    """Let the person stay; raises and repeats as ``approve_erasure``, and ReasonMissing."""
    if _is_done(request, ErasureState.DECLINED, by=by):
        return request
    if not because.strip():
        raise ReasonMissing(_("Say why not: whoever asked reads it."), field="because")
    customer = hold(request.customer)
    if customer.erased_at:
        raise AlreadyDecided(_("This erasure is already decided."))
    request.answer_sealed = seal_for(request.customer, because.strip(), at=at)
    audit("erasures.declined", request.customer, at=at, by=by)
    return _decide(request, ErasureState.DECLINED, by=by, at=at)


def why_asked(request: ErasureRequest) -> str | None:
    """Return why somebody asked for it; None once the person is erased."""
    return unseal_for(request.customer, bytes(request.reason_sealed))


def why_declined(request: ErasureRequest) -> str | None:
    """Return why somebody declined; "" when nobody did, None once the person is erased."""
    sealed = request.answer_sealed
    return unseal_for(request.customer, bytes(sealed)) if sealed else ""


def why_not_decide(request: ErasureRequest, *, by: User) -> str:
    """Say in a sentence why this person does not decide on it; "" when they do."""
    if request.requested_by_id == by.pk:
        return _("You asked for this erasure yourself; somebody else decides.")
    role = erasures_approved_by()
    if not by.has_perm("customers.erase_customer") or (role and not by.has_role(role)):
        named = Role(role or Role.PRIVACY_OFFICER).label
        return _("Erasures are approved by: %(role)s.") % {"role": named}
    return ""


def _is_done(request: ErasureRequest, state: ErasureState, *, by: User) -> bool:
    """Say whether this person decided so before. Raises MayNotApprove and AlreadyDecided."""
    if sentence := why_not_decide(request, by=by):
        raise MayNotApprove(sentence)
    now = ErasureRequest.objects.get(pk=request.pk)
    if now.state == ErasureState.WAITING:
        return False
    if (now.state, now.decided_by_id) != (state, by.pk):
        raise AlreadyDecided(_("This erasure is already decided."))
    return True


def _decide(
    request: ErasureRequest, state: ErasureState, *, by: User, at: datetime
) -> ErasureRequest:
    """Write the decision; whoever comes second undoes what they did with AlreadyDecided."""
    waiting = ErasureRequest.objects.filter(pk=request.pk, state=ErasureState.WAITING)
    decided = waiting.update(
        state=state, decided_by=by, decided_at=at, answer_sealed=request.answer_sealed
    )
    if not decided:
        raise AlreadyDecided(_("This erasure is already decided."))
    return ErasureRequest.objects.select_related("customer").get(pk=request.pk)
