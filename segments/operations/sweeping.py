"""Everybody is looked at once more: by ranges of ids, a few seconds each.

Who should be in other segments than they are is found by reading alone, in one pass over the flat
profiles for all segments; only these customers are then reconsidered, which writes.
"""

from collections.abc import Collection, Iterator
from datetime import datetime

import structlog
from django.db import connection
from django.db.models import F, Max

from customers.models import Customer, Event
from customers.queries.timeline import THE_END, position_of
from customers.rules import Span
from segments.compiler.people import Between, People
from segments.compiler.together import Questions, questions
from segments.enums import SweepReason
from segments.models import Due, Segment, Sweep
from segments.operations.profiles import write_profiles_between
from segments.operations.reconsidering import (
    ask_apart,
    note_flips_of,
    prepare_for_much,
    reconsider,
)
from segments.operations.telling import Change

log = structlog.get_logger(__name__)

# Customers that are read at once, and written at once.
CHUNK = 250_000
PEOPLE_AT_ONCE = 10_000
# Who brings the profiles in line: what it has not read yet is nobody's fault.
READER = "segments.changes"


def ask_for_sweep(reason: SweepReason, *, at: datetime) -> None:
    """Leave word that everybody is to be looked at; one that has not begun yet is enough."""
    Sweep.objects.bulk_create([Sweep(reason=reason, asked_at=at)], ignore_conflicts=True)


def go_on_sweeping(*, at: datetime, chunk: int = CHUNK) -> Sweep | None:
    """Look at the next customers of the sweep that waits longest; None when none waits.

    A proof waits for the others: what they are about to mend is no drift. Done twice at once,
    nothing is written twice.
    """
    waiting = Sweep.objects.waiting().order_by("asked_at")
    sweep = waiting.exclude(reason=SweepReason.PROOF).first() or waiting.first()
    if sweep is None:
        return None
    after, upto = sweep.done_upto, sweep.done_upto + chunk
    different = write_profiles_between(after, upto, at=at).customers
    people = Between(after, upto)
    # The due list reaches a day and a half ahead: every night it is written on.
    ask_apart(live(at=at), lambda some: note_flips_of(people, some, at=at), at=at)
    found = sorted(different | set(_misplaced_of_all(people, at=at)))
    waited_for = _waited_for(found, at=at) if sweep.reason == SweepReason.PROOF else set()
    changes = _reconsider_all([pk for pk in found if pk not in waited_for], at=at)
    _reconsider_all(sorted(waited_for), at=at)
    if sweep.reason == SweepReason.PROOF:
        _report(changes, profiles=len(different - waited_for))
    return _move(sweep, upto, changes, profiles=len(different - waited_for), at=at)


def _misplaced_of_all(people: People, *, at: datetime) -> Iterator[int]:
    for level in live(at=at).levels:
        yield from misplaced(level, people, at=at)


def live(*, at: datetime) -> Questions:
    """Return the rules of the segments that follow every change."""
    return questions(at=at).only(set(Segment.objects.live().values_list("pk", flat=True)))


def misplaced(level: Questions, people: People, *, at: datetime) -> list[int]:
    """Return who of the people should be in other segments than they are.

    Nobody is held up, and nothing written but of which rule it is that fails. Whom somebody put
    in, or took out, may be among them.
    """
    found = ask_apart(level, lambda some: _misplaced(some, people, at=at), at=at)
    return sorted(set().union(*found))


def _misplaced(level: Questions, people: People, *, at: datetime) -> set[int]:
    with connection.cursor() as cursor:
        prepare_for_much(cursor)
        cursor.execute(
            people.ask(MISPLACED.format(meant=level.meant.sql)),
            {**people.values, **level.meant.at(at), "segments": sorted(level.segments)},
        )
        return {pk for (pk,) in cursor.fetchall()}


MISPLACED = """
meant AS ({meant}),
held AS (
    SELECT customer_id, array_agg(segment_id ORDER BY segment_id) AS segments
    FROM segments_membership
    WHERE left_at IS NULL AND customer_id IN (SELECT id FROM asked)
      AND segment_id = ANY(%(segments)s::bigint[])
    GROUP BY customer_id
)
SELECT coalesce(meant.customer_id, held.customer_id)
FROM meant FULL JOIN held ON held.customer_id = meant.customer_id
WHERE coalesce(meant.segments, '{{}}') <> coalesce(held.segments, '{{}}')
"""


def _waited_for(ids: Collection[int], *, at: datetime) -> set[int]:
    """Return those of whom something was told that is not read yet, or whose time has come."""
    unread = Event.objects.within(Span(position_of(READER), THE_END)).filter(customer__in=ids)
    due = Due.objects.filter(customer__in=ids, at__lte=at)
    return {
        *unread.values_list("customer", flat=True),
        *due.values_list("customer", flat=True),
    }


def _reconsider_all(ids: list[int], *, at: datetime) -> list[Change]:
    starts = range(0, len(ids), PEOPLE_AT_ONCE)
    return [
        it for start in starts for it in reconsider(ids[start : start + PEOPLE_AT_ONCE], at=at)
    ]


def _report(changes: list[Change], *, profiles: int) -> None:
    for change in changes:
        way = "entered" if change.came else "left"
        log.error("segment_drift", segment=change.segment, way=way, people=change.count)
    if profiles:
        log.error("profile_drift", people=profiles)


def _move(sweep: Sweep, upto: int, changes: list[Change], *, profiles: int, at: datetime) -> Sweep:
    last = Customer.objects.aggregate(last=Max("pk"))["last"] or 0
    is_over = upto >= last
    Sweep.objects.filter(pk=sweep.pk, done_upto=sweep.done_upto).update(
        done_upto=upto,
        profiles=F("profiles") + profiles,
        memberships=F("memberships") + sum(change.count for change in changes),
        finished_at=at if is_over else None,
    )
    sweep.refresh_from_db()
    return sweep
