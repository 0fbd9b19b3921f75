"""Who would come into a segment and who would leave it, were its rule another."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import QuerySet

from consent.models import Purpose
from customers.models import Customer
from segments.compiler.previewing import in_time, meant_soonest
from segments.compiler.selecting import matching
from segments.models import Segment
from segments.queries import traits
from segments.rules import BadRule, Rule, read_rule

FEW = 5
# Some of the candidates may have withdrawn since.
CANDIDATES = 5 * FEW


@dataclass(frozen=True)
class Side:
    """How many, and a few of them."""

    count: int
    some: list[Customer]


@dataclass(frozen=True)
class Changes:
    entering: Side
    leaving: Side


def changes(rule: Rule, *, segment: Segment, purpose: Purpose, at: datetime) -> Changes | None:
    """Compare whom a rule means with who is in the segment; None before its first fill.

    Of whom somebody decided by hand, that stands. Nobody is named who has meanwhile forbidden that
    their data be used. Raises TooMuchAtOnce.
    """
    if segment.filled_at is None:
        return None
    with in_time():
        meant = meant_soonest(rule, purpose=purpose, at=at)
        found = {came: (count, some) for came, count, some in _differing(meant, segment)}
        coming, comes = found.get(True, (0, []))
        going, goes = found.get(False, (0, []))
        return Changes(
            Side(coming, _named(comes, rule, purpose, at)),
            Side(going, _of_before(goes, segment, at)),
        )


def _differing(meant: QuerySet, segment: Segment) -> list[tuple[bool, int, list[int]]]:
    """Return how many come, and go, and the newest of them; the rule is asked once."""
    asked, values = meant.order_by().values("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH meant (customer_id) AS MATERIALIZED ({asked}),
            stays AS (
                SELECT customer_id, cause FROM segments_membership
                WHERE segment_id = %s AND left_at IS NULL
            ), differing AS (
                SELECT customer_id, cause IS NULL AS came
                FROM meant FULL JOIN stays USING (customer_id)
                WHERE cause IS NULL OR meant.customer_id IS NULL AND cause = 'rule'
            )
            SELECT came, count(*),
                   (array_agg(customer_id ORDER BY customer_id DESC))[:{CANDIDATES}]
            FROM differing
            WHERE NOT EXISTS (
                SELECT FROM segments_handpick decided
                WHERE decided.segment_id = %s AND decided.customer_id = differing.customer_id
                  AND decided.ended_at IS NULL
            )
            GROUP BY came
            """,  # noqa: S608 -- the compiler's own SQL, its values apart
            [*values, segment.pk, segment.pk],
        )
        return cursor.fetchall()


def _of_before(people: list[int], segment: Segment, at: datetime) -> list[Customer]:
    """Name those alone whom the saved rule still means."""
    try:
        saved = read_rule(segment.rule, traits())
    except BadRule:
        return []
    return _named(people, saved, segment.purpose, at)


def _named(people: list[int], rule: Rule, purpose: Purpose, at: datetime) -> list[Customer]:
    found = matching(rule, purpose=purpose, at=at, among=people)
    return list(found.order_by("-pk")[:FEW])
