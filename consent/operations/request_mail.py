"""What is said by e-mail about requests: to who answers them, and to who asked."""

from collections.abc import Collection
from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse

from common.enums import Language, Role
from common.mail_transport import MailTransport
from common.models import User
from consent.models import SubjectRequest
from consent.operations.letters import is_settled, letter
from consent.queries.subject_requests import answer_to, open_requests
from consent.rules.subject_requests import reminder
from customers.queries.languages import language_of


def remind_officers(*, at: datetime) -> int:
    """Tell the privacy officers what is due soon or late; return of how many requests.

    Each request is told of once at each of the days that ``reminder`` knows. No name stands in
    the mail.
    """
    due = [
        (request, days)
        for request in open_requests().filter(stopped_at=None)
        if (days := reminder(request.days_left(at=at), reminded_at=request.reminded_at_days))
        is not None
    ]
    if not due:
        return 0
    requests = [request for request, _days in due]
    with MailTransport() as transport:
        for officer in _officers():
            is_settled(transport, _reminder(officer, requests, at=at))
    for request, days in due:
        SubjectRequest.objects.filter(pk=request.pk).update(reminded_at_days=days)
    return len(due)


def _officers() -> list[User]:
    people = User.objects.filter(is_active=True, groups__name=Role.PRIVACY_OFFICER)
    return list(people.exclude(email="").order_by("pk"))


def _reminder(
    officer: User, requests: Collection[SubjectRequest], *, at: datetime
) -> EmailMessage:
    told = [
        {
            "asked": request,
            "left": request.days_left(at=at),
            "late": -request.days_left(at=at),
            "page": settings.PUBLIC_URL
            + reverse("admin:consent_subjectrequest_change", args=[request.pk]),
        }
        for request in requests
    ]
    return letter("reminder", officer.language or Language.ENGLISH, officer.email, requests=told)


def tell_answers(*, at: datetime) -> int:
    """Send every answer that was not sent yet to who asked; return how many left.

    A worker that dies while it sends may leave one unsent; it stands on the person's page.
    """
    waiting = SubjectRequest.objects.exclude(closed_at=None).filter(told_at=None)
    sent = 0
    with MailTransport() as transport:
        for request in waiting.select_related("customer").order_by("pk")[:100]:
            if SubjectRequest.objects.filter(pk=request.pk, told_at=None).update(told_at=at):
                sent += _tell(transport, request)
    return sent


def _tell(transport: MailTransport, request: SubjectRequest) -> bool:
    customer = request.customer
    if not customer.email or customer.erased_at:
        return False
    answer = answer_to(request)
    mail = letter("answer", language_of(customer), customer.email, asked=request, answer=answer)
    if is_settled(transport, mail):
        return True
    SubjectRequest.objects.filter(pk=request.pk).update(told_at=None)
    return False
