"""Events that programs tell, by the thousand.

COPY is the fastest way in, and knows no repeats: only when a reference was told before, the same
rows go through an INSERT that passes them over. A few events are not worth a COPY. Before that,
a batch asks the database one question: who the customers are, and what they permit.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import nullcontext
from datetime import datetime
from functools import cache
from typing import NamedTuple

import msgspec
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from msgspec import Raw, Struct
from psycopg.errors import UniqueViolation

from common.discovery import declared
from common.keys import keyed_hasher
from common.statements import Statement, each_given, prepared
from customers.enums import Category
from customers.models import Customer
from customers.operations.timeline import ring_after_commit
from customers.queries.timeline import kinds_called
from customers.rules import TRACKED
from customers.rules.telling import (
    Details,
    RefusedEvent,
    ToldEvent,
    details_of,
    wrong_details,
    wrong_moment,
)

COPY_FROM = 20
NO_DETAILS = Raw(b"{}")


class EventReport(Struct):
    """What became of a batch.

    ``accepted`` events are new, ``repeated`` ones came before; ``unnamed`` ones are counted
    without the customer.
    """

    accepted: int
    repeated: int
    unnamed: int
    errors: list[RefusedEvent]


class Row(Struct):
    kind: str
    customer: int | None
    occurred_at: str
    data: Raw
    reference: str


class Telling(NamedTuple):
    """What a batch needs to know of a kind: its details, who exists, and who may be named."""

    details: Details
    people: Mapping[str, int]
    named: Mapping[str, int]
    tracked: bool


def ingest(told: Sequence[ToldEvent | RefusedEvent], *, source: str, at: datetime) -> EventReport:
    """Keep the events that can be kept, and say of the others why not.

    ``source`` keeps the references of one program apart from another's. Behaviour that needs
    permission loses the customer and all details where nobody gave it.
    """
    readable = [(index, item) for index, item in enumerate(told) if isinstance(item, ToldEvent)]
    errors = [item for item in told if isinstance(item, RefusedEvent)]
    tellings = _tellings([item for _index, item in readable])
    # All at once, and as texts: five times as fast as one by one.
    moments = msgspec.to_builtins([item.occurred_at for _index, item in readable])
    # Hashed: a program may have put a name into it, which must not stay without permission.
    hashed = keyed_hasher("event")
    rows: dict[str, Row] = {}
    unnamed = 0
    for (index, item), moment in zip(readable, moments, strict=True):
        telling = tellings.get(item.kind)
        if telling is None:
            errors.append(_unknown_kind(index))
            continue
        if refused := _refused(index, item, telling, at=at):
            errors.append(refused)
            continue
        person = telling.named.get(item.customer)
        data = item.data
        if telling.tracked and person is None:
            unnamed += 1
            data = NO_DETAILS
        reference = f"api:{source}:{hashed(item.reference)[:16].hex()}"
        rows.setdefault(reference, Row(item.kind, person, moment, data, reference))
    accepted = _write(list(rows.values()), at=at) if rows else 0
    errors.sort(key=lambda error: error.index)
    return EventReport(accepted, len(told) - len(errors) - accepted, unnamed, errors)


def _tellings(told: Sequence[ToldEvent]) -> dict[str, Telling]:
    """Return what can be told by programs, of the kinds that came."""
    kinds = kinds_called({item.kind for item in told})
    tracked = sorted({kind.category for kind in kinds.values()} & TRACKED)
    people, permitting = _people({item.customer for item in told}, tuple(tracked))
    return {
        code: Telling(
            details_of(kind.fields),
            people,
            permitting.get(kind.category, people),
            tracked=kind.category in TRACKED,
        )
        for code, kind in kinds.items()
        if kind.fields is not None
    }


def _people(
    names: Collection[str], categories: tuple[Category, ...]
) -> tuple[dict[str, int], dict[Category, dict[str, int]]]:
    """Return the ids of the customers, and for each category of those who let us keep it."""
    names = [name for name in names if name and "\0" not in name]
    rows = _who_permits(categories).rows(names=names) if names else []
    permitting = {
        category: {row[0]: row[1] for row in rows if row[place]}
        for place, category in enumerate(categories, start=2)
    }
    return {row[0]: row[1] for row in rows}, permitting


@cache
def _who_permits(categories: tuple[Category, ...]) -> Statement:
    """Ask for name and id of customers, and whether they permit each of the categories.

    Whoever was merged is the record that stayed.
    """
    return Statement(
        lambda: (
            Customer.objects.filter(external_id__in=each_given("names", "text"), erased_at=None)
            .annotate(person=Coalesce("merged_into", "pk"))
            .values_list(
                "external_id", "person", *(Exists(_permitting(each)) for each in categories)
            )
        )
    )


def _permitting(category: Category) -> QuerySet[Customer]:
    """Narrow to the person of the outer query, if they let us keep this; no gate means no."""
    person = Customer.objects.filter(pk=OuterRef("person"))
    gates = {gate.category: gate for gate in declared("gates", "GATES")}
    return gates[category].permitting(person) if category in gates else person.none()


def _unknown_kind(index: int) -> RefusedEvent:
    message = _("No event of this kind can be told. Declare it first.")
    return RefusedEvent(index, "unknown_event_kind", message, f"events.{index}.kind")


def _refused(
    index: int, told: ToldEvent, telling: Telling, *, at: datetime
) -> RefusedEvent | None:
    if told.customer and told.customer not in telling.people:
        message = _("There is none with this name.")
        return RefusedEvent(index, "unknown", message, f"events.{index}.customer")
    return wrong_moment(index, told, at=at) or wrong_details(index, told, telling.details)


def _write(rows: Sequence[Row], *, at: datetime) -> int:
    """Write the rows and return how many are new."""
    if len(rows) < COPY_FROM:
        return _insert(rows, at=at)
    try:
        # A statement is a transaction of its own where nobody began one.
        with transaction.atomic() if connection.in_atomic_block else nullcontext():
            _copy(rows, at=at)
    except UniqueViolation:
        return _insert(rows, at=at)
    ring_after_commit()
    return len(rows)


def _copy(rows: Iterable[Row], *, at: datetime) -> None:
    sql = (
        "COPY customers_event"
        " (kind, customer_id, occurred_at, recorded_at, data, reference, historic) FROM STDIN"
    )
    moment = at.isoformat()
    lines = "".join(
        [
            f"{row.kind}\t{row.customer or NULL}\t{row.occurred_at}\t{moment}\t"
            f"{_escaped(row.data)}\t{row.reference}\tf\n"
            for row in rows
        ]
    )
    with prepared() as cursor, cursor.copy(sql) as copy:
        copy.write(lines)


NULL = "\\N"
# In the text format of COPY these mean something; within JSON they are spaces, and a backslash.
ESCAPED = str.maketrans({"\\": "\\\\", "\n": " ", "\t": " ", "\r": " "})


def _escaped(raw: Raw) -> str:
    data = str(raw, "utf-8")
    # To look takes a thirtieth of the time of a translation, and there is seldom one to do.
    if "\\" in data or "\n" in data or "\t" in data or "\r" in data:
        return data.translate(ESCAPED)
    return data


def _insert(rows: Sequence[Row], *, at: datetime) -> int:
    """One statement, which is a transaction of its own where nobody began one."""
    with prepared() as cursor:
        cursor.execute(
            """
            INSERT INTO customers_event
                (kind, customer_id, occurred_at, recorded_at, data, reference, historic)
            SELECT kind, customer, occurred_at, %s, data, reference, false
            FROM jsonb_to_recordset(%s::jsonb) AS told(
                kind text, customer bigint, occurred_at timestamptz, data jsonb, reference text
            )
            ON CONFLICT (reference) DO NOTHING
            """,
            [at, msgspec.json.encode(rows).decode()],
        )
        written = cursor.rowcount
    ring_after_commit()
    return written
