"""The message that asks to confirm: no advertising, no tracking, and one reminder at most."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr
from time import monotonic

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.utils import translation

from common.enums import Language
from common.keys import unseal
from common.mail_transport import Deferred, MailTransport, Refused, Unclear, Unreachable
from common.text_transport import ShortText, TextTransport
from consent.enums import Channel, OptInState
from consent.models import PendingOptIn
from consent.operations.opt_ins import standing_blocks
from consent.rules.opt_in import REMIND_AFTER
from consent.rules.suppressions import LIFTED_BY_THE_PERSON
from customers.enums import Category

# Longer than a mail server may take to answer; also the pause before the next try.
LEASE = timedelta(minutes=2)
TEMPLATES = {
    (Channel.EMAIL, Language.ENGLISH): "consent/opt_in_email_en.txt",
    (Channel.EMAIL, Language.PORTUGUESE): "consent/opt_in_email_pt_br.txt",
    (Channel.SMS, Language.ENGLISH): "consent/opt_in_code_en.txt",
    (Channel.SMS, Language.PORTUGUESE): "consent/opt_in_code_pt_br.txt",
}


def send_opt_ins(*, at: datetime) -> int:
    """Send what asks to confirm, and the reminders; return how many left.

    No transaction is open while the mail server answers. A worker that dies in between sends the
    message a second time, with the same Message-ID: nobody waits for one that never comes.
    """
    began, sent = monotonic(), 0
    with MailTransport() as mail:
        carriers = _Carriers(mail, TextTransport())
        while pending := _claim(at=at, passed=timedelta(seconds=monotonic() - began)):
            sent += _send(pending, carriers, at=at)
    return sent


@dataclass(frozen=True)
class _Carriers:
    mail: MailTransport
    texts: TextTransport

    def carry(self, pending: PendingOptIn) -> None:
        if pending.channel == Channel.EMAIL:
            self.mail.send(email(pending))
        else:
            self.texts.send(short_text(pending))


def to_send(*, at: datetime) -> QuerySet[PendingOptIn]:
    """Return what nobody is sending: first messages, and reminders a day later."""
    first = Q(state=OptInState.TO_SEND)
    reminder = Q(
        state=OptInState.SENT,
        channel=Channel.EMAIL,
        reminded_at=None,
        sent_at__lte=at - REMIND_AFTER,
    )
    waiting = PendingOptIn.objects.filter(
        first | reminder, valid_until__gt=at, sealed__isnull=False
    )
    free = waiting.filter(Q(lease_until=None) | Q(lease_until__lte=at))
    return free.select_related("purpose", "notice_text").order_by("id")


@transaction.atomic
def _claim(*, at: datetime, passed: timedelta) -> PendingOptIn | None:
    """Take one, so that no other worker sends it meanwhile."""
    pending = to_send(at=at).select_for_update(skip_locked=True, of=("self",)).first()
    if pending:
        pending.lease_until = at + passed + LEASE
        pending.save(update_fields=["lease_until"])
    return pending


def _send(pending: PendingOptIn, carriers: _Carriers, *, at: datetime) -> bool:
    """Send one, or say that it cannot be sent; else it is tried again after the lease."""
    if _must_not_be_sent(pending):
        return _settle(pending, OptInState.NOT_SENT, at=at)
    try:
        carriers.carry(pending)
    except Refused:
        return _settle(pending, OptInState.NOT_SENT, at=at)
    except (Unreachable, Deferred, Unclear):
        return False
    return _settle(pending, OptInState.SENT, at=at)


def _must_not_be_sent(pending: PendingOptIn) -> bool:
    """Say whether the address is blocked for good, or said stop after asking."""
    return any(
        block.reason not in LIFTED_BY_THE_PERSON or block.created_at > pending.asked_at
        for block in standing_blocks(pending)
    )


def _settle(pending: PendingOptIn, state: OptInState, *, at: datetime) -> bool:
    """Write down what became of it, unless it was confirmed meanwhile; say whether it left."""
    left = state == OptInState.SENT
    facts = {"reminded_at" if pending.sent_at else "sent_at": at} if left else {"sealed": None}
    waiting = PendingOptIn.objects.filter(pk=pending.pk, state__in=OptInState.waiting())
    waiting.update(state=state, lease_until=None, **facts)
    return left


def email(pending: PendingOptIn) -> EmailMessage:
    """Return the e-mail in the person's language; a template begins with the subject."""
    kept = _kept(pending)
    subject, _, body = _words(pending, Channel.EMAIL, token=kept["token"]).partition("\n")
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    part = "reminder" if pending.sent_at else "question"
    return EmailMessage(
        subject=subject,
        body=body.lstrip(),
        to=[kept["address"]],
        headers={
            "Message-ID": f"<opt-in-{pending.pk}-{part}@{domain}>",
            "Auto-Submitted": "auto-generated",
        },
    )


def short_text(pending: PendingOptIn) -> ShortText:
    kept = _kept(pending)
    text = _words(pending, Channel.SMS, code=kept["code"]).strip()
    return ShortText(pending.channel, kept["address"], text, reference=f"opt-in-{pending.pk}")


def opt_in_url(token: str) -> str:
    return f"{settings.PUBLIC_URL}/o/{token}"


def _kept(pending: PendingOptIn) -> dict[str, str]:
    return json.loads(unseal(bytes(pending.sealed or b"")))


def _words(pending: PendingOptIn, channel: Channel, *, token: str = "", code: str = "") -> str:
    language = Language(pending.language)
    with translation.override(language):
        facts = {
            "shop": settings.SHOP_NAME,
            "purpose": pending.purpose,
            "categories": [str(Category(it).label) for it in pending.categories],
            "url": opt_in_url(token),
            "code": code,
            "until": pending.valid_until,
            "of_age": pending.of_age,
            "is_reminder": pending.sent_at is not None,
        }
        return render_to_string(TEMPLATES[channel, language], facts)
