"""Whom a segment shares with others."""

from dataclasses import dataclass

from django.db import connection

from segments.models import Segment

MOST_OTHERS = 20


@dataclass(frozen=True)
class Overlap:
    """How many people are in a segment and in another; the shares are of each, 0 to 1."""

    other: int
    name: str
    shared: int
    of_this: float
    of_other: float


def overlaps(segment: Segment, *, most: int = MOST_OTHERS) -> list[Overlap]:
    """Return the segments that share most people with this one, in one query.

    Only those of the same purpose: whoever allowed one purpose may have refused another.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH shared AS (
                SELECT other.segment_id, count(*) AS people
                FROM segments_membership mine
                JOIN segments_membership other USING (customer_id)
                WHERE mine.segment_id = %(segment)s AND mine.left_at IS NULL
                  AND other.left_at IS NULL AND other.segment_id = ANY(ARRAY(
                      SELECT id FROM segments_segment
                      WHERE purpose_id = %(purpose)s AND id <> %(segment)s
                        AND filled_at IS NOT NULL
                  ))
                GROUP BY other.segment_id
            )
            SELECT other.id, other.name, people,
                   people::float / greatest(%(size)s, people),
                   people::float / greatest(other.member_count, people)
            FROM shared JOIN segments_segment other ON other.id = shared.segment_id
            ORDER BY people DESC, other.name LIMIT %(most)s
            """,
            {
                "segment": segment.pk,
                "purpose": segment.purpose_id,
                "size": segment.member_count,
                "most": most,
            },
        )
        return [Overlap(*row) for row in cursor.fetchall()]
