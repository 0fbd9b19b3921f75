"""Customers who changed are asked of all live segments at once.

One at a time: whoever read before another wrote would write what was. A segment whose members
somebody else is writing at the moment is left out, and its customers are asked again in a minute.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

import structlog
from django.db import DatabaseError, connection, transaction
from django.db.backends.utils import CursorWrapper

from common.statements import prepared
from segments.compiler.people import People, Those
from segments.compiler.together import Questions, questions
from segments.compiler.writing import Written
from segments.models import Due, Segment, stays_out
from segments.operations.failing import note_failure
from segments.operations.profiles import write_profiles
from segments.operations.telling import Change, tell, told_of

log = structlog.get_logger(__name__)
T = TypeVar("T")

SECONDS = 60
# A plan is kept for so few; for more, the planner had better read the values.
FEW = 100
SOON = timedelta(minutes=1)


@transaction.atomic
def reconsider(ids: Iterable[int], *, at: datetime) -> list[Change]:
    """Bring the profiles of these customers in line, and in which live segments they are.

    Whom people put in stays in, and whom they took out stays out. Nothing is written where
    nothing changed; returned is what did. A rule that fails stops none of the others: its segment
    says so, and since when.
    """
    wanted = sorted(set(ids))
    if not wanted:
        return []
    write_profiles(wanted, at=at)
    _take_turns()
    held, busy = _hold_free()
    whole = questions(at=at)
    for pk in whole.failed.keys() & held:
        note_failure(pk, whole.failed[pk], at=at)
    asked = whole.only(held)
    changes = [
        change
        for level in asked.levels
        for found in ask_apart(level, lambda some: _write_delta(some, wanted, at=at), at=at)
        for change in found
    ]
    _count(changes)
    tell(changes, at=at)
    _note_flips(asked, wanted, at=at)
    if busy:
        mark_due(wanted, at=at + SOON)
    return changes


def _take_turns() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('segments_reconsider'))")
        prepare_for_much(cursor)


def prepare_for_much(cursor: CursorWrapper) -> None:
    """Prepare the transaction for statements that ask all rules at once.

    They are too long for compiling to machine code to be worth its time.
    """
    cursor.execute(
        "SELECT set_config('jit', 'off', true), set_config('statement_timeout', %s, true)",
        [str(SECONDS * 1000)],
    )


def _hold_free() -> tuple[set[int], set[int]]:
    """Hold the segments that follow every change; return them, and those that others hold."""
    with connection.cursor() as cursor:
        # As ``refreshing.hold`` does.
        cursor.execute(
            """
            SELECT id, pg_try_advisory_xact_lock(hashtext('segments_segment'), id::integer)
            FROM segments_segment
            WHERE rule IS NOT NULL AND (filled_at IS NOT NULL OR filled_upto > 0)
            ORDER BY id
            """
        )
        could = dict(cursor.fetchall())
    # Asked after they are held: a first fill may have ended, a rule may have changed meanwhile.
    # One whose rule has changed is found anew as a whole; one that fails, when it is tried.
    free = Segment.objects.live().filter(pk__in=[pk for pk, is_free in could.items() if is_free])
    busy = {pk for pk, is_free in could.items() if not is_free}
    return set(free.values_list("pk", flat=True)), busy


def ask_apart(rules: Questions, ask: Callable[[Questions], T], *, at: datetime) -> list[T]:
    """Ask all rules at once; where that fails, find the rule that fails and go on without it.

    Returned are the answers, one of each half that was asked; the segment says that it failed.
    """
    if not rules.segments:
        return []
    try:
        with transaction.atomic():
            return [ask(rules)]
    except DatabaseError as error:
        if len(rules.segments) == 1:
            log.exception("segment_reconsider_failed", segment=rules.segments[0])
            note_failure(rules.segments[0], error, at=at)
            return []
    half = len(rules.segments) // 2
    parts = rules.segments[:half], rules.segments[half:]
    return [it for part in parts for it in ask_apart(rules.only(part), ask, at=at)]


def _write_delta(level: Questions, ids: Collection[int], *, at: datetime) -> list[Change]:
    rows = _run(
        Written(DELTA.format(meant=level.meant.sql, stays_out=STAYS_OUT), level.meant.distances),
        at=at,
        ids=list(ids),
        segments=level.segments,
        told=sorted(told_of(level.segments)),
    )
    return [
        Change(segment, came, count, tuple(stays), tuple(customers))
        for segment, came, count, stays, customers in rows
    ]


STAYS_OUT = stays_out(segment="found.segment_id", customer="found.customer_id")
# ``held`` are all who are in; of those whom the rule let in, and means no more, the stay ends.
DELTA = """
WITH asked (id) AS MATERIALIZED (SELECT unnest(%(ids)s::bigint[])),
meant AS MATERIALIZED ({meant}),
found AS (SELECT customer_id, unnest(segments) AS segment_id FROM meant),
held AS MATERIALIZED (
    SELECT id, customer_id, segment_id, cause FROM segments_membership
    WHERE left_at IS NULL AND customer_id IN (SELECT id FROM asked)
      AND segment_id = ANY(%(segments)s::bigint[])
), gone AS (
    UPDATE segments_membership stay SET left_at = greatest(%(at)s::timestamptz, stay.entered_at)
    FROM held
    WHERE stay.id = held.id AND stay.left_at IS NULL AND stay.cause = 'rule'
      AND held.cause = 'rule' AND NOT EXISTS (
          SELECT FROM found
          WHERE found.customer_id = held.customer_id AND found.segment_id = held.segment_id
      )
    RETURNING stay.segment_id, stay.id, stay.customer_id
), come AS (
    INSERT INTO segments_membership (segment_id, customer_id, entered_at, cause)
    SELECT found.segment_id, found.customer_id, %(at)s::timestamptz, 'rule'
    FROM found
    WHERE NOT {stays_out} AND NOT EXISTS (
        SELECT FROM held
        WHERE found.customer_id = held.customer_id AND found.segment_id = held.segment_id
    )
    ORDER BY found.customer_id, found.segment_id
    ON CONFLICT (segment_id, customer_id) WHERE left_at IS NULL DO NOTHING
    RETURNING segment_id, id, customer_id
), changed AS (
    SELECT true AS came, * FROM come UNION ALL SELECT false, * FROM gone
)
SELECT segment_id, came, count(*),
       coalesce(array_agg(id ORDER BY id) FILTER (WHERE is_told), '{{}}'),
       coalesce(array_agg(customer_id ORDER BY id) FILTER (WHERE is_told), '{{}}')
FROM changed CROSS JOIN LATERAL (
    SELECT changed.segment_id = ANY(%(told)s::bigint[]) AS is_told
) AS listened
GROUP BY segment_id, came
ORDER BY segment_id, came
"""


def _count(changes: Iterable[Change]) -> None:
    more: Counter[int] = Counter()
    for change in changes:
        more[change.segment] += change.count if change.came else -change.count
    if not more:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE segments_segment segment
            SET member_count = greatest(0, segment.member_count + counted.more)
            FROM unnest(%s::bigint[], %s::integer[]) AS counted (id, more)
            WHERE segment.id = counted.id AND counted.more <> 0
            """,
            [list(more), list(more.values())],
        )


def _note_flips(asked: Questions, ids: Collection[int], *, at: datetime) -> None:
    """Write down when time alone may next change an answer about these customers.

    Where that fails, the rule that fails is found and the others are asked without it.
    """
    flips = asked.next_flips or Written("SELECT 0::bigint AS customer_id, now() AS at WHERE false")
    try:
        with transaction.atomic():
            _run(Written(FLIPS.format(flips=flips.sql), flips.distances), at=at, ids=list(ids))
    except DatabaseError:
        Due.objects.filter(customer__in=ids).delete()
        people = Those("SELECT unnest(%(ids)s::bigint[])", {"ids": list(ids)})
        # Those that failed a moment ago are not asked again.
        alive = set(Segment.objects.live().values_list("pk", flat=True))
        ask_apart(asked.only(alive), lambda some: note_flips_of(people, some, at=at), at=at)


FLIPS = """
WITH asked (id) AS MATERIALIZED (SELECT unnest(%(ids)s::bigint[])),
flips AS MATERIALIZED ({flips}),
gone AS (
    DELETE FROM segments_due due USING asked
    WHERE due.customer_id = asked.id
      AND NOT EXISTS (SELECT FROM flips WHERE flips.customer_id = due.customer_id)
), come AS (
    INSERT INTO segments_due AS due (customer_id, at)
    SELECT customer_id, at FROM flips WHERE at IS NOT NULL ORDER BY customer_id
    ON CONFLICT (customer_id) DO UPDATE SET at = excluded.at WHERE due.at <> excluded.at
)
SELECT 1
"""


def note_flips_of(people: People, rules: Questions, *, at: datetime) -> None:
    """Write down when time alone may next change an answer about the people.

    What they are due for already stays, unless this is sooner.
    """
    if (flips := rules.next_flips) is None:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            people.ask(FLIPS_OF.format(flips=flips.sql)), {**people.values, **flips.at(at)}
        )


FLIPS_OF = """
flips AS MATERIALIZED ({flips})
INSERT INTO segments_due AS due (customer_id, at)
SELECT customer_id, at FROM flips WHERE at IS NOT NULL ORDER BY customer_id
ON CONFLICT (customer_id) DO UPDATE SET at = excluded.at WHERE due.at > excluded.at
"""


def mark_due(ids: Iterable[int], *, at: datetime) -> None:
    """Let these customers be asked at that time, or as soon as they would have been."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO segments_due AS due (customer_id, at)
            SELECT id, %s FROM unnest(%s::bigint[]) AS asked (id) ORDER BY id
            ON CONFLICT (customer_id) DO UPDATE SET at = excluded.at WHERE due.at > excluded.at
            """,
            [at, sorted(set(ids))],
        )


def _run(query: Written, *, at: datetime, ids: list[int], **more: Any) -> list[tuple[Any, ...]]:
    values: Mapping[str, Any] = {**query.at(at), "at": at, "ids": ids, **more}
    if len(ids) > FEW:
        with connection.cursor() as cursor:
            cursor.execute(query.sql, values)
            return cursor.fetchall()
    if connection.queries_logged:
        connection.queries_log.append({"sql": query.sql, "time": ""})
    with connection.wrap_database_errors, prepared() as cursor:
        return cursor.execute(query.sql, values).fetchall()
