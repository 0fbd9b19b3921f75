"""The e-mail that brings an apology voucher: service, not marketing, so a contract is enough."""

from datetime import datetime, timedelta
from email.utils import parseaddr
from smtplib import SMTPException, SMTPRecipientsRefused
from time import monotonic

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation

from campaigns.enums import EmailProblem
from campaigns.models import Apology
from campaigns.queries.apologies import to_email
from campaigns.queries.vouchers import code_of
from common.enums import Language
from consent.enums import Channel, Verdict
from consent.models import Purpose
from consent.queries.predicate import with_verdict
from customers.enums import Category
from customers.models import Customer
from customers.queries.languages import language_of

# Longer than a mail server may take to answer; also the pause before the next try.
LEASE = timedelta(minutes=2)
GIVE_UP_AFTER = timedelta(days=1)
TEMPLATES = {
    Language.ENGLISH: "campaigns/apology_email_en.txt",
    Language.PORTUGUESE: "campaigns/apology_email_pt_br.txt",
}


def email_apologies(*, at: datetime) -> int:
    """Send every apology that waits for it; return how many left.

    No transaction is open while the mail server answers. A worker that dies in between sends the
    message a second time, with the same Message-ID: no voucher at all would be worse.
    """
    began, sent = monotonic(), 0
    # The mail server may have been slow with those before: a lease counts from its own claim.
    while apology := _claim(at=at, passed=timedelta(seconds=monotonic() - began)):
        sent += _email(apology, at=at)
    return sent


@transaction.atomic
def _claim(*, at: datetime, passed: timedelta) -> Apology | None:
    """Take one apology, so that no other worker sends it meanwhile."""
    waiting = to_email(at=at).select_for_update(skip_locked=True)
    apology = waiting.first()
    if apology:
        apology.email_lease_until = at + passed + LEASE
        apology.save(update_fields=["email_lease_until"])
    return apology


def _email(apology: Apology, *, at: datetime) -> bool:
    """Send one apology, or say why it cannot be sent; else it is tried again after the lease."""
    problem = _objection(apology, at=at)
    if not problem:
        try:
            message(apology).send()
        except SMTPRecipientsRefused:
            problem = EmailProblem.NOT_ACCEPTED
        except (SMTPException, OSError):
            if at - apology.requested_at < GIVE_UP_AFTER:
                return False
            problem = EmailProblem.NOT_ACCEPTED
    apology.email_problem = problem
    apology.emailed_at = None if problem else at
    apology.save(update_fields=["email_problem", "emailed_at"])
    return not problem


def _objection(apology: Apology, *, at: datetime) -> str:
    judged = with_verdict(
        Customer.objects.filter(pk=apology.customer_id),
        purpose=Purpose.objects.get(code="transactional"),
        channel=Channel.EMAIL,
        using=[Category.IDENTITY],
        at=at,
    )
    verdict = getattr(judged.get(), "verdict")  # noqa: B009 -- annotated by the query
    return "" if verdict == Verdict.ALLOWED else verdict


def message(apology: Apology) -> EmailMessage:
    """Return the e-mail in the customer's language; a template begins with the subject."""
    language = language_of(apology.customer)
    voucher = apology.voucher
    if voucher is None:
        raise ValueError("An apology without a voucher has nothing to say.")
    facts = {
        "customer": apology.customer,
        "shop": settings.SHOP_NAME,
        "amount": apology.amount,
        "code": code_of(voucher),
        "last_day": voucher.last_day,
    }
    with translation.override(language):
        text = render_to_string(TEMPLATES[language], facts)
    subject, _, body = text.partition("\n")
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    return EmailMessage(
        subject=subject,
        body=body.lstrip(),
        to=[apology.customer.email],
        headers={
            "Message-ID": f"<apology-{apology.pk}@{domain}>",
            "Auto-Submitted": "auto-generated",
        },
    )
