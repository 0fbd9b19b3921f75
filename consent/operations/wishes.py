"""What a person wishes about our messages: kept, and told in the timeline, in one act."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, TypedDict, Unpack

from django.db import transaction
from django.utils.translation import gettext as _

from common.errors import DomainError
from consent.models import MutedTopic, Wish
from consent.queries.wishes import known_topics, product_names, wishes_of
from consent.rules.wishes import LONGEST_GAP, Topic, Wishes, strictest
from customers.models import Customer
from customers.operations.merges import Joining, Parting
from customers.operations.profile import hold
from customers.operations.timeline import NewEvent, record_events

# What the survivor of a merge wished before it.
NOTE = "consent.wishes_of_survivor"


class WrongGap(DomainError):
    code = "wrong_gap"
    status = 422


class PauseIsOver(DomainError):
    code = "pause_is_over"
    status = 422


class UnknownTopic(DomainError):
    code = "unknown_topic"
    status = 422


class Changes(TypedDict, total=False):
    paused_until: datetime | None
    at_most_every_days: int | None
    muted: frozenset[Topic]


@transaction.atomic
def wish(customer: Customer, *, at: datetime, **changes: Unpack[Changes]) -> Wishes:
    """Keep what a person wishes; what is not named stays as it is.

    The same wish again changes nothing. Raises WrongGap, PauseIsOver, and UnknownTopic for a
    muted product or occasion that nobody knows.
    """
    customer = hold(customer)
    before = wishes_of(customer)
    wishes = replace(before, **changes)
    _refuse(before, wishes, at=at)
    if wishes == before:
        return wishes
    _keep(customer, wishes, at=at)
    record_events(_told(customer, before, wishes, at=at))
    return wishes


@transaction.atomic
def mute(customer: Customer, topics: Collection[Topic], *, at: datetime) -> Wishes:
    """Remind the person of these no more, beside what they muted before."""
    customer = hold(customer)
    return wish(customer, at=at, muted=wishes_of(customer).muted | frozenset(topics))


def _refuse(before: Wishes, wishes: Wishes, *, at: datetime) -> None:
    gap, until = wishes.at_most_every_days, wishes.paused_until
    if gap is not None and not 1 <= gap <= LONGEST_GAP:
        raise WrongGap(
            _("Choose from 1 to %(most)s days.") % {"most": LONGEST_GAP},
            field="at_most_every_days",
        )
    if until and until != before.paused_until and until <= at:
        raise PauseIsOver(_("A pause ends in the future."), field="paused_until")
    if unknown := wishes.muted - before.muted - known_topics(wishes.muted):
        raise UnknownTopic(
            _("The shop has no such topic: %(topic)s.") % {"topic": min(unknown).value},
            field="muted",
        )


def _keep(customer: Customer, wishes: Wishes, *, at: datetime) -> None:
    _keep_gaps(customer, wishes, at=at)
    muted = MutedTopic.objects.filter(customer=customer)
    known = {it.topic: it.pk for it in muted}
    muted.filter(pk__in=[pk for topic, pk in known.items() if topic not in wishes.muted]).delete()
    MutedTopic.objects.bulk_create(
        MutedTopic(customer=customer, kind=topic.kind, value=topic.value, since=at)
        for topic in sorted(wishes.muted - known.keys())
    )


def _keep_gaps(customer: Customer, wishes: Wishes, *, at: datetime) -> None:
    if wishes.paused_until is None and wishes.at_most_every_days is None:
        Wish.objects.filter(customer=customer).delete()
        return
    Wish.objects.update_or_create(
        customer=customer,
        defaults={
            "paused_until": wishes.paused_until,
            "at_most_every_days": wishes.at_most_every_days,
            "changed_at": at,
        },
    )


def _told(
    customer: Customer, before: Wishes, wishes: Wishes, *, at: datetime
) -> Iterator[NewEvent]:
    for kind, data in _changes(before, wishes, at=at):
        what = data.get("value", "")
        yield NewEvent(
            kind=f"consent.{kind}",
            customer=customer.pk,
            at=at,
            reference=f"wish:{customer.pk}:{kind}:{what}:{at.isoformat()}",
            data=data,
        )


def _changes(
    before: Wishes, wishes: Wishes, *, at: datetime
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if wishes.paused_until != before.paused_until:
        if wishes.paused_until:
            yield "paused", {"until": wishes.paused_until.isoformat()}
        elif before.paused_until and before.paused_until > at:
            yield "pause_ended", {}
    if wishes.at_most_every_days != before.at_most_every_days:
        yield "frequency_chosen", {"days": wishes.at_most_every_days}
    names = product_names([topic.value for topic in wishes.muted ^ before.muted])
    for kind, topics in (
        ("topic_muted", wishes.muted - before.muted),
        ("topic_wanted", before.muted - wishes.muted),
    ):
        for topic in sorted(topics):
            yield kind, {**topic._asdict(), "name": names.get(topic.value, "")}


def join(joining: Joining) -> None:
    """Make the merged person's wishes the stricter of both; what is muted has moved already."""
    survivor, loser = wishes_of(joining.survivor), wishes_of(joining.loser)
    if Wish.objects.filter(customer=joining.survivor).exists():
        joining.note(NOTE, [_noted(survivor)])
    _keep_gaps(joining.survivor, strictest(survivor, loser), at=joining.at)


def part(parting: Parting) -> None:
    """Give the survivor their own wishes back; what was wished since is both people's."""
    loser, now = wishes_of(parting.loser), wishes_of(parting.survivor)
    noted = parting.noted(NOTE)
    before = _read(noted[0]) if noted else Wishes()
    if _noted(now) == _noted(strictest(before, loser)):
        _keep_gaps(parting.survivor, before, at=parting.at)
    else:
        _keep_gaps(parting.loser, strictest(now, loser), at=parting.at)


def _noted(wishes: Wishes) -> dict[str, Any]:
    until = wishes.paused_until
    return {"until": until.isoformat() if until else None, "days": wishes.at_most_every_days}


def _read(noted: Mapping[str, Any]) -> Wishes:
    until = noted["until"]
    return Wishes(datetime.fromisoformat(until) if until else None, noted["days"])
