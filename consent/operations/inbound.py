"""What people write back from their phones: a word stops us, a yes confirms, the rest is read."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from common.errors import DomainError
from common.keys import seal, unseal
from common.models import User
from common.operations import audit
from consent.enums import (
    Act,
    Channel,
    InboundState,
    Meaning,
    OptInState,
    SuppressionReason,
    SuppressionSource,
)
from consent.models import InboundMessage, PendingOptIn, Purpose, Suppression
from consent.operations.choices import record_choice
from consent.operations.opt_in_confirmations import confirm_by_reply
from consent.operations.suppressions import suppress
from consent.rules.keywords import meaning
from customers.models import Customer
from customers.operations.profile import contact_hash
from customers.queries.languages import language_of

# Whom nobody read by then is taken at their word; and longer we keep no words (DESIGN §4).
READ_WITHIN = timedelta(hours=72)
# The longest that is read: a long message in eight parts.
LONGEST = 1224


@transaction.atomic
def hear(
    *, channel: Channel, sender: str, text: str, reference: str, at: datetime
) -> InboundMessage:
    """Act on what somebody wrote; ``sender`` is a number in E.164.

    The row's ``reply`` is what to answer them, once and without advertising; '' for nothing.
    Hearing the same ``reference`` again changes nothing.
    """
    if known := InboundMessage.objects.filter(reference=reference).first():
        return known
    people = list(Customer.objects.present().filter(phone=sender).order_by("pk"))
    message = InboundMessage(
        channel=channel,
        reference=reference,
        contact_hash=contact_hash(sender),
        customer=people[0] if people else None,
        meaning=meaning(text[:LONGEST]),
        state=InboundState.DONE,
        received_at=at,
    )
    with translation.override(language_of(people[0] if people else Customer())):
        message.reply = _act(message, sender, text[:LONGEST], at=at)
    message.save()
    return message


def _act(message: InboundMessage, sender: str, text: str, *, at: datetime) -> str:
    """Do what the message means; return what to answer."""
    if message.meaning == Meaning.STOP:
        return _stop(message, sender, at=at)
    if message.meaning == Meaning.MAYBE_STOP:
        return _wait_to_be_read(message, sender, text, at=at)
    if message.meaning == Meaning.YES:
        return _confirm(message, at=at)
    if message.meaning == Meaning.HELP:
        return _("%(shop)s: write STOP to get no more messages here.") % {
            "shop": settings.SHOP_NAME
        }
    return ""


def _stop(message: InboundMessage, sender: str, *, at: datetime) -> str:
    """Stop at once; whoever says it twice is not written to twice."""
    said_before = _of_number(message, meaning=Meaning.STOP).exists()
    was_blocked = _blocks(message).exists()
    _withdraw(message, by=None, at=at)
    _block(message, sender, at=at)
    # What they wrote before needs nobody to read it any more.
    _of_number(message, state=InboundState.WAITING).update(
        state=InboundState.STOPPED, sealed=None, read_at=at
    )
    if said_before and was_blocked:
        return ""
    return _("%(shop)s: you get no more messages here.") % {"shop": settings.SHOP_NAME}


def _block(message: InboundMessage, sender: str, *, at: datetime) -> Suppression | None:
    return suppress(
        sender,
        channel=Channel(message.channel),
        reason=SuppressionReason.STOP,
        source=SuppressionSource.PERSON,
        at=at,
    )


def _blocks(message: InboundMessage) -> QuerySet[Suppression]:
    return Suppression.objects.filter(
        channel=message.channel, contact_hash=message.contact_hash, lifted_at=None
    )


def _of_number(message: InboundMessage, **facts: str) -> QuerySet[InboundMessage]:
    return InboundMessage.objects.filter(
        channel=message.channel, contact_hash=message.contact_hash, **facts
    )


def _withdraw(message: InboundMessage, *, by: User | None, at: datetime) -> None:
    """Write the no of everybody who has the number, for whatever needs a yes on this channel."""
    purposes = Purpose.objects.filter(needs_opt_in=True).order_by("code")
    people = Customer.objects.present().filter(phone_hash=message.contact_hash).order_by("pk")
    for customer in people:
        for purpose in purposes:
            record_choice(
                customer,
                purpose=purpose,
                act=Act.WITHDRAWN,
                channels=[Channel(message.channel)],
                collection_point=message.channel,
                occurred_at=message.received_at,
                reference=f"inbound:{message.reference}:{purpose.pk}:{customer.pk}",
                by=by,
                at=at,
            )


def _wait_to_be_read(message: InboundMessage, sender: str, text: str, *, at: datetime) -> str:
    """Keep the words for a person, and hold everything back meanwhile."""
    message.state, message.sealed = InboundState.WAITING, seal(text)
    if not _blocks(message).exists():
        message.hold = _block(message, sender, at=at)
    return ""


def _confirm(message: InboundMessage, *, at: datetime) -> str:
    """Confirm the latest yes that waits for this number; a yes to nothing is nothing."""
    pending = (
        PendingOptIn.objects.filter(
            channel=message.channel,
            contact_hash=message.contact_hash,
            state__in=OptInState.waiting(),
            valid_until__gt=at,
            sealed__isnull=False,
        )
        .order_by("-asked_at")
        .first()
    )
    if pending is None:
        return ""
    try:
        confirm_by_reply(pending, at=at)
    except DomainError:
        return ""
    return _("%(shop)s: confirmed. Write STOP to get no more messages here.") % {
        "shop": settings.SHOP_NAME
    }


def words_of(message: InboundMessage, *, by: User, at: datetime) -> str:
    """Return what somebody wrote, while it waits; who looks is written down."""
    if message.sealed is None:
        return ""
    audit("consent.inbound_read", message, at=at, by=by)
    return unseal(bytes(message.sealed))


class ReadAlready(DomainError):
    code = "read_already"


@transaction.atomic
def settle(message: InboundMessage, *, is_stop: bool, by: User | None, at: datetime) -> None:
    """Say what a message meant: stop for good, or something else, and then messages go on.

    Raises ReadAlready.
    """
    message = InboundMessage.objects.select_for_update().get(pk=message.pk)
    if message.state != InboundState.WAITING:
        raise ReadAlready(_("Somebody has read this message already."))
    message.state = InboundState.STOPPED if is_stop else InboundState.WENT_ON
    message.sealed, message.read_by, message.read_at = None, by, at
    message.save(update_fields=["state", "sealed", "read_by", "read_at"])
    if is_stop:
        _withdraw(message, by=by, at=at)
    else:
        _let_go_on(message, at=at)
    audit("consent.inbound_settled", message, at=at, by=by)


def _let_go_on(message: InboundMessage, *, at: datetime) -> None:
    """Lift what this message held back, unless another one waits."""
    others = _of_number(message, state=InboundState.WAITING)
    if message.hold is None:
        return
    if other := others.order_by("pk").first():
        other.hold = message.hold
        other.save(update_fields=["hold"])
        return
    Suppression.objects.filter(pk=message.hold.pk, lifted_at=None).update(
        lifted_at=at, lift_reason="read: no stop was meant"
    )


def take_at_word(*, at: datetime) -> int:
    """Stop for good whom nobody read in time; return how many."""
    overdue = InboundMessage.objects.filter(
        state=InboundState.WAITING, received_at__lte=at - READ_WITHIN
    )
    messages = list(overdue.order_by("pk")[:500])
    for message in messages:
        settle(message, is_stop=True, by=None, at=at)
    return len(messages)
