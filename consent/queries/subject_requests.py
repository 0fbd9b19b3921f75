"""What people asked, what they said, and what waits for an answer."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from consent.models import SubjectRequest
from consent.rules.subject_requests import RECTIFIABLE
from customers.models import Customer
from customers.operations.erasing import records_of
from customers.operations.sealing import unseal_for


@dataclass(frozen=True)
class Proposal:
    """Another value that somebody proposes for a field of their profile."""

    name: str
    label: str
    now: Any
    proposed: str


def open_requests() -> QuerySet[SubjectRequest]:
    """Return what waits for an answer, the most urgent first."""
    return SubjectRequest.objects.open().select_related("customer").order_by("due_at", "pk")


def requests_of(customer: Customer) -> QuerySet[SubjectRequest]:
    """Return what somebody asked so far, newest first."""
    return SubjectRequest.objects.filter(customer__in=records_of(customer)).order_by("-pk")


def words_of(request: SubjectRequest) -> str | None:
    """Return what the person said; None when they were erased since."""
    return _read(request, request.words_sealed) if request.words_sealed else ""


def answer_to(request: SubjectRequest) -> str | None:
    return _read(request, request.answer_sealed) if request.answer_sealed else ""


def proposals(request: SubjectRequest) -> list[Proposal]:
    """Return the values somebody proposes, beside those that stand now."""
    text = _read(request, request.proposed_sealed) if request.proposed_sealed else None
    proposed: Mapping[str, str] = json.loads(text) if text else {}
    return [
        Proposal(
            name,
            str(profile_field(name).verbose_name),
            getattr(request.customer, name),
            proposed[name],
        )
        for name in RECTIFIABLE
        if name in proposed
    ]


def profile_field(name: str) -> Any:
    return Customer._meta.get_field(name)


def late_requests(*, at: datetime) -> int:
    return SubjectRequest.objects.open().filter(stopped_at=None, due_at__lt=at).count()


def _read(request: SubjectRequest, sealed: Any) -> str | None:
    return unseal_for(request.customer, bytes(sealed))
