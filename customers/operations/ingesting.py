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
from django.db.models import Exists, OuterRef
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from msgspec import Raw, Struct
from psycopg.errors import UniqueViolation

from common.keys import keyed_hasher
from common.statements import Statement, each_given, prepared
from customers.enums import Category
from customers.models import Customer
from customers.operations.timeline import ring_after_commit
from customers.queries.gates import permitting
from customers.queries.sensitivity import sensitive_among
from customers.queries.timeline import kinds_called
from customers.rules import TRACKED, EventKind
from customers.rules.telling import (
    NAMING_GOODS,
    Details,
    RefusedEvent,
    ToldEvent,
    details_of,
    goods_told,
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
    """What a batch needs to know of a kind: its details, who exists, and who may be named.

    ``open_about`` are who lets us keep what is sensitive.
    """

    details: Details
    people: Mapping[str, int]
    named: Mapping[str, int]
    tracked: bool
    names_goods: bool
    open_about: Mapping[str, int]

    def hides(self, item: ToldEvent, hidden: set[str]) -> bool:
        """Say whether the event is kept without customer and details."""
        if self.tracked and item.customer not in self.named:
            return True
        if not (hidden and self.names_goods) or item.customer in self.open_about:
            return False
        return not hidden.isdisjoint(goods_told(item))


def ingest(told: Sequence[ToldEvent | RefusedEvent], *, source: str, at: datetime) -> EventReport:
    """Keep the events that can be kept, and say of the others why not.

    ``source`` keeps the references of one program apart from another's. Behaviour that needs
    permission loses the customer and all details where nobody gave it; so does what names
    sensitive goods.
    """
    readable = [(index, item) for index, item in enumerate(told) if isinstance(item, ToldEvent)]
    errors = [item for item in told if isinstance(item, RefusedEvent)]
    tellings = _tellings([item for _index, item in readable])
    hidden = _hidden_goods([item for _index, item in readable], tellings)
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
        person, data = telling.named.get(item.customer), item.data
        if telling.hides(item, hidden):
            unnamed += 1
            person, data = None, NO_DETAILS
        reference = f"api:{source}:{hashed(item.reference)[:16].hex()}"
        rows.setdefault(reference, Row(item.kind, person, moment, data, reference))
    accepted = _write(list(rows.values()), at=at) if rows else 0
    errors.sort(key=lambda error: error.index)
    return EventReport(accepted, len(told) - len(errors) - accepted, unnamed, errors)


def _tellings(told: Sequence[ToldEvent]) -> dict[str, Telling]:
    """Return what can be told by programs, of the kinds that came."""
    kinds = kinds_called({item.kind for item in told})
    tracked = {kind.category for kind in kinds.values()} & TRACKED
    about_goods = {code for code, kind in kinds.items() if _names_goods(kind)}
    if about_goods:
        tracked |= {Category.SENSITIVE}
    people, permitting_by = _people({item.customer for item in told}, tuple(sorted(tracked)))
    return {
        code: Telling(
            details_of(kind.fields),
            people,
            permitting_by.get(kind.category, people),
            tracked=kind.category in TRACKED,
            names_goods=code in about_goods,
            open_about=permitting_by.get(Category.SENSITIVE, {}),
        )
        for code, kind in kinds.items()
        if kind.fields is not None
    }


def _names_goods(kind: EventKind) -> bool:
    return any(detail.name in NAMING_GOODS for detail in kind.fields or ())


def _hidden_goods(told: Sequence[ToldEvent], tellings: Mapping[str, Telling]) -> set[str]:
    """Return what the events call sensitive goods by; asked once a batch, if any names goods."""
    about = [item for item in told if item.kind in tellings and tellings[item.kind].names_goods]
    named = {name for item in about for name in goods_told(item)}
    return sensitive_among(named) if named else set()


def _people(
    names: Collection[str], categories: tuple[Category, ...]
) -> tuple[dict[str, int], dict[Category, dict[str, int]]]:
    """Return the ids of the customers, and for each category of those who let us keep it."""
    names = [name for name in names if name and "\0" not in name]
    rows = _who_permits(categories).rows(names=names) if names else []
    permitting_by = {
        category: {row[0]: row[1] for row in rows if row[place]}
        for place, category in enumerate(categories, start=2)
    }
    return {row[0]: row[1] for row in rows}, permitting_by


@cache
def _who_permits(categories: tuple[Category, ...]) -> Statement:
    """Ask for name and id of customers, and whether they permit each of the categories.

    Whoever was merged is the record that stayed.
    """
    return Statement(
        lambda: (
            Customer.objects.filter(external_id__in=each_given("names", "text"), erased_at=None)
            .annotate(person=Coalesce("merged_into", "pk"))
            .values_list("external_id", "person", *(_permits(each) for each in categories))
        )
    )


def _permits(category: Category) -> Exists:
    """Ask of the person of the outer query whether they let us keep this."""
    return Exists(permitting(Customer.objects.filter(pk=OuterRef("person")), category))


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
