"""Whom a segment shares with others."""

from dataclasses import dataclass

from django.db import connection

from segments.models import Segment

MOST_OTHERS = 20
# Of more members only so many are looked up, each n-th by number: half a percent is near enough.
MOST_ASKED = 50_000


@dataclass(frozen=True)
class Overlap:
    """How many people are in a segment and in another; the shares are of each, 0 to 1.

    ``is_rough`` says that they were estimated by some of the members.
    """

    other: int
    name: str
    shared: int
    of_this: float
    of_other: float
    is_rough: bool = False


def overlaps(
    segment: Segment, *, most: int = MOST_OTHERS, most_asked: int = MOST_ASKED
) -> list[Overlap]:
    """Return the segments that share most people with this one, in one query.

    Only those of the same purpose: whoever allowed one purpose may have refused another.
    """
    every = max(1, segment.member_count // most_asked)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH shared AS (
                SELECT other.segment_id, count(*) * %(every)s AS people
                FROM segments_membership mine
                JOIN segments_membership other USING (customer_id)
                WHERE mine.segment_id = %(segment)s AND mine.left_at IS NULL
                  AND mine.customer_id %% %(every)s = 0 AND other.left_at IS NULL
                GROUP BY other.segment_id
            )
            SELECT other.id, other.name, people,
                   people::float / greatest(%(size)s, people),
                   people::float / greatest(other.member_count, people),
                   %(every)s > 1
            FROM shared JOIN segments_segment other ON other.id = shared.segment_id
            WHERE other.purpose_id = %(purpose)s AND other.id <> %(segment)s
              AND other.filled_at IS NOT NULL
            ORDER BY people DESC, other.name LIMIT %(most)s
            """,
            {
                "segment": segment.pk,
                "purpose": segment.purpose_id,
                "size": segment.member_count,
                "every": every,
                "most": most,
            },
        )
        return [Overlap(*row) for row in cursor.fetchall()]
