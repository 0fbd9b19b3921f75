"""Memberships follow the rule: who came in, who left."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.db import DatabaseError, connection, transaction
from django.db.models import QuerySet

from common.errors import DomainError
from consent.enums import Channel
from consent.queries.predicate import contactable
from customers.models import Customer
from segments.compiler import matching
from segments.compiler.people import EVERYBODY
from segments.compiler.together import questions
from segments.models import Segment, stays_out
from segments.operations.copying import copy_members
from segments.operations.failing import note_failure
from segments.operations.reconsidering import note_flips_of
from segments.operations.telling import Change, tell, told_of
from segments.queries import in_order, members, patience, rule_of, traits
from segments.rules import read_rule

log = structlog.get_logger(__name__)

SECONDS_FOR_ONE_SEGMENT = 120
# Of the first fill: over in a second or two, since a long writing transaction would keep every
# consumer of the timeline waiting.
CHUNK = 50_000
LAST_ID = 2**63 - 1


@dataclass(frozen=True)
class Delta:
    """How many people a refresh brought in and sent away."""

    entered: int
    left: int


def refresh(segment: Segment, *, at: datetime, chunk: int = CHUNK) -> Delta:
    """Let in whom the rule means now and send away whom it no longer means.

    Nothing is written about those who stay. Who was added by hand stays, and who was removed by
    hand stays out. A refresh for an earlier
    time than the last one changes nothing. It is one statement, but for the first fill: that is
    written for ``chunk`` customers at a time, goes on where an earlier try ended, and shows only
    when it is complete. Raises BadRule when the rule asks for what is gone.
    """
    entered = left = 0
    is_over = False
    while not is_over:
        delta, is_over = _refresh_some(segment, at=at, chunk=chunk)
        entered, left = entered + delta.entered, left + delta.left
    count_reachable(segment, at=at)
    return Delta(entered=entered, left=left)


@transaction.atomic
def _refresh_some(segment: Segment, *, at: datetime, chunk: int) -> tuple[Delta, bool]:
    """Refresh the next customers, or all of a segment that is filled; say whether it is over."""
    hold(segment)
    segment.refresh_from_db()
    if segment.refreshed_at and segment.refreshed_at > at:
        return Delta(entered=0, left=0), True
    after, upto = (0, None) if segment.filled_at else _next_range(segment, chunk=chunk)
    if upto is None:
        # Who changed after their chunk was written has been asked by nobody.
        after = 0
    with patience(SECONDS_FOR_ONE_SEGMENT):
        write = _copy if segment.is_list else _write_delta
        came, gone = write(segment, at=at, after=after, upto=upto)
    delta = Delta(entered=came.count, left=gone.count)
    if upto is None:
        tell([came, gone], at=at)
        _finish(segment, at=at)
        _let_others_follow(segment, delta, at=at)
    else:
        segment.filled_upto = upto
        segment.save(update_fields=["filled_upto"])
    return delta, upto is None


def _next_range(segment: Segment, *, chunk: int) -> tuple[int, int | None]:
    """Return the ids of customers between which the first fill goes on; no end for the last."""
    after = segment.filled_upto
    coming = Customer.objects.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)
    return after, next(iter(coming[chunk - 1 : chunk]), None)


def _finish(segment: Segment, *, at: datetime) -> None:
    segment.filled_at = segment.filled_at or at
    segment.member_count = segment.memberships.filter(left_at=None).count()
    segment.refreshed_at = at
    segment.asked_at = segment.failed_at = segment.retry_at = None
    segment.error, segment.failures = "", 0
    segment.save(
        update_fields=[
            "filled_at",
            "member_count",
            "refreshed_at",
            "asked_at",
            "error",
            "failed_at",
            "failures",
            "retry_at",
        ]
    )


def count_reachable(segment: Segment, *, at: datetime) -> None:
    """Keep how many of the members can be reached, beside how many they are.

    After the refresh and apart from it, so that its transaction does not wait for the count.
    """
    with patience(SECONDS_FOR_ONE_SEGMENT):
        reachable = contactable(
            members(segment),
            purpose=segment.purpose,
            channel=Channel.EMAIL,
            using=rule_of(segment).categories,
            at=at,
        ).count()
    Segment.objects.filter(pk=segment.pk).update(reachable_count=reachable)
    segment.reachable_count = reachable


def hold(segment: Segment) -> None:
    """Make two refreshes, or a refresh and a change of the rule, take turns.

    An advisory lock, since a lock on the row would be a write: until it ends, a transaction that
    wrote keeps everybody who reads the timeline waiting, and a rule may take minutes to answer.
    """
    with connection.cursor() as cursor:
        key = ("segments_segment", segment.pk or 0)
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s), %s)", key)


def hold_all() -> None:
    """Make those take turns who change which segments there are, and which ask for which."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('segments_saving'))")


def _write_delta(
    segment: Segment, *, at: datetime, after: int = 0, upto: int | None = None
) -> tuple[Change, Change]:
    """Write who came and who left of all customers, or of those between two ids.

    Nobody is told of those whom a new rule finds: nothing has happened to them.
    """
    is_told = bool(segment.refreshed_at and told_of([segment.pk]))
    rule = read_rule(segment.rule, traits())
    among = None if (after, upto) == (0, None) else _between(after, upto)
    meant = matching(rule, purpose=segment.purpose, at=at, among=among).values("pk")
    select, values = meant.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH found (customer_id) AS MATERIALIZED ({select}),
            meant AS (
                SELECT customer_id FROM found
                WHERE NOT {stays_out(segment="%s", customer="found.customer_id")}
            ),
            gone AS (
                UPDATE segments_membership AS stay
                SET left_at = greatest(%s, stay.entered_at)
                WHERE stay.segment_id = %s AND stay.left_at IS NULL
                  AND stay.cause = 'rule'
                  AND stay.customer_id > %s AND stay.customer_id <= %s
                  AND NOT EXISTS (SELECT FROM meant WHERE meant.customer_id = stay.customer_id)
                RETURNING id, customer_id
            ), come AS (
                INSERT INTO segments_membership (segment_id, customer_id, entered_at, cause)
                SELECT %s, meant.customer_id, %s, 'rule'
                FROM meant
                WHERE NOT EXISTS (
                    SELECT FROM segments_membership stay
                    WHERE stay.segment_id = %s AND stay.left_at IS NULL
                      AND stay.customer_id = meant.customer_id
                )
                -- Sorted, all are known before the first is written: see hold.
                ORDER BY meant.customer_id
                ON CONFLICT (segment_id, customer_id) WHERE left_at IS NULL DO NOTHING
                RETURNING id, customer_id
            )
            SELECT true AS came, count(*), coalesce(array_agg(id) FILTER (WHERE %s), '{{}}'),
                   coalesce(array_agg(customer_id) FILTER (WHERE %s), '{{}}')
            FROM come
            UNION ALL
            SELECT false, count(*), coalesce(array_agg(id) FILTER (WHERE %s), '{{}}'),
                   coalesce(array_agg(customer_id) FILTER (WHERE %s), '{{}}')
            FROM gone
            ORDER BY came DESC
            """,  # noqa: S608 -- the compiler's own SQL, its values apart
            [
                *values,
                segment.pk,
                at,
                segment.pk,
                after,
                upto or LAST_ID,
                segment.pk,
                at,
                segment.pk,
                *[is_told] * 4,
            ],
        )
        came, gone = (
            Change(segment.pk, is_entry, count, tuple(stays), tuple(customers))
            for is_entry, count, stays, customers in cursor.fetchall()
        )
    return came, gone


def _let_others_follow(segment: Segment, delta: Delta, *, at: datetime) -> None:
    """Leave word for what rests on the members: segments that ask for them, the due list."""
    if delta.entered or delta.left:
        asking = [it.segment for it in questions(at=at) if segment.pk in it.asks]
        Segment.objects.filter(pk__in=asking).update(asked_at=at)
    note_flips_of(EVERYBODY, questions(at=at).only([segment.pk]), at=at)


def _copy(
    segment: Segment, *, at: datetime, after: int, upto: int | None
) -> tuple[Change, Change]:
    came = copy_members(segment, at=at, after=after, upto=upto or LAST_ID)
    return Change(segment.pk, True, came), Change(segment.pk, False, 0)


def _between(after: int, upto: int | None) -> QuerySet[Customer, int]:
    coming = Customer.objects.filter(pk__gt=after, pk__lte=upto or LAST_ID)
    return coming.values_list("pk", flat=True)


def keep_fresh(segment: Segment, *, at: datetime) -> Delta | None:
    """Refresh a segment; what goes wrong is written on it for all to see, and None returned."""
    try:
        return refresh(segment, at=at)
    except DomainError as refusal:
        note_failure(segment.pk, refusal, at=at)
    # It took too long, or met a value that cannot be reckoned with.
    except DatabaseError as error:
        log.exception("segment_refresh_failed", segment=segment.pk)
        note_failure(segment.pk, error, at=at)
    return None


def keep_waiting_fresh(*, clock: Callable[[], datetime]) -> None:
    """Refresh the segments whose members somebody waits for, those first who asked first."""
    for segment in in_order(
        Segment.objects.waiting(at=clock()).order_by("asked_at", "changed_at")
    ):
        keep_fresh(segment, at=clock())


def count_all_reachable(*, clock: Callable[[], datetime]) -> None:
    """Count anew how many of each segment's members can be reached."""
    _count_reachable_of(Segment.objects.filter(retry_at=None), clock=clock)


def count_reachable_of_lists(*, clock: Callable[[], datetime]) -> None:
    """Count how many can be reached of lists that are new, or that people changed by hand."""
    lists = Segment.objects.filter(rule__isnull=True, archived_at=None, reachable_count=None)
    _count_reachable_of(lists, clock=clock)


def _count_reachable_of(segments: QuerySet[Segment], *, clock: Callable[[], datetime]) -> None:
    for segment in segments.filter(refreshed_at__isnull=False):
        try:
            count_reachable(segment, at=clock())
        except (DomainError, DatabaseError):
            log.exception("segment_reach_failed", segment=segment.pk)
