"""Entry and exit are told to the timeline, of segments that somebody listens to."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from common.discovery import declared
from customers.models import WebhookSubscription
from customers.operations.timeline import NewEvent, record_events
from segments.models import Segment

ENTERED, LEFT = "segments.entered", "segments.left"


@dataclass(frozen=True)
class Change:
    """Who came into a segment, or left it; who they are only when somebody listens."""

    segment: int
    came: bool
    count: int
    stays: tuple[int, ...] = ()
    customers: tuple[int, ...] = ()


def told_of(segments: Collection[int]) -> set[int]:
    """Return those of the segments to whose entries and exits somebody listens."""
    if _is_told_of_all():
        return set(segments)
    listened: set[int] = set()
    for listen in declared("listeners", "LISTENERS"):
        listened |= set(listen())
    return listened & set(segments)


def _is_told_of_all() -> bool:
    active = WebhookSubscription.objects.filter(is_active=True)
    return (
        active.filter(all_kinds=True).exists()
        or active.filter(kinds__overlap=[ENTERED, LEFT]).exists()
    )


def tell(changes: Iterable[Change], *, at: datetime) -> None:
    """Write the entries and exits of those who are named down as events; again, nothing."""
    named = [change for change in changes if change.customers]
    names = dict(
        Segment.objects.filter(pk__in={change.segment for change in named}).values_list(
            "pk", "name"
        )
    )
    record_events(
        NewEvent(
            ENTERED if change.came else LEFT,
            customer,
            at,
            f"stay:{stay}:{'entered' if change.came else 'left'}",
            {"segment_id": change.segment, "segment": names[change.segment]},
        )
        for change in named
        for stay, customer in zip(change.stays, change.customers, strict=True)
    )
