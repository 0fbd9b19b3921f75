"""Why somebody got a message: what it rested on then, and what the rule sees of them now."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils.timezone import localdate
from django.utils.translation import get_language

from campaigns.models import Campaign, Message
from campaigns.queries.audience import categories_used, purpose_of
from campaigns.rules.reasons import BASES, DAYS_BETWEEN, MASKED, Sent, left_by, using
from consent.enums import Channel, LegalBasis
from consent.models import ConsentEvent, Purpose
from consent.queries.tokens import preferences_url
from consent.rules import GRANTS
from customers.enums import Category
from customers.rules.masking import masked_email
from segments.compiler import Explained, explain
from segments.enums import Cause
from segments.models import Membership
from segments.queries import traits
from segments.rules import BadRule, Condition, Rule, read_rule, sentence, sentence_of_condition
from segments.rules import value_in_words as words

# What is less is told by what came lately.
LATELY = timedelta(days=90)


@dataclass(frozen=True)
class Ground:
    """What a person allowed at one moment and where, and the text they were shown, word by word.

    The text is "" for what was allowed before texts were kept, or told by a file.
    """

    at: datetime
    where: str
    allowed: list[str]
    text: str


@dataclass(frozen=True)
class Seen:
    """One condition of the rule, and what it sees of the person today.

    ``fits`` is None where we may not look, or not any more; ``is_masked`` where the page does not
    show what we see.
    """

    asked: str
    value: str
    fits: bool | None
    is_masked: bool


@dataclass(frozen=True)
class Use:
    """A kind of data that the message used; ``lately`` counts messages that would not come."""

    category: Category
    lately: int


@dataclass(frozen=True)
class Why:
    """Everything that the page says about one message."""

    message: Message
    subject: str
    purpose: Purpose
    basis: str
    may_object: bool
    grounds: list[Ground]
    rule: str
    by_hand: bool
    seen: list[Seen]
    used: list[Use]
    unused: list[Category]
    lately: int
    once_a_month: int

    @property
    def channel(self) -> str:
        return str(Channel(self.message.channel).label)


def why(message: Message, *, at: datetime) -> Why:
    """Say why the message was sent, in the active language; a fixed number of queries."""
    campaign, purpose = message.campaign, purpose_of(message.campaign)
    basis = LegalBasis(campaign.basis or purpose.basis)
    used = sorted(categories_used(campaign), key=list(Category).index)
    sent = _sent_lately(message, purpose, at=at)
    rule, seen = _rule(message, purpose, at=at)
    return Why(
        message=message,
        subject=_subject(campaign),
        purpose=purpose,
        basis=str(BASES[basis]),
        may_object=basis in (LegalBasis.CONSENT, LegalBasis.LEGITIMATE_INTEREST),
        grounds=_grounds(message, purpose, used),
        rule=rule,
        by_hand=_was_added_by_hand(message),
        seen=seen,
        used=[Use(category, using(sent, category)) for category in used],
        # The address is used by every message.
        unused=[one for one in Category if one not in used and one != Category.CONTACT],
        lately=len(sent),
        once_a_month=left_by(sent, days=DAYS_BETWEEN),
    )


def _subject(campaign: Campaign) -> str:
    """Return the subject, unless it holds words of the person's own: see ``MASKED``."""
    return "" if "{" in campaign.subject else campaign.subject


def _grounds(message: Message, purpose: Purpose, used: Iterable[Category]) -> list[Ground]:
    """Return the choices that stood when the message left, those made at once together."""
    events = ConsentEvent.objects.filter(
        Q(channel=message.channel) | Q(category__in=used),
        customer=message.customer_id,
        purpose=purpose,
        act__in=GRANTS,
        # None where the purpose needs no choice.
        pk__lte=message.permission_event or 0,
    )
    read = events.select_related("collection_point", "notice_text")
    last = read.order_by("channel", "category", "-pk").distinct("channel", "category")
    standing = sorted(last, key=lambda event: (event.occurred_at, event.pk))
    return [
        Ground(at=at, where=where, allowed=[_scope(event) for event in together], text=text)
        for (at, where, text), together in groupby(standing, key=_moment)
    ]


def _moment(event: ConsentEvent) -> tuple[datetime, str, str]:
    text = event.notice_text.body if event.notice_text else ""
    return event.occurred_at, str(event.collection_point), text


def _scope(event: ConsentEvent) -> str:
    return event.get_channel_display() or event.get_category_display()


def _rule(message: Message, purpose: Purpose, *, at: datetime) -> tuple[str, list[Seen]]:
    """Return the rule in words and what it sees; only the words, where it can be read no more."""
    campaign = message.campaign
    try:
        rule = read_rule(_rule_of(campaign), traits())
    except BadRule:
        return campaign.rule_in_words.get(get_language() or "", ""), []
    return sentence(rule), _seen(rule, message, purpose, at=at)


def _rule_of(campaign: Campaign) -> object:
    return campaign.segment.rule if campaign.rule is None else campaign.rule


def _seen(rule: Rule, message: Message, purpose: Purpose, *, at: datetime) -> list[Seen]:
    today = localdate(at)
    return [
        _seen_of(part.node, part, on=today)
        for part in explain(rule, message.customer, purpose=purpose, at=at)
        if isinstance(part.node, Condition)
    ]


def _seen_of(condition: Condition, explained: Explained, *, on: date) -> Seen:
    is_masked = explained.counts is not None and condition.trait.category in MASKED
    return Seen(
        asked=sentence_of_condition(condition),
        value="" if is_masked else words(condition, explained.seen.single, on=on),
        fits=explained.counts,
        is_masked=is_masked,
    )


def _was_added_by_hand(message: Message) -> bool:
    stays = Membership.objects.filter(
        segment=message.campaign.segment_id,
        customer=message.customer_id,
        entered_at__lte=message.decided_at,
    )
    cause = stays.order_by("-entered_at").values_list("cause", flat=True).first()
    return cause == Cause.MANUAL


def _sent_lately(message: Message, purpose: Purpose, *, at: datetime) -> list[Sent]:
    """Return what was sent to the person for the purpose; a few hundred at the very most."""
    sent = Message.objects.filter(
        Q(campaign__purpose=purpose)
        | Q(campaign__segment__purpose=purpose, campaign__purpose=None),
        customer=message.customer_id,
        sent_at__gt=at - LATELY,
        sent_at__lte=at,
    )
    return [
        Sent(sent_at, frozenset(map(Category, categories)))
        for sent_at, categories in sent.values_list("sent_at", "campaign__categories")
        if sent_at
    ]


def about(message: Message, *, at: datetime) -> dict[str, Any]:
    """Return what the page says, in the active language; staff look at the same."""
    provider = (settings.MAIL_PROVIDER, settings.MAIL_PROVIDER_COUNTRY)
    return {
        "why": why(message, at=at),
        "address": masked_email(message.customer.email),
        # "" for a mail server of our own.
        "provider": ", ".join(filter(None, provider)),
        "officer": settings.DATA_PROTECTION_OFFICER,
        "shop": settings.SHOP_NAME,
        "preferences_url": preferences_url(message.customer_id, at=at),
    }
