"""What apps keep only for so long, and who must stay."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache

from django.db.models import Exists, Q, QuerySet

from common.discovery import declared
from customers.models import Customer, Event
from customers.queries.timeline import all_kinds
from customers.rules import TRACKED
from customers.rules.retention import RetentionPart, Term

# Nothing commits so long after the time that it writes on its rows.
LATEST_COMMIT = timedelta(days=1)


@cache
def retention_parts() -> dict[str, RetentionPart]:
    """Return all that is kept only for so long, by code, lowest app first."""
    return {part.code: part for part in declared("retention", "RETENTION")}


@cache
def reasons_to_stay() -> tuple[Callable[[datetime], Exists], ...]:
    """Return what holds customers who do nothing, as apps declare it in ``retention.py: STAYING``.

    Each gets the moment since when they did nothing, and returns the condition on customers.
    """
    return declared("retention", "STAYING")


def watched(term: Term) -> QuerySet[Event]:
    """Return the old events of watched behaviour that still tell details."""
    kinds = all_kinds().items()
    return told(term, kinds=sorted(code for code, kind in kinds if kind.category in TRACKED))


def told(term: Term, *, kinds: list[str]) -> QuerySet[Event]:
    """Return the old events of these kinds that still tell details."""
    return Event.objects.filter(_old(term), kind__in=kinds).exclude(data={})


def _old(term: Term) -> Q:
    """Keep old events; of those that the last run saw only what has come in since.

    So a night costs what a day brings, however many years of events were emptied before.
    """
    old = Q(occurred_at__lt=term.before)
    if term.seen is None:
        return old
    came_in = Q(recorded_at__gte=term.seen.at - LATEST_COMMIT)
    return old & (Q(occurred_at__gte=term.seen.before) | came_in)


def inactive(term: Term) -> QuerySet[Customer]:
    """Return the customers who did nothing for so long, and whom nothing holds."""
    people = Customer.objects.present().filter(registered_at__lt=term.before)
    for moment in ("last_seen_at", "last_click_at"):
        metric = f"metrics__{moment}"
        people = people.filter(Q(**{metric: None}) | Q(**{f"{metric}__lt": term.before}))
    for holds in reasons_to_stay():
        people = people.filter(~holds(term.before))
    return people
