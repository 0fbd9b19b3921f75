from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from common.discovery import declared
from customers.models import ConsumerPosition, DeclaredField, DeclaredKind
from customers.queries.gathering import Rows
from customers.rules import Consumer, EventKind, Position


@cache
def event_kinds() -> dict[str, EventKind]:
    """Return every kind of event that an app declares in its ``kinds.py``, by code."""
    return {kind.code: kind for kind in declared("kinds", "KINDS")}


@cache
def consumers() -> dict[str, Consumer]:
    """Return everyone who acts on the timeline, by name."""
    return {consumer.name: consumer for consumer in declared("consumers", "CONSUMERS")}


def kinds_called(codes: Collection[str]) -> dict[str, EventKind]:
    """Return the kinds of these codes, whether an app or the staff declares them.

    One query, and none when apps declare them all.
    """
    declared_by_apps = event_kinds()
    others = [code for code in codes if code not in declared_by_apps and "\0" not in code]
    known = {code: declared_by_apps[code] for code in codes if code in declared_by_apps}
    if others:
        known |= _declared_by_staff(DeclaredKind.objects.filter(code__in=others))
    return known


def all_kinds() -> dict[str, EventKind]:
    """Return every kind of event, whether an app or the staff declares it, by code."""
    return event_kinds() | declared_kinds()


def declared_kinds() -> dict[str, EventKind]:
    """Return the kinds of event that the staff declare, by code."""
    return _declared_by_staff(DeclaredKind.objects.order_by("code"))


def _declared_by_staff(kinds: QuerySet[DeclaredKind]) -> dict[str, EventKind]:
    return {
        kind.code: kind.as_event_kind(kind.fields.all())
        for kind in kinds.prefetch_related("fields")
    }


def kind_rows() -> dict[str, Rows]:
    """Return what ``kinds_in`` needs, for a page to read with its other rows."""
    shown = ("kind_id", "name", "type", "required")
    return {
        "kinds": Rows(DeclaredKind.objects.order_by("code"), ("id", "code", "label", "category")),
        "kind_fields": Rows(DeclaredField.objects.order_by("id"), shown),
    }


def kinds_in(rows: Mapping[str, Sequence[Any]]) -> dict[str, EventKind]:
    """Return all kinds of event, those that staff declare from ``rows``."""
    details: dict[int, list[DeclaredField]] = defaultdict(list)
    for field in rows["kind_fields"]:
        details[field.kind_id].append(field)
    theirs = {kind.code: kind.as_event_kind(details[kind.pk]) for kind in rows["kinds"]}
    return event_kinds() | theirs


def system_identifier() -> str:
    """Return the name of the database cluster, which a restored dump does not keep."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT system_identifier::text FROM pg_control_system()")
        (identifier,) = cursor.fetchone()
    return identifier


# No event comes after it: the largest numbers of the columns.
THE_END = Position(2**15 - 1, 2**63 - 1, 2**63 - 1)


def position_of(consumer: str) -> Position:
    """Return how far a consumer has come; the very beginning when it has read nothing."""
    reached = ConsumerPosition.objects.filter(name=consumer).first()
    return Position(reached.generation, reached.xid, reached.event_id) if reached else Position()


def next_position(
    after: ConsumerPosition, *, limit: int, upto: Position = THE_END
) -> Position | None:
    """Return the position of the last of the next ``limit`` events, or None when there is none.

    Only events below the oldest running transaction are seen: above it, one with a lower position
    may still commit. No event beyond ``upto`` is.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT generation, xid::text, id FROM (
                SELECT generation, xid, id FROM customers_event
                WHERE (generation, xid, id) > (%s, %s::text::xid8, %s)
                  AND (generation, xid, id) <= (%s, %s::text::xid8, %s)
                  AND (generation, xid) < (
                      (SELECT max(number) FROM customers_generation),
                      pg_snapshot_xmin(pg_current_snapshot())
                  )
                ORDER BY generation, xid, id
                LIMIT %s
            ) AS coming
            ORDER BY generation DESC, xid DESC, id DESC
            LIMIT 1
            """,
            [
                *(after.generation, str(after.xid), after.event_id),
                *(upto.generation, str(upto.xid), upto.event_id),
                limit,
            ],
        )
        row = cursor.fetchone()
    return Position(row[0], int(row[1]), row[2]) if row else None
