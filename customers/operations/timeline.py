"""The timeline: written in the transaction of what happened."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.dispatch import Signal
from django.utils.timezone import now
from django.utils.translation import gettext as _

from common.errors import DomainError
from customers.models import Customer, Event, Generation, ImportJob
from customers.queries.timeline import kinds_called, system_identifier

# The bell: something was committed to the timeline. It carries nothing; consumers look.
timeline_grew = Signal()


class UnknownKind(DomainError):
    code = "unknown_event_kind"
    status = 422


@dataclass(frozen=True)
class NewEvent:
    """Something to write down; ``customer`` is an id, or None for what nobody may be named for."""

    kind: str
    customer: int | None
    at: datetime
    reference: str
    data: Mapping[str, Any] = field(default_factory=dict)


def record_event(
    customer: Customer | None,
    *,
    kind: str,
    at: datetime,
    reference: str,
    data: Mapping[str, Any] | None = None,
) -> None:
    """Write down what happened, in the transaction of the thing itself.

    A repeat with the same ``reference`` writes nothing. Raises UnknownKind.
    """
    person = customer.pk if customer else None
    record_events([NewEvent(kind, person, at, reference, data or {})])


def record_events(
    events: Iterable[NewEvent], *, historic: bool = False, job: ImportJob | None = None
) -> None:
    """Write many events in one statement; repeats of a reference write nothing."""
    events = list(events)
    _refuse_unknown({event.kind for event in events})
    rows = [
        Event(
            kind=event.kind,
            customer_id=event.customer,
            occurred_at=event.at,
            reference=event.reference,
            data=dict(event.data),
            historic=historic,
            imported_by=job,
        )
        for event in events
    ]
    if rows:
        Event.objects.bulk_create(rows, ignore_conflicts=True, batch_size=5000)
        ring_after_commit()


def record_for_all(
    references: Mapping[int, str], *, kind: str, at: datetime, data: Mapping[str, Any]
) -> None:
    """Write the same down of many customers in one statement; repeats write nothing.

    ``references`` are by customer id. Raises UnknownKind.
    """
    _refuse_unknown({kind})
    if not references:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO customers_event
                (kind, customer_id, occurred_at, recorded_at, data, reference, historic)
            SELECT %s, customer, %s, %s, %s::jsonb, reference, false
            FROM unnest(%s::bigint[], %s::text[]) AS told (customer, reference)
            ON CONFLICT (reference) DO NOTHING
            """,
            [kind, at, now(), json.dumps(data), list(references), list(references.values())],
        )
    ring_after_commit()


def _refuse_unknown(codes: set[str]) -> None:
    for code in codes - kinds_called(codes).keys():
        raise UnknownKind(
            _("Nothing declares the event kind %(kind)s.") % {"kind": code}, field="kind"
        )


def ring_after_commit() -> None:
    """Send ``timeline_grew`` once when this transaction commits."""
    if not any(entry[1] is _ring for entry in connection.run_on_commit):
        transaction.on_commit(_ring, robust=True)


def _ring() -> None:
    timeline_grew.send_robust(sender=Event)


def ensure_generation(*, at: datetime) -> None:
    """Begin a new generation of positions when the data have come to another cluster.

    To be called before the first event is written after a restore; ``up`` and the consumers do.
    """
    identifier = system_identifier()
    latest = Generation.objects.order_by("-number").first()
    if latest and latest.system_identifier == identifier:
        return
    with transaction.atomic(), connection.cursor() as cursor:
        # One of several that notice begins it; the others find it begun.
        cursor.execute("LOCK TABLE customers_generation IN EXCLUSIVE MODE")
        latest = Generation.objects.order_by("-number").first()
        if latest and latest.system_identifier == identifier:
            return
        number = latest.number + 1 if latest else 1
        Generation.objects.create(number=number, system_identifier=identifier, began_at=at)
        cursor.execute(f"ALTER TABLE customers_event ALTER generation SET DEFAULT {number:d}")
