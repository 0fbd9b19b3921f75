"""Addresses leave, as hashes, for an advertising platform."""

from collections.abc import Callable, Collection, Iterator
from datetime import datetime

from django.db import connection, transaction

from common.enums import FileFormat
from common.exports import Cell
from common.models import Export, User
from common.operations import begin_export
from segments.compiler.sharing import Sharing, sharing_of
from segments.enums import AdPlatform, Identifier
from segments.models import Segment
from segments.queries import stays
from segments.rules.audiences import HEADERS, hashed_email, hashed_phone

# Over in a second: a long writing transaction would keep every consumer of the timeline waiting.
CHUNK = 20_000


def begin_audience(
    segment: Segment,
    *,
    platform: AdPlatform,
    identifiers: Collection[Identifier],
    reason: str,
    by: User,
    at: datetime,
) -> Export:
    """Write down that the members' hashed addresses are about to leave.

    Raises BadRule and SensitiveAudience.
    """
    sharing_of(segment, at=at)
    headers = HEADERS[platform]
    return begin_export(
        segment,
        columns=[
            f"{platform.label}: {headers[it]} (SHA-256)" for it in Identifier if it in identifiers
        ],
        filters=(),
        format=FileFormat.CSV,
        reason=reason,
        by=by,
        at=at,
    )


def hand_out(
    segment: Segment,
    export: Export,
    *,
    platform: AdPlatform,
    identifiers: Collection[Identifier],
    clock: Callable[[], datetime],
) -> Iterator[list[Cell]]:
    """Yield the hashes of each person who may be passed on, in the order of ``Identifier``.

    Some thousands at a time are asked whether they still are in and still allow it, and written
    down as told before the first of them leaves: what broke off is known to the last person.
    """
    after = 0
    while ids := _next(segment, after=after):
        sharing = sharing_of(segment, at=clock())
        for email, phone in _disclose(sharing, ids, export, platform, identifiers):
            hashes = {
                Identifier.EMAIL: hashed_email(email) if email else "",
                Identifier.PHONE: hashed_phone(phone, platform=platform) if phone else "",
            }
            yield [hashes[it] for it in Identifier if it in identifiers]
        after = ids[-1]


def _next(segment: Segment, *, after: int) -> list[int]:
    coming = stays(segment).filter(customer_id__gt=after)
    return list(coming.values_list("customer_id", flat=True)[:CHUNK])


@transaction.atomic
def _disclose(
    sharing: Sharing,
    ids: list[int],
    export: Export,
    platform: AdPlatform,
    identifiers: Collection[Identifier],
) -> list[tuple[str, str]]:
    """Write down who of these is told of, and return their addresses; one statement."""
    told = sharing.addresses(identifiers, among=ids).order_by("pk")
    select, values = told.values_list("pk", "told_email", "told_phone").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH told (customer_id, email, phone) AS MATERIALIZED ({select}),
            kept AS (
                INSERT INTO segments_disclosure
                    (customer_id, export_id, platform, with_email, with_phone, told_at)
                SELECT customer_id, %s, %s, email > '', phone > '', %s FROM told
            )
            SELECT email, phone FROM told
            """,  # noqa: S608 -- the ORM's own SQL, its values apart
            [*values, export.pk, platform.value, sharing.at],
        )
        return cursor.fetchall()
