"""How a segment grew and shrank."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import accumulate
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    DateField,
    Exists,
    F,
    OuterRef,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import TruncDate
from django.utils.timezone import localtime, make_aware

from segments.enums import Cause, Handpicked
from segments.models import Handpick, Membership, Segment

FIRST_FILL, LEFT, REMOVED = "first", "left", "removed"


@dataclass(frozen=True)
class Day:
    """A day of the shop: how many were in the segment at its end, who came that day and went.

    ``entered`` counts by cause; whom the first fill found were there from the beginning and did
    not come. Of those who ``left``, ``removed`` were taken out by hand.
    """

    on: date
    size: int
    entered: dict[Cause, int] = field(default_factory=dict)
    left: int = 0
    removed: int = 0

    @property
    def changed(self) -> bool:
        return bool(self.entered or self.left)


def history(segment: Segment, *, days: int, at: datetime) -> list[Day]:
    """Return the last days, oldest first, from the first fill on; one query."""
    if segment.filled_at is None:
        return []
    today = localtime(at).date()
    first = max(today - timedelta(days=days - 1), localtime(segment.filled_at).date())
    moves = _moves(segment, since=first)
    shown = [first + timedelta(days=n) for n in range((today - first).days + 1)]
    sizes = accumulate(_growth(moves.get(day, {})) for day in [_before(first), *shown])
    next(sizes)
    return [_day(day, size, moves.get(day, {})) for day, size in zip(shown, sizes, strict=True)]


def _moves(segment: Segment, *, since: date) -> dict[date, dict[str, int]]:
    """Count who came and went by day and cause; what was before counts for the day before."""
    stays = Membership.objects.filter(segment=segment)
    came = _by_day(
        stays,
        "entered_at",
        since=since,
        how=Case(
            When(entered_at__lte=segment.filled_at, then=Value(FIRST_FILL)),
            default=F("cause"),
            output_field=CharField(),
        ),
    )
    went = _by_day(
        stays.exclude(left_at=None),
        "left_at",
        since=since,
        how=Case(When(_by_hand(), then=Value(REMOVED)), default=Value(LEFT)),
    )
    moves: dict[date, dict[str, int]] = {}
    for day, how, people in came.union(went, all=True):
        moves.setdefault(day, {})[how] = people
    return moves


def _by_hand() -> Exists:
    """Say of a stay that has ended whether somebody ended it, at that very moment."""
    removed = Handpick.objects.filter(word=Handpicked.REMOVED, decided_at=OuterRef("left_at"))
    return Exists(removed.filter(segment=OuterRef("segment"), customer=OuterRef("customer")))


def _by_day(
    stays: QuerySet[Membership], moment: str, *, since: date, how: Any
) -> QuerySet[Any, Any]:
    begins = make_aware(datetime.combine(since, time.min))
    day = Case(
        When(**{f"{moment}__lt": begins}, then=Value(_before(since))),
        default=TruncDate(moment),
        output_field=DateField(),
    )
    told = stays.order_by().annotate(day=day, how=how).values_list("day", "how")
    return told.annotate(people=Count("pk"))


def _before(day: date) -> date:
    return day - timedelta(days=1)


def _growth(moves: dict[str, int]) -> int:
    went = (LEFT, REMOVED)
    return sum(-people if how in went else people for how, people in moves.items())


def _day(on: date, size: int, moves: dict[str, int]) -> Day:
    entered = {cause: moves[cause] for cause in Cause if cause in moves}
    removed = moves.get(REMOVED, 0)
    return Day(on, size, entered, left=moves.get(LEFT, 0) + removed, removed=removed)
