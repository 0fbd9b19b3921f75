"""The time machine: what could be done with one person at a moment, and on which words."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q
from django.utils.dateparse import parse_datetime

from consent.enums import Act, Channel, LegalBasis, Verdict
from consent.models import ConsentEvent, Purpose, Restriction, Suppression, Wish
from consent.queries.predicate import ADDRESS_OF
from consent.queries.settings import privacy_settings
from consent.rules import Answer, Choice, standing
from consent.rules.ages import Age, age_of
from customers.enums import Category
from customers.models import Customer, Event

Thing = Channel | Category
PAUSES = ("consent.paused", "consent.pause_ended")
REFUSED = (Verdict.CHANNEL_REFUSED, Verdict.DATA_REFUSED)


@dataclass(frozen=True)
class Judgement:
    """What held of one channel or kind of data, and the choice that decided it, if any did.

    ``said`` is what the person's choices alone would have allowed.
    """

    thing: Thing
    verdict: Verdict
    said: Verdict
    decided_by: ConsentEvent | None
    until: datetime | None

    @property
    def may(self) -> bool:
        return self.verdict == Verdict.ALLOWED


@dataclass(frozen=True)
class Past:
    """What one purpose could use of a person at the moment."""

    purpose: Purpose
    channels: list[Judgement]
    categories: list[Judgement]

    @property
    def was_asked(self) -> bool:
        return any(it.decided_by for it in (*self.channels, *self.categories))

    @property
    def allowed(self) -> list[Judgement]:
        return [it for it in (*self.channels, *self.categories) if it.may]

    @property
    def denied(self) -> list[Judgement]:
        """What the person said no to; what nobody asked is not among it."""
        judged = (*self.channels, *self.categories)
        return [it for it in judged if it.said in REFUSED]


@dataclass(frozen=True)
class Person:
    """What else held of somebody at the moment, whatever they had chosen."""

    blocks: list[Suppression]
    restrictions: list[Restriction]
    paused_until: datetime | None
    is_under_age: bool

    def objection(self, purpose: Purpose, channel: Channel | None = None) -> Verdict | None:
        """Return the first objection, in the predicate's order; None leaves it to the choices."""
        if self.restrictions and purpose.basis != LegalBasis.LEGAL_OBLIGATION:
            return Verdict.RESTRICTED
        if self.is_under_age and purpose.adults_only:
            return Verdict.UNDER_AGE
        if channel and self._is_blocked(purpose, channel):
            return Verdict.SUPPRESSED
        if channel and self.paused_until and purpose.needs_opt_in:
            return Verdict.PAUSED
        return None

    def _is_blocked(self, purpose: Purpose, channel: Channel) -> bool:
        about = (None, purpose.pk)
        return any(it.channel == channel and it.purpose_id in about for it in self.blocks)


def past(customer: Customer, *, at: datetime) -> list[Past]:
    """Return, purpose by purpose, what could be used by what we had heard by then.

    Choices are folded by the rule by which the permissions of today are. Addresses, the birth date
    and the shop's ages count as they are now: what they were is not kept.
    """
    chosen = _chosen(customer, at=at)
    person = person_then(customer, at=at)
    return [
        Past(
            purpose,
            [
                _of_channel(purpose, channel, chosen[purpose.pk, channel], person, at=at)
                for channel in Channel
            ],
            [
                _of_category(purpose, category, chosen[purpose.pk, category], person, at=at)
                for category in Category
            ],
        )
        for purpose in Purpose.objects.order_by("code")
    ]


def person_then(customer: Customer, *, at: datetime) -> Person:
    return Person(
        blocks=blocks(customer, at=at),
        restrictions=restrictions(customer, at=at),
        paused_until=paused_until(customer, at=at),
        is_under_age=_is_under_age(customer, at=at),
    )


def events_until(customer: Customer, *, at: datetime) -> list[ConsentEvent]:
    """Return the person's choices of which we had heard by then, in the order recorded."""
    events = ConsentEvent.objects.filter(customer=customer, recorded_at__lte=at).order_by("id")
    return list(
        events.select_related(
            "purpose", "collection_point", "actor", "notice_text__version__notice"
        )
    )


def _chosen(customer: Customer, *, at: datetime) -> Mapping[tuple[str, Thing], list[ConsentEvent]]:
    chosen: dict[tuple[str, Thing], list[ConsentEvent]] = defaultdict(list)
    for event in events_until(customer, at=at):
        thing = Channel(event.channel) if event.channel else Category(event.category)
        chosen[event.purpose_id, thing].append(event)
    return chosen


def decided(events: Iterable[ConsentEvent], *, at: datetime) -> tuple[Answer, ConsentEvent | None]:
    """Return what choices about one thing added up to, and the last that changed it.

    A yes whose time was over by then is silence.
    """
    answer, by = Answer(), None
    read: list[Choice] = []
    for event in events:
        read.append(Choice(Act(event.act), event.occurred_at, event.valid_until))
        before, answer = answer, standing(read)
        by = event if answer != before else by
    if answer.until and answer.until <= at:
        return Answer(), by
    return answer, by


def _of_channel(
    purpose: Purpose,
    channel: Channel,
    events: list[ConsentEvent],
    person: Person,
    *,
    at: datetime,
) -> Judgement:
    answer, by = decided(events, at=at)
    said = _verdict(purpose, answer, Verdict.NO_PERMISSION, Verdict.CHANNEL_REFUSED)
    verdict = person.objection(purpose, channel) or said
    return Judgement(channel, verdict, said, by, answer.until)


def _of_category(
    purpose: Purpose,
    category: Category,
    events: list[ConsentEvent],
    person: Person,
    *,
    at: datetime,
) -> Judgement:
    answer, by = decided(events, at=at)
    said = _verdict(purpose, answer, Verdict.DATA_NOT_ASKED, Verdict.DATA_REFUSED)
    return Judgement(category, person.objection(purpose) or said, said, by, answer.until)


def _verdict(purpose: Purpose, answer: Answer, silent: Verdict, refused: Verdict) -> Verdict:
    if answer.says is None and purpose.needs_opt_in:
        return silent
    return refused if answer.says is False else Verdict.ALLOWED


def blocks(customer: Customer, *, at: datetime) -> list[Suppression]:
    """Return what blocked the person's addresses of today at the moment."""
    theirs = Q(pk=None)
    for channel, field in ADDRESS_OF.items():
        if digest := getattr(customer, f"{field}_hash"):
            theirs |= Q(channel=channel, contact_hash=digest)
    standing_then = Q(lifted_at=None) | Q(lifted_at__gt=at)
    found = Suppression.objects.filter(theirs, standing_then, created_at__lte=at)
    return list(found.order_by("created_at", "id"))


def restrictions(customer: Customer, *, at: datetime) -> list[Restriction]:
    """Return why the person's data stood still at the moment: nothing could be done with them."""
    begun = Restriction.objects.filter(customer=customer, since__lte=at)
    held = begun.exclude(until__lte=at).exclude(lifted_at__lte=at)
    return list(held.order_by("since", "id"))


def paused_until(customer: Customer, *, at: datetime) -> datetime | None:
    """Return the end of the pause that the person had asked for; None while they wanted messages.

    What they wish now stood since they last changed it; before, the timeline tells.
    """
    wish = Wish.objects.filter(customer=customer, changed_at__lte=at).first()
    until = wish.paused_until if wish else _pause_told(customer, at=at)
    return until if until and until > at else None


def _pause_told(customer: Customer, *, at: datetime) -> datetime | None:
    told = Event.objects.filter(customer=customer, kind__in=PAUSES, occurred_at__lte=at)
    last = told.order_by("-occurred_at", "-id").first()
    return parse_datetime(str(last.data.get("until", ""))) if last else None


def _is_under_age(customer: Customer, *, at: datetime) -> bool:
    chosen = privacy_settings()
    day = at.astimezone(ZoneInfo(settings.SHOP_TIME_ZONE)).date()
    age = age_of(customer.birth_date, on=day, age_of_consent=chosen.age_of_consent)
    return age == Age.UNDER_AGE or (age == Age.UNKNOWN and chosen.unknown_age_is_minor)
