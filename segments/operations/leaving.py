"""Stays of people who turn out to be one, or who are erased."""

from django.db.models import DateTimeField, Value
from django.db.models.functions import Greatest

from customers.operations.erasing import Leaving
from customers.operations.merges import Joining, Parting
from segments.models import Membership

# Stays that ended because the other record of the same person was in the segment too.
ENDED = "segments.ended"


def end_second_stays(joining: Joining) -> None:
    """End the loser's stays in segments in which the survivor is: one person is in once."""
    theirs = Membership.objects.filter(customer=joining.survivor, left_at=None)
    second = Membership.objects.filter(
        customer=joining.loser, left_at=None, segment__in=theirs.values("segment")
    )
    ended = list(second.select_for_update().order_by("pk").values_list("pk", flat=True))
    Membership.objects.filter(pk__in=ended).update(
        left_at=Greatest("entered_at", Value(joining.at, DateTimeField()))
    )
    joining.note(ENDED, ended)


def resume_second_stays(parting: Parting) -> None:
    """Let the stays that the merge ended go on."""
    ended = Membership.objects.filter(pk__in=parting.noted(ENDED), customer=parting.loser)
    ended.update(left_at=None)


def end_stays(leaving: Leaving) -> None:
    """Let whoever is erased leave every segment."""
    stays = Membership.objects.filter(customer__in=leaving.ids, left_at=None)
    stays.update(left_at=Greatest("entered_at", Value(leaving.at, DateTimeField())))
