"""What people ask about their data, from the question to the answer.

Every step is written into the audit; what was said is sealed with the person's own key.
"""

import json
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from uuid import uuid4

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from common.errors import DomainError
from common.models import ApiKey, User
from common.operations import audit
from consent.enums import (
    Act,
    ActorKind,
    PointKind,
    RequestDoor,
    RequestKind,
    RequestStage,
    RestrictionReason,
)
from consent.models import Purpose, SubjectRequest
from consent.operations.choices import record_choice
from consent.operations.restrictions import restrict
from consent.queries.settings import privacy_settings
from consent.queries.subject_requests import profile_field, proposals
from consent.rules.subject_requests import RECTIFIABLE, proposed_reader
from customers.enums import Category
from customers.models import Customer
from customers.operations.profile import change_customer, hold
from customers.operations.sealing import seal_for
from customers.operations.timeline import record_event
from customers.rules.cells import Unreadable

PROFILING = "profiling"
POINT_OF_DOOR = {
    RequestDoor.PREFERENCE_CENTRE: PointKind.PREFERENCE_CENTRE,
    RequestDoor.API: PointKind.API,
    RequestDoor.COUNTER: PointKind.TILL,
}


class NothingProposed(DomainError):
    code = "nothing_proposed"
    status = 422


class WrongValue(DomainError):
    code = "wrong_value"
    status = 422


class AnsweredAlready(DomainError):
    code = "answered_already"


class IdentityNotKnown(DomainError):
    code = "identity_not_known"


class AnswerMissing(DomainError):
    code = "answer_missing"
    status = 422


@transaction.atomic
def ask(
    customer: Customer,
    kind: RequestKind,
    *,
    door: RequestDoor,
    at: datetime,
    words: str = "",
    proposed: Mapping[str, str] | None = None,
    identity_is_known: bool = True,
    reference: str = "",
    by: User | ApiKey | None = None,
) -> SubjectRequest:
    """Take down what a person asks; the clock runs from now.

    ``identity_is_known`` when they came by a link sent to their own address, or were seen. Of a
    kind that is open already the open one is returned. Raises NothingProposed and WrongValue for
    a correction.
    """
    customer = hold(customer)
    known = SubjectRequest.objects.open().filter(customer=customer, kind=kind).first()
    if known or (known := SubjectRequest.objects.filter(reference=reference or None).first()):
        return known
    values = _checked(proposed or {}) if kind == RequestKind.RECTIFICATION else {}
    request = SubjectRequest.objects.create(
        customer=customer,
        kind=kind,
        door=door,
        reference=reference or uuid4().hex,
        words_sealed=_sealed(customer, words, at=at),
        proposed_sealed=_sealed(customer, json.dumps(values) if values else "", at=at),
        received_at=at,
        due_at=at + timedelta(days=privacy_settings().request_days),
        identity_confirmed_at=at if identity_is_known else None,
        stage=RequestStage.RECEIVED if identity_is_known else RequestStage.IDENTITY,
        stopped_at=None if identity_is_known else at,
    )
    record_event(
        customer,
        kind="consent.asked",
        at=at,
        reference=f"subject-request:{request.pk}",
        data={"kind": kind.value},
    )
    audit("requests.received", request, at=at, by=by)
    return request


def _checked(proposed: Mapping[str, str]) -> dict[str, str]:
    """Return the values as they would be kept, as text."""
    told = {name: text.strip() for name, text in proposed.items() if text.strip()}
    if not told or told.keys() - set(RECTIFIABLE):
        raise NothingProposed(_("Say what is wrong, and what is right."), field="proposed")
    read = proposed_reader(settings.SHOP_COUNTRY)
    return {name: _kept_form(name, text, read) for name, text in told.items()}


def _kept_form(name: str, text: str, read: Callable[[str, str], str]) -> str:
    try:
        kept = read(name, text)
        profile_field(name).run_validators(kept)
    except Unreadable as unreadable:
        raise WrongValue(unreadable.sentence, field=name) from unreadable
    except ValidationError as wrong:
        raise WrongValue(wrong.messages[0], field=name) from wrong
    return kept


def _sealed(customer: Customer, text: str, *, at: datetime) -> bytes | None:
    return seal_for(customer, text, at=at) if text else None


def _held(request: SubjectRequest) -> SubjectRequest:
    """Lock the person, then the request. Raises AnsweredAlready."""
    hold(request.customer)
    held = SubjectRequest.objects.select_for_update(of=["self"]).select_related("customer")
    request = held.get(pk=request.pk)
    if not request.is_open:
        raise AnsweredAlready(_("This request was answered already."))
    return request


def known_and_held(request: SubjectRequest) -> SubjectRequest:
    """Lock the person, then the request. Raises AnsweredAlready and IdentityNotKnown."""
    request = _held(request)
    if request.stopped_at:
        raise IdentityNotKnown(_("First make sure that it is this person who asks."))
    return request


@transaction.atomic
def ask_for_identity(request: SubjectRequest, *, by: User, at: datetime) -> SubjectRequest:
    """Stop the clock until it is known that it is this person who asks. Raises AnsweredAlready."""
    request = _held(request)
    if request.stopped_at is None:
        request.stage, request.stopped_at, request.handled_by = RequestStage.IDENTITY, at, by
        request.save()
        audit("requests.identity_asked", request, at=at, by=by)
    return request


@transaction.atomic
def confirm_identity(request: SubjectRequest, *, by: User, at: datetime) -> SubjectRequest:
    """Let the clock run on from where it stood. Raises AnsweredAlready."""
    request = _held(request)
    if request.stopped_at:
        request.due_at += at - request.stopped_at
        request.stage, request.stopped_at = RequestStage.IN_WORK, None
        request.identity_confirmed_at, request.handled_by = at, by
        request.save()
        audit("requests.identity_confirmed", request, at=at, by=by)
    return request


@transaction.atomic
def finish(
    request: SubjectRequest, *, answer: str, by: User | None, at: datetime
) -> SubjectRequest:
    """Answer the request. Raises AnsweredAlready, IdentityNotKnown and AnswerMissing."""
    request = _close(known_and_held(request), RequestStage.DONE, answer=answer, by=by, at=at)
    audit("requests.done", request, at=at, by=by)
    return request


@transaction.atomic
def refuse(request: SubjectRequest, *, because: str, by: User, at: datetime) -> SubjectRequest:
    """Say no, and why; the identity may be what is missing. Raises as ``finish``."""
    request = _close(_held(request), RequestStage.REFUSED, answer=because, by=by, at=at)
    audit("requests.refused", request, at=at, by=by)
    return request


def _close(
    request: SubjectRequest,
    stage: RequestStage,
    *,
    answer: str,
    by: User | None,
    at: datetime,
) -> SubjectRequest:
    if not answer.strip():
        raise AnswerMissing(_("Say what the person is answered."), field="answer")
    request.stage, request.closed_at, request.stopped_at = stage, at, None
    request.handled_by = by or request.handled_by
    request.answer_sealed = _sealed(request.customer, answer.strip(), at=at)
    request.save()
    return request


@transaction.atomic
def correct(
    request: SubjectRequest, *, fields: Collection[str], answer: str, by: User, at: datetime
) -> SubjectRequest:
    """Take over the values in ``fields`` of those that the person proposed, and answer them.

    What the record said before stays in nothing but the audit's names of the fields. Raises as
    ``finish``, and NothingProposed when no field is chosen.
    """
    request = known_and_held(request)
    chosen = [each for each in proposals(request) if each.name in fields]
    if not chosen:
        raise NothingProposed(_("Tick at least one value, or refuse."), field="fields")
    customer = request.customer
    for proposal in chosen:
        value = profile_field(proposal.name).to_python(proposal.proposed)
        setattr(customer, proposal.name, value)
    names = [proposal.name for proposal in chosen]
    change_customer(customer, changed=names, at=at)
    audit("requests.corrected", customer, at=at, by=by, fields=names)
    return finish(request, answer=answer, by=by, at=at)


@transaction.atomic
def object_to_profiling(
    request: SubjectRequest, *, answer: str, by: User, at: datetime
) -> SubjectRequest:
    """Record the objection for every kind of data, and answer. Raises as ``finish``."""
    request = known_and_held(request)
    record_choice(
        request.customer,
        purpose=Purpose.objects.get(pk=PROFILING),
        act=Act.OBJECTED,
        categories=list(Category),
        collection_point=POINT_OF_DOOR.get(RequestDoor(request.door), PointKind.CALL_CENTRE),
        occurred_at=request.received_at,
        reference=f"subject-request:{request.pk}",
        at=at,
        by=by,
        actor_kind=ActorKind.SUBJECT,
    )
    return finish(request, answer=answer, by=by, at=at)


@transaction.atomic
def let_stand_still(
    request: SubjectRequest, *, answer: str, by: User, at: datetime
) -> SubjectRequest:
    """Restrict the processing until somebody lifts it, and answer. Raises as ``finish``."""
    request = known_and_held(request)
    restrict(request.customer, reason=RestrictionReason.DISPUTED, by=by, at=at)
    return finish(request, answer=answer, by=by, at=at)
