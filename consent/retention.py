"""What of choices is kept only for so long, and whom what they said keeps from being forgotten."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from consent.enums import ActorKind
from consent.models import (
    ConsentEvent,
    InboundMessage,
    MutedTopic,
    Restriction,
    SubjectRequest,
    Wish,
)
from consent.operations.endings import end_unused
from consent.queries.ageing import evidence_of_the_ended, unused
from customers.rules.erasing import blanked
from customers.rules.retention import RetentionPart

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


RETENTION = [
    RetentionPart(
        code="unused",
        label=_("Permissions that were not used"),
        months="permissions_unused_months",
        due=unused,
        ending=blanked(because=_("They end, as those do whose time is over.")),
        end=end_unused,
        limit=1000,
    ),
    RetentionPart(
        code="evidence",
        label=_("What proves choices that stand no more"),
        months="evidence_months",
        due=evidence_of_the_ended,
        ending=blanked(
            "evidence_sealed",
            because=_("The choice, its day and the text shown stay; the chain holds."),
            written_once=True,
        ),
    ),
]

STAYING = [_asked, _was_restricted, _chose, _wished, _muted, _wrote]
