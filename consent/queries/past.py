"""The time machine: what could be done with one person at a moment, and on which words."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from consent.enums import Act, Channel, Verdict
from consent.models import ConsentEvent, Purpose, Restriction, Suppression
from consent.queries.predicate import ADDRESS_OF
from consent.rules import Answer, Choice, standing
from customers.enums import Category
from customers.models import Customer

Thing = Channel | Category
REFUSED = (Verdict.CHANNEL_REFUSED, Verdict.DATA_REFUSED)


@dataclass(frozen=True)
class Judgement:
    """What held of one channel or kind of data, and the choice that decided it, if any did."""

    thing: Thing
    verdict: Verdict
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
        return [it for it in judged if it.verdict in REFUSED]


def past(customer: Customer, *, at: datetime) -> list[Past]:
    """Return, purpose by purpose, what the choices that we had heard of by then added up to.

    Folded by the rule by which the permissions of today are. A blocked address counts by the
    addresses that the person has now: what they were is not kept.
    """
    chosen = _chosen(customer, at=at)
    found = blocks(customer, at=at)
    return [
        Past(
            purpose,
            [
                _of_channel(purpose, channel, chosen[purpose.pk, channel], found, at=at)
                for channel in Channel
            ],
            [
                _of_category(purpose, category, chosen[purpose.pk, category], at=at)
                for category in Category
            ],
        )
        for purpose in Purpose.objects.order_by("code")
    ]


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
    blocked: list[Suppression],
    *,
    at: datetime,
) -> Judgement:
    answer, by = decided(events, at=at)
    verdict = _verdict(purpose, answer, Verdict.NO_PERMISSION, Verdict.CHANNEL_REFUSED)
    if any(it.channel == channel and it.purpose_id in (None, purpose.pk) for it in blocked):
        verdict = Verdict.SUPPRESSED
    return Judgement(channel, verdict, by, answer.until)


def _of_category(
    purpose: Purpose, category: Category, events: list[ConsentEvent], *, at: datetime
) -> Judgement:
    answer, by = decided(events, at=at)
    verdict = _verdict(purpose, answer, Verdict.DATA_NOT_ASKED, Verdict.DATA_REFUSED)
    return Judgement(category, verdict, by, answer.until)


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
