"""Stays of people who turn out to be one, or who are erased, and what was decided about them."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from customers.operations.erasing import Leaving
from customers.operations.merges import Joining, Parting
from segments.enums import Cause, Handpicked
from segments.models import Handpick, Membership

# Stays that ended because the other record of the same person was in the segment too.
ENDED = "segments.ended"
# Decisions about a record that ended because there was one about the other.
OVERRULED = "segments.overruled"
# Of the person's stays: those that ended because one of the records had been removed by hand, and
# those that last because one had been added.
SENT_AWAY = "segments.sent_away"
PINNED = "segments.pinned"


def before_merge(joining: Joining) -> None:
    """End what one person cannot have twice: two stays in a segment, two decisions about it."""
    _end_second_stays(joining)
    _end_second_decisions(joining)


def _end_second_stays(joining: Joining) -> None:
    """End the loser's stays in segments in which the survivor is: one person is in once."""
    theirs = Membership.objects.filter(customer=joining.survivor, left_at=None)
    second = Membership.objects.filter(
        customer=joining.loser, left_at=None, segment__in=theirs.values("segment")
    )
    ended = list(second.select_for_update().order_by("pk").values_list("pk", flat=True))
    Membership.objects.filter(pk__in=ended).end(at=joining.at)
    joining.note(ENDED, ended)


def _end_second_decisions(joining: Joining) -> None:
    """Let one decision a segment stand: whoever was removed, as either record, stays out."""
    about = Handpick.objects.standing()
    removed = about.filter(customer=joining.loser, word=Handpicked.REMOVED)
    added = about.filter(customer=joining.survivor, word=Handpicked.ADDED)
    _overrule(joining, added.filter(segment__in=removed.values("segment")))
    left = about.filter(customer=joining.survivor)
    second = about.filter(customer=joining.loser, segment__in=left.values("segment"))
    _overrule(joining, second)


def _overrule(joining: Joining, decisions: Iterable[Handpick]) -> None:
    ids = [decision.pk for decision in decisions]
    Handpick.objects.filter(pk__in=ids).update(ended_at=joining.at)
    joining.note(OVERRULED, ids)


def after_merge(joining: Joining) -> None:
    """Let what was decided about either record hold of the person."""
    stays = Membership.objects.filter(customer=joining.survivor, left_at=None)
    sent_away = stays.filter(_decided(Handpicked.REMOVED)).values_list("pk", flat=True)
    joining.note(SENT_AWAY, ids := list(sent_away))
    Membership.objects.filter(pk__in=ids).end(at=joining.at)
    pinned = stays.filter(_decided(Handpicked.ADDED), cause=Cause.RULE)
    joining.note(PINNED, ids := list(pinned.values_list("pk", flat=True)))
    Membership.objects.filter(pk__in=ids).update(cause=Cause.MANUAL)


def _decided(word: Handpicked) -> Exists:
    return _beside(Handpick.objects.standing().filter(word=word))


def after_parting(parting: Parting) -> None:
    """Let the stays and the decisions that the merge ended go on, but where there are others."""
    people = [parting.survivor, parting.loser]
    Membership.objects.filter(pk__in=parting.noted(PINNED)).update(cause=Cause.RULE)
    ended = [*parting.noted(ENDED), *parting.noted(SENT_AWAY)]
    stays = Membership.objects.filter(pk__in=ended, customer__in=people)
    stays.exclude(_beside(Membership.objects.filter(left_at=None))).update(left_at=None)
    overruled = Handpick.objects.filter(pk__in=parting.noted(OVERRULED), customer__in=people)
    overruled.exclude(_beside(Handpick.objects.standing())).update(ended_at=None)


def _beside(rows: QuerySet[Any]) -> Exists:
    """Say whether there is such a row of the same customer in the same segment."""
    return Exists(rows.filter(segment=OuterRef("segment"), customer=OuterRef("customer")))


def end_stays(leaving: Leaving) -> None:
    """Let whoever is erased leave every segment."""
    Membership.objects.filter(customer__in=leaving.ids, left_at=None).end(at=leaving.at)
