"""Who is not forgotten although they buy nothing: whoever spoke to us, or has something open."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from consent.enums import ActorKind
from consent.models import (
    ConsentEvent,
    InboundMessage,
    MutedTopic,
    Restriction,
    SubjectRequest,
    Wish,
)

THEIRS = {"customer": OuterRef("pk")}
# What these wrote down, the person did not say.
NOT_THEIR_WORD = (ActorKind.SYSTEM, ActorKind.PROVIDER)


def _asked(since: datetime) -> Exists:
    open_or_new = Q(closed_at=None) | Q(received_at__gte=since)
    return Exists(SubjectRequest.objects.filter(open_or_new, **THEIRS))


def _was_restricted(since: datetime) -> Exists:
    """Say of whom the data stood still in that time: kept means that nobody deletes them."""
    not_over = Q(until=None) | Q(until__gt=since)
    not_lifted = Q(lifted_at=None) | Q(lifted_at__gt=since)
    return Exists(Restriction.objects.filter(not_over, not_lifted, **THEIRS))


def _chose(since: datetime) -> Exists:
    choices = ConsentEvent.objects.filter(occurred_at__gte=since, **THEIRS)
    return Exists(choices.exclude(actor_kind__in=NOT_THEIR_WORD))


def _wished(since: datetime) -> Exists:
    return Exists(Wish.objects.filter(changed_at__gte=since, **THEIRS))


def _muted(since: datetime) -> Exists:
    return Exists(MutedTopic.objects.filter(since__gte=since, **THEIRS))


def _wrote(since: datetime) -> Exists:
    return Exists(InboundMessage.objects.filter(received_at__gte=since, **THEIRS))


STAYING = [_asked, _was_restricted, _chose, _wished, _muted, _wrote]
