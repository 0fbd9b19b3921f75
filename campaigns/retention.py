"""What this app keeps only for so long; the months stand in the shop's privacy settings."""

from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from campaigns.enums import ApologyState
from campaigns.models import Apology, Click, Message, Voucher
from customers.rules.erasing import blanked
from customers.rules.retention import RetentionPart, Term


def _clicks(term: Term) -> QuerySet[Click]:
    return Click.objects.filter(clicked_at__lt=term.before).exclude(message=None)


def _errors(term: Term) -> QuerySet[Message]:
    return Message.objects.filter(decided_at__lt=term.before).exclude(error="")


def _explanations(term: Term) -> QuerySet[Apology]:
    old = Apology.objects.filter(requested_at__lt=term.before, explanation__gt="")
    return old.exclude(state=ApologyState.WAITING)


def _held_a_voucher(since: datetime) -> Exists:
    theirs = Voucher.objects.filter(customer=OuterRef("pk"))
    return Exists(theirs.filter(voided_at=None, valid_until__gt=since))


RETENTION = [
    RetentionPart(
        code="clicks",
        label=_("Who followed a link"),
        months="events_months",
        due=_clicks,
        ending=blanked("message", because=_("The click is counted on, without a name.")),
    ),
    RetentionPart(
        code="message_errors",
        label=_("What mail servers answered"),
        months="messages_months",
        due=_errors,
        ending=blanked("error", because=_("That a message failed is kept for the results.")),
    ),
    RetentionPart(
        code="apologies",
        label=_("Explanations of apology vouchers"),
        months="cases_months",
        due=_explanations,
        ending=blanked(
            "explanation", because=_("Amounts and who gave them are kept for the books.")
        ),
    ),
]


def _awaits_an_apology(since: datetime) -> Exists:
    waiting = Apology.objects.filter(customer=OuterRef("pk"), state=ApologyState.WAITING)
    return Exists(waiting)


STAYING = [_held_a_voucher, _awaits_an_apology]


def _something_was_sent(since: datetime) -> Exists:
    sent = Message.objects.filter(
        customer=OuterRef("customer"), campaign__purpose=OuterRef("purpose"), sent_at__gte=since
    )
    return Exists(sent)


USES = [_something_was_sent]
