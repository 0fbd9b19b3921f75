"""Double opt-in: somebody asks, and whoever holds the address confirms (invariant I8).

Until then there is no consent, and no customer either: the row waits apart. Whoever asks is told
the same whether the address is new, known, subscribed or blocked, after the same work: what
differs is decided later, by the task that sends.
"""

import hashlib
import json
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from common.enums import Language
from common.errors import DomainError
from common.keys import seal, unseal
from common.text_transport import gateway
from consent.enums import Act, Channel, OptInState
from consent.models import (
    CollectionPoint,
    ConsentEvent,
    NoticeText,
    PendingOptIn,
    Purpose,
    Suppression,
)
from consent.operations.choices import NoTextShown, PointClosed, PurposeRetired, record_choice
from consent.operations.codes import code_hash, is_the_code, new_code
from consent.operations.limits import Limit, TooOften, count_once
from consent.operations.suppressions import lift_confirmed
from consent.queries.notices import text_shown
from consent.queries.predicate import ADDRESS_OF
from consent.rules import DENIALS
from consent.rules.opt_in import (
    CODE_TRIES,
    CODE_VALID,
    CONFIRMED,
    FORGET_AFTER,
    LINK_VALID,
    can_be_confirmed,
    network_counted,
    network_kept,
)
from consent.rules.suppressions import LIFTED_BY_THE_PERSON
from customers.enums import Category, Stage
from customers.models import Customer
from customers.operations.profile import contact_hash, hold, save_customer
from customers.queries.languages import language_of

# Against those who sign somebody else up, everywhere and again.
PER_ADDRESS = (
    Limit("opt-in soon", times=1, within=timedelta(minutes=10)),
    Limit("opt-in", times=3, within=timedelta(days=1)),
)
PER_NETWORK = Limit("opt-in network", times=20, within=timedelta(hours=1))
CODE = "opt-in code"


class NeedsNoConfirmation(DomainError):
    code = "needs_no_confirmation"
    status = 422


class NotOffered(DomainError):
    """The shop has no way to confirm a yes by this channel."""

    code = "channel_not_offered"


@dataclass(frozen=True)
class Asked:
    """What somebody said yes to, on the words shown at the point in their language."""

    channel: Channel
    address: str
    purpose: Purpose
    categories: Collection[Category]
    collection_point: CollectionPoint
    language: Language
    customer: Customer | None = None
    # They came of age, and a guardian had allowed it.
    of_age: bool = False


@transaction.atomic
def ask(asked: Asked, *, at: datetime, network: str = "", agent: str = "") -> str:
    """Let a yes wait for its confirmation; return the token that the page is opened by.

    ``address`` is normalised. The token of an e-mail is for its reader alone. Raises
    NeedsNoConfirmation, NotOffered, PointClosed, PurposeRetired, NoTextShown and TooOften.
    """
    text = _text(asked, at=at)
    digest = contact_hash(asked.address)
    if digest is None:
        raise NeedsNoConfirmation(_("Without an address nothing can be confirmed."), field="email")
    if network:
        count_once(PER_NETWORK, who=network_counted(network), at=at)
    token = secrets.token_urlsafe(32)
    code = _code(asked.channel)
    kept = {
        "address": asked.address,
        "token": token,
        "code": code,
        "network": network_kept(network),
        "agent": agent[:200],
    }
    over = _is_over_limit(asked, at=at)
    sealed = seal(json.dumps(kept))
    PendingOptIn.objects.create(
        channel=asked.channel,
        purpose=asked.purpose,
        categories=sorted(set(asked.categories)),
        collection_point=asked.collection_point,
        notice_text=text,
        customer=asked.customer,
        of_age=asked.of_age,
        language=asked.language,
        contact_hash=digest,
        token_hash=_token_hash(token),
        code_hash=code_hash(code, of=token, use=CODE) if code else None,
        sealed=None if over else sealed,
        state=OptInState.OVER_LIMIT if over else _first_state(asked.channel),
        asked_at=at,
        valid_until=at + (CODE_VALID if code else LINK_VALID),
    )
    return token


def sign_up(
    *,
    point: CollectionPoint,
    purpose: Purpose,
    channels: Collection[Channel],
    categories: Collection[Category],
    email: str,
    phone: str,
    language: Language,
    at: datetime,
    network: str,
    agent: str,
) -> dict[Channel, str]:
    """Let what somebody ticked on the sign-up page wait; return the tokens of pages to open next.

    Raises as ``ask``.
    """
    tokens: dict[Channel, str] = {}
    for channel in channels:
        address = email if channel == Channel.EMAIL else phone
        asked = Asked(channel, address, purpose, categories, point, language)
        token = ask(asked, at=at, network=network, agent=agent)
        if channel != Channel.EMAIL:
            tokens[channel] = token
    return tokens


def language_called(code: str | None) -> Language:
    """Return the language that a browser or a program names, or that of the shop."""
    return language_of(Customer(language=code or ""))


def _text(asked: Asked, *, at: datetime) -> NoticeText:
    """Return the words that the yes rests on, or refuse what could never be confirmed."""
    point, purpose = asked.collection_point, asked.purpose
    if asked.channel not in CONFIRMED or not point.double_opt_in:
        raise NeedsNoConfirmation(
            _("%(point)s asks nobody to confirm; record the choice itself.") % {"point": point},
            field="collection_point",
        )
    if not is_offered(asked.channel):
        raise NotOffered(
            _("The shop can neither send a code by %(channel)s nor be written to there.")
            % {"channel": asked.channel.label},
            field="channel",
        )
    if not point.is_active:
        raise PointClosed(
            _("%(point)s is closed and takes no permissions.") % {"point": point},
            field="collection_point",
        )
    if not purpose.is_active:
        raise PurposeRetired(
            _("%(purpose)s is retired and takes no permissions.") % {"purpose": purpose},
            field="purpose",
        )
    text = text_shown(point, purpose=purpose, language=asked.language, at=at)
    if text is None:
        raise NoTextShown(
            _(
                "%(point)s showed no published text about %(purpose)s at that time. Publish a"
                " notice for it first."
            )
            % {"point": point, "purpose": purpose},
            field="collection_point",
        )
    return text


def is_offered(channel: Channel) -> bool:
    """Say whether a yes by this channel can be confirmed: by mail, by a code, or by writing."""
    return channel == Channel.EMAIL or bool(gateway(channel) or settings.TEXT_NUMBERS.get(channel))


def _first_state(channel: Channel) -> OptInState:
    """Nothing is sent where the person writes first."""
    is_sent = channel == Channel.EMAIL or gateway(channel)
    return OptInState.TO_SEND if is_sent else OptInState.SENT


def _code(channel: Channel) -> str:
    if channel == Channel.EMAIL or not gateway(channel):
        return ""
    return new_code()


def _take_turns(digest: bytes) -> None:
    key = int.from_bytes(digest[:8], signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])


def _is_over_limit(asked: Asked, *, at: datetime) -> bool:
    """Say whether the address was asked about too often; whoever asks is not told."""
    try:
        for limit in PER_ADDRESS:
            count_once(limit, who=f"{asked.channel}:{asked.address}", at=at)
    except TooOften:
        return True
    return False


def _token_hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def pending_of(token: str) -> PendingOptIn | None:
    """Return what a link is about."""
    related = ("purpose", "notice_text__version", "collection_point")
    found = PendingOptIn.objects.select_related(*related)
    return found.filter(token_hash=_token_hash(token)).first()


def standing_blocks(pending: PendingOptIn) -> QuerySet[Suppression]:
    """Return why nothing is sent to the address."""
    return Suppression.objects.filter(
        channel=pending.channel, contact_hash=pending.contact_hash, lifted_at=None
    )


def can_still_confirm(pending: PendingOptIn, *, at: datetime) -> bool:
    tried_out = pending.code_hash is not None and pending.tries >= CODE_TRIES
    on_time = can_be_confirmed(pending.state, valid_until=pending.valid_until, at=at)
    return on_time and not tried_out and pending.sealed is not None


class OptInTooLate(DomainError):
    code = "opt_in_too_late"


class WrongCode(DomainError):
    code = "wrong_code"
    status = 422


class WriteToConfirm(DomainError):
    """Without a code, only a message from the phone proves whose it is."""

    code = "write_to_confirm"


class WithdrawnSince(DomainError):
    """A no that came after the request stands."""

    code = "withdrawn_since"


class AddressBlocked(DomainError):
    code = "address_blocked"


def confirm(
    pending: PendingOptIn, *, at: datetime, code: str = "", network: str = "", agent: str = ""
) -> PendingOptIn:
    """Record the yes; confirming again changes nothing.

    Raises OptInTooLate, WrongCode, WriteToConfirm, WithdrawnSince and AddressBlocked.
    """
    if pending.channel != Channel.EMAIL and not pending.code_hash:
        raise WriteToConfirm(_("Write to us from your phone: that confirms it."))
    if pending.code_hash and not _code_fits(pending, code):
        raise WrongCode(_("This is not the code. Look again, or ask for a new one."), field="code")
    return _confirm(pending, at=at, how={"network": network_kept(network), "agent": agent[:200]})


def confirm_by_reply(pending: PendingOptIn, *, at: datetime) -> PendingOptIn:
    """Record the yes of somebody who wrote it from the number itself. Raises as ``confirm``."""
    return _confirm(pending, at=at, how={"reply": "yes"})


@transaction.atomic
def _code_fits(pending: PendingOptIn, code: str) -> bool:
    """Count the try, which stays counted when it is refused, and compare."""
    held = PendingOptIn.objects.select_for_update().get(pk=pending.pk)
    if held.sealed is None or held.tries >= CODE_TRIES:
        # Over, or confirmed: what comes next says so.
        return True
    token = json.loads(unseal(bytes(held.sealed)))["token"]
    if is_the_code(code, kept=bytes(held.code_hash or b""), of=token, use=CODE):
        return True
    held.tries += 1
    held.save(update_fields=["tries"])
    return False


@transaction.atomic
def _confirm(pending: PendingOptIn, *, at: datetime, how: Mapping[str, str]) -> PendingOptIn:
    # Before the customer: two links of one new address would make two people.
    _take_turns(bytes(pending.contact_hash))
    customer = _whose(pending)
    # A withdrawal at the same moment takes turns with this.
    customer = hold(customer) if customer else None
    pending = PendingOptIn.objects.select_for_update().get(pk=pending.pk)
    if pending.state == OptInState.CONFIRMED:
        return pending
    _refuse_late(pending, at=at)
    _refuse_denied(pending, customer)
    kept = json.loads(unseal(bytes(pending.sealed or b"")))
    evidence = {
        "asked": {"at": pending.asked_at.isoformat(), **_seen(kept)},
        "confirmed": {"at": at.isoformat(), **how},
    }
    record_choice(
        customer or _new_customer(pending, kept["address"], at=at),
        purpose=pending.purpose,
        act=Act.GIVEN,
        channels=[Channel(pending.channel)],
        categories=[Category(it) for it in pending.categories],
        collection_point=pending.collection_point_id,
        notice_text=pending.notice_text,
        occurred_at=at,
        reference=f"opt-in:{pending.pk}",
        at=at,
        confirmed=True,
        evidence=json.dumps(evidence),
    )
    lift_confirmed(kept["address"], channel=Channel(pending.channel), at=at)
    pending.state, pending.confirmed_at, pending.sealed = OptInState.CONFIRMED, at, None
    pending.save(update_fields=["state", "confirmed_at", "sealed"])
    return pending


def _seen(kept: Mapping[str, str]) -> dict[str, str]:
    return {name: kept[name] for name in ("network", "agent")}


def _whose(pending: PendingOptIn) -> Customer | None:
    """Return who has the address: whom the program named, or else the oldest record; or None."""
    field = f"{ADDRESS_OF[Channel(pending.channel)]}_hash"
    people = Customer.objects.present().filter(**{field: pending.contact_hash})
    named = people.filter(pk=pending.customer_id or 0).first()
    return named or people.order_by("pk").first()


def _new_customer(pending: PendingOptIn, address: str, *, at: datetime) -> Customer:
    facts = {ADDRESS_OF[Channel(pending.channel)]: address, "language": pending.language}
    return save_customer(Customer(stage=Stage.PROSPECT, registered_at=at, **facts), at=at)


def _refuse_late(pending: PendingOptIn, *, at: datetime) -> None:
    if not can_still_confirm(pending, at=at):
        raise OptInTooLate(_("The time to confirm is over. Ask again, and you get a new message."))


def _refuse_denied(pending: PendingOptIn, customer: Customer | None) -> None:
    """Let a no that came since the request stand (invariant I5), also one by the address alone."""
    denied = ConsentEvent.objects.filter(
        customer=customer,
        purpose=pending.purpose,
        channel=pending.channel,
        act__in=DENIALS,
        recorded_at__gt=pending.asked_at,
    )
    blocks = list(standing_blocks(pending))
    if any(block.reason not in LIFTED_BY_THE_PERSON for block in blocks):
        raise AddressBlocked(
            _("This address is blocked and cannot be subscribed here. Please write to the shop.")
        )
    if denied.exists() or any(block.created_at > pending.asked_at for block in blocks):
        raise WithdrawnSince(
            _("You said no after this request. If you changed your mind, ask again.")
        )


def forget(*, at: datetime) -> int:
    """Forget addresses whose time is over, and rows a week old; return how many rows went."""
    PendingOptIn.objects.filter(valid_until__lte=at, sealed__isnull=False).update(sealed=None)
    deleted, _by_model = PendingOptIn.objects.filter(asked_at__lte=at - FORGET_AFTER).delete()
    return deleted
