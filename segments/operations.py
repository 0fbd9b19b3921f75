from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.db import OperationalError, connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from common.errors import DomainError
from common.models import ApiKey, User
from common.operations import audit
from segments.compiler import matching
from segments.models import Segment
from segments.queries import patience, traits
from segments.rules import read_rule

log = structlog.get_logger(__name__)

SECONDS_FOR_ONE_SEGMENT = 120


class NameTaken(DomainError):
    code = "name_taken"


@dataclass(frozen=True)
class Delta:
    """How many people a refresh brought in and sent away."""

    entered: int
    left: int


@transaction.atomic
def save_segment(segment: Segment, *, by: User | ApiKey | None, at: datetime) -> Segment:
    """Keep a new or changed segment; with another rule or purpose its members are out of date.

    Raises BadRule and NameTaken.
    """
    read_rule(segment.rule, traits())
    _hold(segment)
    if Segment.objects.filter(name=segment.name).exclude(pk=segment.pk).exists():
        raise NameTaken(_("Another segment has this name."), field="name")
    known = Segment.objects.filter(pk=segment.pk).first()
    if known is None:
        segment.created_by = by if isinstance(by, User) else None
        segment.created_at = at
    if known is None or (known.rule, known.purpose_id) != (segment.rule, segment.purpose_id):
        segment.refreshed_at = None
        segment.error = ""
    segment.changed_at = at
    segment.save()
    audit("segments.changed" if known else "segments.created", segment, at=at, by=by)
    return segment


@transaction.atomic
def refresh(segment: Segment, *, at: datetime) -> Delta:
    """Let in whom the rule means now and send away whom it no longer means, in one statement.

    Nothing is written about those who stay. Who was added by hand stays. A refresh for an earlier
    time than the last one changes nothing. Raises BadRule when the rule asks for what is gone.
    """
    _hold(segment)
    segment.refresh_from_db()
    if segment.refreshed_at and segment.refreshed_at > at:
        return Delta(entered=0, left=0)
    with patience(SECONDS_FOR_ONE_SEGMENT):
        delta = _write_delta(segment, at=at)
    segment.member_count = segment.memberships.filter(left_at=None).count()
    segment.refreshed_at = at
    segment.error = ""
    segment.save(update_fields=["member_count", "refreshed_at", "error"])
    return delta


def _hold(segment: Segment) -> None:
    """Make two refreshes, or a refresh and a change of the rule, take turns.

    An advisory lock, since a lock on the row would be a write: until it ends, a transaction that
    wrote keeps everybody who reads the timeline waiting, and a rule may take minutes to answer.
    """
    with connection.cursor() as cursor:
        key = ("segments_segment", segment.pk or 0)
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s), %s)", key)


def _write_delta(segment: Segment, *, at: datetime) -> Delta:
    rule = read_rule(segment.rule, traits())
    meant = matching(rule, purpose=segment.purpose, at=at).values("pk")
    select, values = meant.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH meant (customer_id) AS MATERIALIZED ({select}),
            gone AS (
                UPDATE segments_membership AS stay
                SET left_at = greatest(%s, stay.entered_at)
                WHERE stay.segment_id = %s AND stay.left_at IS NULL AND stay.cause = 'rule'
                  AND NOT EXISTS (SELECT FROM meant WHERE meant.customer_id = stay.customer_id)
                RETURNING 1
            ), come AS (
                INSERT INTO segments_membership (segment_id, customer_id, entered_at, cause)
                SELECT %s, meant.customer_id, %s, 'rule'
                FROM meant
                WHERE NOT EXISTS (
                    SELECT FROM segments_membership stay
                    WHERE stay.segment_id = %s AND stay.left_at IS NULL
                      AND stay.customer_id = meant.customer_id
                )
                -- Sorted, all are known before the first is written: see _hold.
                ORDER BY meant.customer_id
                RETURNING 1
            )
            SELECT (SELECT count(*) FROM come), (SELECT count(*) FROM gone)
            """,  # noqa: S608 -- the compiler's own SQL, its values apart
            [*values, at, segment.pk, segment.pk, at, segment.pk],
        )
        entered, left = cursor.fetchone()
    return Delta(entered=entered, left=left)


def keep_fresh(segment: Segment, *, at: datetime) -> Delta | None:
    """Refresh a segment; what goes wrong is written on it for all to see, and None returned."""
    try:
        return refresh(segment, at=at)
    except DomainError as refusal:
        why = refusal.message
    except OperationalError:
        log.exception("segment_refresh_failed", segment=segment.pk)
        why = _("The database gave up: the rule asks for too much at once.")
    Segment.objects.filter(pk=segment.pk).update(error=why)
    return None


def keep_all_fresh(*, clock: Callable[[], datetime]) -> None:
    """Refresh every segment, those first whose members are not right yet.

    Takes a clock rather than a time: the last one may be refreshed minutes after the first.
    """
    for segment in Segment.objects.order_by(F("refreshed_at").asc(nulls_first=True)):
        keep_fresh(segment, at=clock())
