"""A list is filled with the people who were in another segment at a moment."""

from datetime import datetime

from django.db import connection

from segments.enums import Cause
from segments.models import Segment, stays_out
from segments.queries import stays_as_of


def copy_members(kept: Segment, *, at: datetime, after: int, upto: int) -> int:
    """Put those with ids in a range into the list; return how many. A full list stays as it is.

    What the origin was at a moment that is over stays true: it may be copied in chunks.
    """
    if kept.filled_at or kept.origin is None or kept.origin_as_of is None:
        return 0
    coming = stays_as_of(kept.origin, kept.origin_as_of).order_by()
    people = coming.filter(customer__gt=after, customer__lte=upto).values("customer_id")
    select, values = people.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO segments_membership (segment_id, customer_id, entered_at, cause)
            SELECT DISTINCT %s::bigint, was.customer_id, %s::timestamptz, '{Cause.SNAPSHOT.value}'
            FROM ({select}) AS was
            WHERE NOT {stays_out(segment="%s", customer="was.customer_id")}
            ON CONFLICT (segment_id, customer_id) WHERE left_at IS NULL DO NOTHING
            """,  # noqa: S608 -- the ORM's own SQL, its values apart
            [kept.pk, at, *values, kept.pk],
        )
        return cursor.rowcount
