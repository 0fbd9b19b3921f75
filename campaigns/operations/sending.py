"""From a row that is ready to a message that was taken: nobody lost, nobody twice.

Each message goes through ``sending``, committed before it is handed over. Whatever dies, what was
not handed over is ready again, and what may have been is uncertain, to be judged by a person.
"""

import re
from collections.abc import Callable
from datetime import datetime
from email.utils import parseaddr
from math import inf
from time import monotonic

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q

from campaigns.enums import Audience, CampaignState, MessageState, SkipReason
from campaigns.models import Campaign, Message
from campaigns.operations.claiming import LEASE, claim, mine
from campaigns.queries.audience import purpose_of
from campaigns.queries.tokens import PROOF, click_url, proof_of, unsubscribe_url, why_url
from campaigns.queries.wording import Wording, compiled
from campaigns.rules.templates import Letter, MissingData
from common.keys import keyed_hash
from common.mail_transport import Deferred, MailTransport, Refused, Unclear, Unreachable
from common.quick_mail import QuickMail
from consent.enums import Channel, SuppressionReason, SuppressionSource
from consent.operations.suppressions import suppress
from consent.queries.tokens import preferences_url
from customers.operations.timeline import record_event

log = structlog.get_logger(__name__)

ADDRESS = re.compile(r"[^\s<>]+@[^\s<>]+")
BATCH = 50
# A withdrawal is felt within a second: then permissions are asked for again.
TURN = 1.0
MOST_ATTEMPTS = 5
IN_FLIGHT = (MessageState.LEASED, MessageState.SENDING)


def send_until_dry(
    *, clock: Callable[[], datetime], seconds: float = inf, limit: int = BATCH
) -> int:
    """Send whatever is ready, for so many seconds at most; return how many got further."""
    deadline = monotonic() + seconds
    taken = 0
    with MailTransport() as transport:
        while sent := send_some(transport, at=clock(), limit=limit):
            taken += sent
            if monotonic() > deadline:
                break
    return taken


def send_some(transport: MailTransport, *, at: datetime, limit: int = BATCH) -> int:
    """Give every campaign on its way a turn of at most ``limit`` messages, one second long.

    Return how many messages got further; nothing gets further while nobody carries mail.
    """
    under_way = Campaign.objects.filter(state=CampaignState.SENDING).order_by("launched_at", "pk")
    return sum(
        _turn(campaign, transport, at=at, limit=limit)
        for campaign in under_way.select_related("segment__purpose", "purpose", "offer")
    )


def _turn(campaign: Campaign, transport: MailTransport, *, at: datetime, limit: int) -> int:
    claimed = claim(campaign, at=at, limit=limit)
    if not claimed.taken:
        finish(campaign, at=at)
    courier = _Courier(campaign, transport, at=at)
    ends = monotonic() + TURN
    done = 0
    try:
        for message in claimed.leased:
            if monotonic() > ends or not courier.deliver(message):
                break
            done += 1
    except Unreachable as closed:
        # The others would fare no better; the scheduler asks again in seconds.
        log.warning("mail_unreachable", reason=_reason(closed))
    finally:
        for message in claimed.leased[done:]:
            mine(message, MessageState.LEASED).update(state=MessageState.READY, lease_until=None)
    return done + claimed.skipped + claimed.waiting


class _Courier:
    """Delivers the messages of one campaign, in one turn."""

    def __init__(self, campaign: Campaign, transport: MailTransport, *, at: datetime) -> None:
        self._transport = transport
        self._at = at
        self._message = compiled(campaign.subject, campaign.html)
        self._links = list(campaign.links.values_list("pk", flat=True))
        self._wording = Wording(purpose=purpose_of(campaign), offer=campaign.offer)

    def deliver(self, message: Message) -> bool:
        """Send one message and write down what became of it.

        Return False when it is not this worker's any more, or the campaign was stopped. Raises
        Unreachable, and then the message is ready again.
        """
        try:
            letter = self._letter(message)
        except MissingData:
            skip = {"state": MessageState.SKIPPED, "skip_reason": SkipReason.MISSING_DATA}
            return bool(mine(message, MessageState.LEASED).update(**skip))
        if not hand_over(message):
            return False
        try:
            self._transport.send(_mail(message, letter))
        except Refused as refused:
            self._fail(message, refused)
        except Deferred as deferred:
            self._put_off(message, deferred)
        except Unclear as unclear:
            mine(message, MessageState.SENDING).update(
                state=MessageState.UNCERTAIN, error=_reason(unclear)
            )
        except Unreachable:
            mine(message, MessageState.SENDING).update(
                state=MessageState.READY, attempts=F("attempts") - 1
            )
            raise
        else:
            record_sent(message, at=self._at)
        return True

    def _letter(self, message: Message) -> Letter:
        return self._message.fill(
            self._wording.values(
                message.customer,
                voucher=message.voucher,
                unsubscribe_url=unsubscribe_url(message.pk),
                why_url=why_url(message.pk),
                preferences_url=preferences_url(message.customer_id, at=self._at),
                links={f"n{link}": click_url(message.pk, link) for link in self._links},
            )
        )

    @transaction.atomic
    def _fail(self, message: Message, refused: Refused) -> None:
        mine(message, MessageState.SENDING).update(
            state=MessageState.FAILED, error=_reason(refused)
        )
        if refused.address_is_dead:
            suppress(
                message.customer.email,
                channel=Channel.EMAIL,
                reason=SuppressionReason.HARD_BOUNCE,
                source=SuppressionSource.PROVIDER,
                at=self._at,
            )

    def _put_off(self, message: Message, deferred: Deferred) -> None:
        """Leave the message leased for longer and longer: when the lease ends it is ready."""
        attempts = message.attempts + 1
        if attempts >= MOST_ATTEMPTS:
            state, until = MessageState.FAILED, None
        else:
            state, until = MessageState.LEASED, self._at + attempts * LEASE
        mine(message, MessageState.SENDING).update(
            state=state, lease_until=until, error=_reason(deferred)
        )


# The two statements of every message, in plain SQL: composing them anew each time costs twice as
# much as all the rest.
HAND_OVER = """
UPDATE campaigns_message SET state = 'sending', attempts = attempts + 1
WHERE id = %s AND fence = %s AND state = 'leased'
  AND EXISTS (SELECT FROM campaigns_campaign c WHERE c.id = campaign_id AND c.state = 'sending')
"""
# If it took so long that it was called uncertain meanwhile, now we know.
SENT = """
UPDATE campaigns_message SET state = 'sent', sent_at = %s, lease_until = NULL, error = ''
WHERE id = %s AND fence = %s AND state IN ('sending', 'uncertain')
"""


def hand_over(message: Message) -> bool:
    """Write down that the message is being handed over; False when it must not be."""
    with connection.cursor() as cursor:
        cursor.execute(HAND_OVER, [message.pk, message.fence])
        return cursor.rowcount == 1


@transaction.atomic
def record_sent(message: Message, *, at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(SENT, [at, message.pk, message.fence])
        if cursor.rowcount == 0:
            return
    record_event(
        message.customer,
        kind="campaigns.message_sent",
        at=at,
        reference=f"message:{message.pk}:sent",
        data={
            "campaign": message.campaign_id,
            "campaign_name": message.campaign.name,
            "message": message.pk,
        },
    )


def _mail(message: Message, letter: Letter) -> QuickMail:
    mail = QuickMail(
        subject=letter.subject,
        body=letter.text,
        to=[message.customer.email],
        headers={
            "Message-ID": message_id(message),
            # RFC 8058: exactly these, and the address answers a POST without cookies.
            "List-Unsubscribe": f"<{unsubscribe_url(message.pk)}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    )
    mail.attach_alternative(letter.html, "text/html")
    # Only where somebody listens: not every mail service takes it.
    if settings.ANYMAIL_WEBHOOK_SECRET:
        mail.metadata = {PROOF: proof_of(message.pk)}
    return mail


def message_id(message: Message) -> str:
    """Return the same id for the same campaign and person, however often it is sent."""
    person = f"{message.campaign_id}:{message.customer_id}:{message.channel}"
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    return f"<{keyed_hash(person, use='message').hex()[:32]}@{domain}>"


def _reason(error: Exception) -> str:
    """Return what the server said, without the address that it may repeat."""
    return ADDRESS.sub("…", str(error))[:200]


@transaction.atomic
def finish(campaign: Campaign, *, at: datetime) -> None:
    """End a campaign of which nothing is left to send, unless others may still come in."""
    under_way = Campaign.objects.filter(
        pk=campaign.pk, state=CampaignState.SENDING, goes_to=Audience.MEMBERS
    )
    # The lock makes this and the wish to send a message again take turns: see ``send_again``.
    if not under_way.select_for_update(no_key=True).first():
        return
    # Two questions, since each has its index.
    left = (Q(state=MessageState.READY), Q(state__in=IN_FLIGHT))
    if not any(campaign.messages.filter(state).exists() for state in left):
        under_way.update(state=CampaignState.FINISHED, finished_at=at)


@transaction.atomic
def recover(*, at: datetime) -> None:
    """Take up what a dead worker held: what it had not begun is ready, the rest is uncertain."""
    over = Message.objects.filter(state__in=IN_FLIGHT, lease_until__lte=at)
    over.filter(state=MessageState.LEASED).update(state=MessageState.READY, lease_until=None)
    over.filter(state=MessageState.SENDING).update(state=MessageState.UNCERTAIN, lease_until=None)
