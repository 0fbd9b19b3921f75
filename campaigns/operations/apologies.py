"""Apology vouchers: asked for, approved by a second person where large, declined."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.enums import ApologyReason, ApologyState
from campaigns.models import Apology, Offer
from campaigns.operations.vouchers import issue
from campaigns.queries.apologies import given_today
from campaigns.rules.apologies import needs_second_person
from common.errors import DomainError
from common.models import User
from common.operations import audit
from customers.models import Case, Customer
from customers.operations.timeline import record_event


class OwnApology(DomainError):
    code = "own_apology"


class CustomerErased(DomainError):
    code = "customer_erased"


@transaction.atomic
def ask_for_apology(
    customer: Customer,
    *,
    agent: User,
    amount: Decimal,
    reason: ApologyReason,
    explanation: str = "",
    case: Case | None = None,
    reference: str,
    at: datetime,
) -> Apology:
    """Give the customer a voucher, at once within the agent's limits, else after approval.

    Asking again with the same ``reference`` returns the first. Raises OwnApology and
    CustomerErased.
    """
    # The lock makes two requests of one agent take turns, so that the day's total is true.
    agent = User.objects.select_for_update(no_key=True).get(pk=agent.pk)
    if earlier := Apology.objects.filter(reference=reference).first():
        return earlier
    if customer.erased_at:
        raise CustomerErased(_("This customer was erased and cannot get a voucher."))
    if agent.email and agent.email.lower() == customer.email:
        raise OwnApology(_("Nobody gives a voucher to themselves; ask a colleague."))
    apology = Apology.objects.create(
        customer=customer,
        case=case,
        reason=reason,
        explanation=explanation,
        amount=amount,
        state=ApologyState.WAITING,
        requested_by=agent,
        requested_at=at,
        reference=reference,
    )
    audit("apology.requested", apology, at=at, by=agent)
    if needs_second_person(
        amount=amount, limit=agent.apology_limit, given_today=given_today(agent, at=at)
    ):
        return apology
    return _issue(apology, at=at)


class MayNotApprove(DomainError):
    code = "may_not_approve"


class AlreadyDecided(DomainError):
    code = "already_decided"


@transaction.atomic
def approve(apology: Apology, *, by: User, at: datetime) -> Apology:
    """Issue the voucher that somebody else asked for.

    Raises MayNotApprove and AlreadyDecided; a repeat by the same person returns it as it is.
    """
    apology = _locked(apology, by)
    if apology.state == ApologyState.ISSUED and apology.decided_by_id == by.pk:
        return apology
    _decide(apology, by=by, at=at)
    audit("apology.approved", apology, at=at, by=by)
    return _issue(apology, at=at)


@transaction.atomic
def decline(apology: Apology, *, by: User, at: datetime) -> Apology:
    """Refuse what somebody else asked for; raises and repeats as ``approve`` does."""
    apology = _locked(apology, by)
    if apology.state == ApologyState.DECLINED and apology.decided_by_id == by.pk:
        return apology
    _decide(apology, by=by, at=at)
    apology.state = ApologyState.DECLINED
    apology.save()
    audit("apology.declined", apology, at=at, by=by)
    return apology


def _locked(apology: Apology, by: User) -> Apology:
    """Return the apology so that only one decides; raise MayNotApprove."""
    apology = Apology.objects.select_for_update().get(pk=apology.pk)
    if not by.has_perm("campaigns.approve_apology"):
        raise MayNotApprove(_("You may not approve apology vouchers."))
    if apology.requested_by_id == by.pk:
        raise MayNotApprove(_("You asked for this voucher yourself; somebody else decides."))
    return apology


def _decide(apology: Apology, *, by: User, at: datetime) -> None:
    if apology.state != ApologyState.WAITING:
        raise AlreadyDecided(_("This apology voucher is already decided."))
    apology.decided_by = by
    apology.decided_at = at


def _issue(apology: Apology, *, at: datetime) -> Apology:
    """Make the voucher; the row is then found by the task that e-mails it."""
    apology.voucher = issue(
        Offer.objects.get(is_apology=True),
        customers=[apology.customer_id],
        reference_prefix=f"apology:{apology.pk}",
        amount=apology.amount,
        at=at,
        is_told=False,
    ).get()
    apology.state = ApologyState.ISSUED
    apology.save()
    record_event(
        apology.customer,
        kind="campaigns.apology_issued",
        at=at,
        data={"amount": str(apology.amount), "reason": apology.reason},
        reference=f"apology:{apology.pk}:issued",
    )
    return apology
