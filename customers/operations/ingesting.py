"""Events that programs tell, by the thousand.

COPY is the fastest way in, and knows no repeats: only when a reference was told before, the same
rows go through an INSERT that passes them over. A few events are not worth a COPY.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from msgspec import Struct
from psycopg.errors import UniqueViolation

from common.discovery import declared
from common.keys import keyed_hash
from customers.enums import Category
from customers.models import Customer
from customers.operations.timeline import ring_after_commit
from customers.queries.timeline import kinds_called
from customers.rules import TRACKED, EventKind, Gate
from customers.rules.telling import RefusedEvent, ToldEvent, wrong_details, wrong_moment

COPY_FROM = 20


class EventReport(Struct):
    """What became of a batch.

    ``accepted`` events are new, ``repeated`` ones came before; ``unnamed`` ones are counted
    without the customer.
    """

    accepted: int
    repeated: int
    unnamed: int
    errors: list[RefusedEvent]


class Row(NamedTuple):
    kind: str
    customer: int | None
    occurred_at: str
    data: str
    reference: str


def ingest(told: Sequence[ToldEvent | RefusedEvent], *, source: str, at: datetime) -> EventReport:
    """Keep the events that can be kept, and say of the others why not.

    ``source`` keeps the references of one program apart from another's. Behaviour that needs
    permission loses the customer and all details where nobody gave it.
    """
    readable = [(index, item) for index, item in enumerate(told) if isinstance(item, ToldEvent)]
    errors = [item for item in told if isinstance(item, RefusedEvent)]
    kinds = kinds_called({item.kind for _index, item in readable})
    people = _people({item.customer for _index, item in readable if item.customer})
    permitting = _permitting(readable, kinds, people)
    rows: dict[str, Row] = {}
    unnamed = 0
    for index, item in readable:
        if refused := _refused(index, item, kinds, people, at=at):
            errors.append(refused)
            continue
        category = kinds[item.kind].category
        person = people.get(item.customer)
        row = Row(
            kind=item.kind,
            customer=person,
            occurred_at=item.occurred_at.isoformat(),
            data=bytes(item.data).decode(),
            reference=_reference(source, item.reference),
        )
        if category in TRACKED and person not in permitting.get(category, ()):
            unnamed += 1
            row = row._replace(customer=None, data="{}")
        rows.setdefault(row.reference, row)
    accepted = _write(list(rows.values()), at=at) if rows else 0
    errors.sort(key=lambda error: error.index)
    return EventReport(accepted, len(told) - len(errors) - accepted, unnamed, errors)


def _people(names: Iterable[str]) -> dict[str, int]:
    names = [name for name in names if "\0" not in name]
    if not names:
        return {}
    known = Customer.objects.filter(external_id__in=_each_of(names, "text"), erased_at=None)
    # Whoever was merged is the record that stayed.
    return dict(known.values_list("external_id", Coalesce("merged_into", "pk")))


def _each_of(values: Iterable[object], kind: str) -> RawSQL:
    # One array: to put hundreds of parameters into a statement takes longer than to run it.
    return RawSQL(f"SELECT unnest(%s::{kind}[])", [list(values)])  # noqa: S611 -- our own words


def _permitting(
    told: Iterable[tuple[int, ToldEvent]],
    kinds: Mapping[str, EventKind],
    people: Mapping[str, int],
) -> dict[Category, set[int]]:
    """Return who lets us keep their name, for each category of tracked behaviour that came."""
    asked: dict[Category, set[int]] = {}
    for _index, item in told:
        kind = kinds.get(item.kind)
        if kind and kind.category in TRACKED and item.customer in people:
            asked.setdefault(kind.category, set()).add(people[item.customer])
    gates: dict[Category, Gate] = {gate.category: gate for gate in declared("gates", "GATES")}
    return {
        category: set(
            gates[category]
            .permitting(Customer.objects.filter(pk__in=_each_of(ids, "bigint")))
            .values_list("pk", flat=True)
        )
        for category, ids in asked.items()
        if category in gates
    }


def _refused(
    index: int,
    told: ToldEvent,
    kinds: Mapping[str, EventKind],
    people: Mapping[str, int],
    *,
    at: datetime,
) -> RefusedEvent | None:
    kind = kinds.get(told.kind)
    if kind is None or kind.fields is None:
        message = _("No event of this kind can be told. Declare it first.")
        return RefusedEvent(index, "unknown_event_kind", message, f"events.{index}.kind")
    if told.customer and told.customer not in people:
        message = _("There is none with this name.")
        return RefusedEvent(index, "unknown", message, f"events.{index}.customer")
    return wrong_moment(index, told, at=at) or wrong_details(index, told, kind.fields)


def _reference(source: str, reference: str) -> str:
    # Hashed: a program may have put a name into it, which must not stay without permission.
    return f"api:{source}:{keyed_hash(reference, use='event')[:16].hex()}"


def _write(rows: Sequence[Row], *, at: datetime) -> int:
    """Write the rows and return how many are new."""
    if len(rows) < COPY_FROM:
        return _insert(rows, at=at)
    try:
        with transaction.atomic():
            _copy(rows, at=at)
            ring_after_commit()
        return len(rows)
    except UniqueViolation:
        return _insert(rows, at=at)


def _copy(rows: Iterable[Row], *, at: datetime) -> None:
    sql = (
        "COPY customers_event"
        " (kind, customer_id, occurred_at, recorded_at, data, reference, historic) FROM STDIN"
    )
    moment = at.isoformat()
    lines = "".join(
        f"{row.kind}\t{row.customer or NULL}\t{row.occurred_at}\t{moment}\t"
        f"{row.data.translate(ESCAPED)}\t{row.reference}\tf\n"
        for row in rows
    )
    with connection.cursor() as cursor, cursor.copy(sql) as copy:
        copy.write(lines)


NULL = "\\N"
# In the text format of COPY these mean something; within JSON they are spaces, and a backslash.
ESCAPED = str.maketrans({"\\": "\\\\", "\n": " ", "\t": " ", "\r": " "})


def _insert(rows: Sequence[Row], *, at: datetime) -> int:
    """One statement, which is a transaction of its own where nobody began one."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO customers_event
                (kind, customer_id, occurred_at, recorded_at, data, reference, historic)
            SELECT kind, customer, occurred_at, %s, data::jsonb, reference, false
            FROM unnest(%s::text[], %s::bigint[], %s::timestamptz[], %s::text[], %s::text[])
                AS told(kind, customer, occurred_at, data, reference)
            ON CONFLICT (reference) DO NOTHING
            """,
            [at, *(list(column) for column in zip(*rows, strict=True))],
        )
        written = cursor.rowcount
    ring_after_commit()
    return written
