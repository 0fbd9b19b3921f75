from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.db import OperationalError, connection, transaction
from django.db.models import DateTimeField, F, QuerySet, Value
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _

from common.errors import DomainError
from common.models import ApiKey, User
from common.operations import audit
from consent.enums import Channel
from consent.models import Purpose
from consent.queries.predicate import contactable
from consent.queries.sensitive import specifically_allowed
from customers.enums import Category
from customers.models import Customer
from customers.operations.erasing import Leaving
from customers.operations.merges import Joining, Parting
from segments.compiler import matching
from segments.models import Membership, Segment
from segments.queries import members, patience, traits
from segments.rules import BadRule, Rule, read_rule

log = structlog.get_logger(__name__)

SECONDS_FOR_ONE_SEGMENT = 120
# Of the first fill: over in a second or two, since a long writing transaction would keep every
# consumer of the timeline waiting.
CHUNK = 50_000
LAST_ID = 2**63 - 1


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
    refuse_sensitive(read_rule(segment.rule, traits()), purpose=segment.purpose)
    _hold(segment)
    if Segment.objects.filter(name=segment.name).exclude(pk=segment.pk).exists():
        raise NameTaken(_("Another segment has this name."), field="name")
    known = Segment.objects.filter(pk=segment.pk).first()
    if known is None:
        segment.created_by = by if isinstance(by, User) else None
        segment.created_at = at
    if known is None or (known.rule, known.purpose_id) != (segment.rule, segment.purpose_id):
        segment.refreshed_at = None
        segment.filled_upto = 0
        segment.error = ""
    segment.changed_at = at
    segment.save()
    audit("segments.changed" if known else "segments.created", segment, at=at, by=by)
    return segment


def refuse_sensitive(rule: Rule, *, purpose: Purpose) -> None:
    """Refuse a question about something sensitive that nobody allowed for the purpose.

    Asked when a segment is saved; a rule that became sensitive later finds nobody. Raises BadRule.
    """
    asking = [it for it in rule.conditions if Category.SENSITIVE in it.categories]
    if asking and not specifically_allowed([purpose]):
        raise BadRule(
            _(
                "This asks for something sensitive, such as health or religion: that takes a "
                "purpose that rests on consent, and people who allowed sensitive data for it."
            ),
            pointer=asking[0].pointer,
        )


def refresh(segment: Segment, *, at: datetime, chunk: int = CHUNK) -> Delta:
    """Let in whom the rule means now and send away whom it no longer means.

    Nothing is written about those who stay. Who was added by hand stays. A refresh for an earlier
    time than the last one changes nothing. It is one statement, but for the first fill: that is
    written for ``chunk`` customers at a time, goes on where an earlier try ended, and shows only
    when it is complete. Raises BadRule when the rule asks for what is gone.
    """
    entered = left = 0
    is_over = False
    while not is_over:
        delta, is_over = _refresh_some(segment, at=at, chunk=chunk)
        entered, left = entered + delta.entered, left + delta.left
    _count_reachable(segment, at=at)
    return Delta(entered=entered, left=left)


@transaction.atomic
def _refresh_some(segment: Segment, *, at: datetime, chunk: int) -> tuple[Delta, bool]:
    """Refresh the next customers, or all of a segment that is filled; say whether it is over."""
    _hold(segment)
    segment.refresh_from_db()
    if segment.refreshed_at and segment.refreshed_at > at:
        return Delta(entered=0, left=0), True
    after, upto = (0, None) if segment.filled_at else _next_range(segment, chunk=chunk)
    with patience(SECONDS_FOR_ONE_SEGMENT):
        delta = _write_delta(segment, at=at, after=after, upto=upto)
    if upto is None:
        _finish(segment, at=at)
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
    segment.asked_at = None
    segment.error = ""
    segment.save(update_fields=["filled_at", "member_count", "refreshed_at", "asked_at", "error"])


def _count_reachable(segment: Segment, *, at: datetime) -> None:
    """Keep how many of the members can be reached, beside how many they are.

    After the refresh and apart from it, so that its transaction does not wait for the count.
    """
    with patience(SECONDS_FOR_ONE_SEGMENT):
        reachable = contactable(
            members(segment),
            purpose=segment.purpose,
            channel=Channel.EMAIL,
            using=read_rule(segment.rule, traits()).categories,
            at=at,
        ).count()
    Segment.objects.filter(pk=segment.pk).update(reachable_count=reachable)
    segment.reachable_count = reachable


def _hold(segment: Segment) -> None:
    """Make two refreshes, or a refresh and a change of the rule, take turns.

    An advisory lock, since a lock on the row would be a write: until it ends, a transaction that
    wrote keeps everybody who reads the timeline waiting, and a rule may take minutes to answer.
    """
    with connection.cursor() as cursor:
        key = ("segments_segment", segment.pk or 0)
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s), %s)", key)


def _write_delta(
    segment: Segment, *, at: datetime, after: int = 0, upto: int | None = None
) -> Delta:
    """Write who came and who left of all customers, or of those between two ids."""
    rule = read_rule(segment.rule, traits())
    among = None if (after, upto) == (0, None) else _between(after, upto)
    meant = matching(rule, purpose=segment.purpose, at=at, among=among).values("pk")
    select, values = meant.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH meant (customer_id) AS MATERIALIZED ({select}),
            gone AS (
                UPDATE segments_membership AS stay
                SET left_at = greatest(%s, stay.entered_at)
                WHERE stay.segment_id = %s AND stay.left_at IS NULL
                  AND stay.cause = 'rule'
                  AND stay.customer_id > %s AND stay.customer_id <= %s
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
            [*values, at, segment.pk, after, upto or LAST_ID, segment.pk, at, segment.pk],
        )
        entered, left = cursor.fetchone()
    return Delta(entered=entered, left=left)


def _between(after: int, upto: int | None) -> QuerySet[Customer, int]:
    coming = Customer.objects.filter(pk__gt=after, pk__lte=upto or LAST_ID)
    return coming.values_list("pk", flat=True)


def ask_for_refresh(segment: Segment, *, by: User, at: datetime) -> None:
    """Leave word that the members are wanted up to date now; a task sees to it."""
    with transaction.atomic():
        Segment.objects.filter(pk=segment.pk).update(asked_at=at)
        audit("segments.refresh_asked", segment, at=at, by=by)


def keep_fresh(segment: Segment, *, at: datetime) -> Delta | None:
    """Refresh a segment; what goes wrong is written on it for all to see, and None returned."""
    try:
        return refresh(segment, at=at)
    except DomainError as refusal:
        why = refusal.message
    except OperationalError:
        log.exception("segment_refresh_failed", segment=segment.pk)
        why = _("The database gave up: the rule asks for too much at once.")
    Segment.objects.filter(pk=segment.pk).update(error=why, asked_at=None)
    return None


def keep_waiting_fresh(*, clock: Callable[[], datetime]) -> None:
    """Refresh the segments whose members somebody waits for, those first who asked first."""
    for segment in Segment.objects.waiting().order_by("asked_at", "changed_at"):
        keep_fresh(segment, at=clock())


def keep_all_fresh(*, clock: Callable[[], datetime]) -> None:
    """Refresh every segment, those first whose members are not right yet.

    Takes a clock rather than a time: the last one may be refreshed minutes after the first.
    """
    for segment in Segment.objects.order_by(F("refreshed_at").asc(nulls_first=True)):
        keep_fresh(segment, at=clock())


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
