"""Double opt-in: somebody asks, and whoever holds the address confirms (invariant I8).

Here they ask; ``opt_in_confirmations`` is the rest. Until then there is no consent, and no
customer either: the row waits apart. Whoever asks is told the same whether the address is new,
known, subscribed or blocked, after the same work: what differs is decided later, by the task that
sends.
"""

import hashlib
import json
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from common.enums import Language
from common.errors import DomainError
from common.keys import seal
from common.text_transport import gateway
from consent.enums import Channel, OptInState
from consent.models import CollectionPoint, NoticeText, PendingOptIn, Purpose, Suppression
from consent.operations.choices import NoTextShown, PointClosed, PurposeRetired
from consent.operations.codes import code_hash, new_code
from consent.operations.limits import Limit, TooOften, count_once
from consent.queries.notices import text_shown
from consent.rules.opt_in import (
    CODE_VALID,
    CONFIRMED,
    FORGET_AFTER,
    LINK_VALID,
    network_counted,
    network_kept,
)
from customers.enums import Category
from customers.models import Customer
from customers.operations.profile import contact_hash
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


def forget(*, at: datetime) -> int:
    """Forget addresses whose time is over, and rows a week old; return how many rows went."""
    PendingOptIn.objects.filter(valid_until__lte=at, sealed__isnull=False).update(sealed=None)
    deleted, _by_model = PendingOptIn.objects.filter(asked_at__lte=at - FORGET_AFTER).delete()
    return deleted
