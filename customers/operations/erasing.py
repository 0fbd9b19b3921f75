"""Somebody is erased: their records stay, blank, so that ledgers and figures stay whole.

What each table loses stands in the apps' ``personal_data.py``. Nothing is renumbered and no row
of the books is deleted; what is written once is emptied through the one function that its table
admits (``common.append_only``).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _

from common.errors import DomainError
from common.models import AuditEntry, User
from common.operations import audit
from customers.models import Customer, Erasure, Event, ImportJob
from customers.models.profile import new_external_id
from customers.operations.timeline import record_event
from customers.queries.holdings import erase_parts, holdings, rows_of
from customers.queries.identity import number_hash
from customers.rules.erasing import SAID_OF_A_PERSON, Erasing, Fate


class ReasonMissing(DomainError):
    code = "reason_missing"
    status = 422


@dataclass(frozen=True)
class Leaving:
    """An erasure under way: the person's records, held and still as they were.

    ``jobs`` are the imports that may still hold something of theirs, held as well.
    """

    records: list[Customer]
    jobs: list[ImportJob]
    at: datetime

    @cached_property
    def ids(self) -> list[int]:
        return [record.pk for record in self.records]


@transaction.atomic
def erase(customer: Customer, *, by: User | None, reason: str, at: datetime) -> Erasure:
    """Blank all that is known of a person, on every record that was merged into theirs.

    It cannot be undone. Erasing again changes nothing and returns the first. Raises ReasonMissing.
    """
    if not reason.strip():
        raise ReasonMissing(_("Say why: it is kept with your name."), field="reason")
    # A chunk of a file locks its job before it locks people; so do we.
    jobs = list(ImportJob.objects.select_for_update().filter(forgotten_at=None).order_by("pk"))
    records = _held(customer)
    if earlier := Erasure.objects.filter(customer=customer).first():
        return earlier
    leaving = Leaving(records, jobs, at)
    for part in erase_parts():
        part.erase(leaving)
    for holding in holdings():
        clear(holding.model, holding.erasing, rows_of(holding, leaving.ids))
    _blank_logs(leaving)
    for record in records:
        _blank(record, by=by, at=at)
        audit("customers.erased", record, at=at, by=by, reason=reason)
    person = next(record for record in records if record.merged_into_id is None)
    record_event(person, kind="customers.erased", at=at, reference=f"customer:{person.pk}:erased")
    return Erasure.objects.get(customer=customer)


def records_of(customer: Customer) -> QuerySet[Customer]:
    """Return the record that speaks for the person, and those that were merged into it."""
    stays = customer.merged_into_id or customer.pk
    return Customer.objects.filter(Q(pk=stays) | Q(merged_into=stays)).order_by("pk")


def _held(customer: Customer) -> list[Customer]:
    """Lock all records of the person, in the order in which a merge locks them."""
    now = Customer.objects.get(pk=customer.pk)
    held = list(records_of(now).select_for_update(no_key=True))
    again = Customer.objects.get(pk=customer.pk)
    # Merged, or divided, while we waited: then there are others.
    if again.merged_into_id != now.merged_into_id or len(held) != records_of(again).count():
        return _held(again)
    return held


def clear(model: type[Model], erasing: Erasing, rows: QuerySet[Any]) -> None:
    """Delete the rows, or empty what they say of people; rows that are kept stay as they are."""
    if erasing.fate == Fate.DELETED:
        rows.delete()
    elif erasing.written_once:
        blank_written_once(model, erasing.blanks, rows)
    elif erasing.fate == Fate.BLANKED:
        # By id, since what says whose they are may be a row of another table.
        found = model._default_manager.filter(pk__in=rows.values("pk"))
        found.update(**_empty(model, erasing.blanks))


def blank_events(events: QuerySet[Event]) -> None:
    """Empty the details of these events; that they happened stays."""
    blank_written_once(Event, ("data",), events)


def blank_written_once(model: type[Model], columns: Iterable[str], rows: QuerySet[Any]) -> None:
    ids = list(rows.values_list("pk", flat=True))
    for column, empty in _empty(model, columns).items():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT blank_rows(%s, %s, %s, %s)",
                [model._meta.db_table, column, "{}" if empty == {} else "", ids],
            )


def _empty(model: type[Model], columns: Iterable[str]) -> dict[str, Any]:
    fields: Iterator[Any] = map(model._meta.get_field, columns)
    return {field.name: field.get_default() for field in fields}


def _blank_logs(leaving: Leaving) -> None:
    """Blank what staff wrote in the audit, and what Django's own log calls the rows.

    Who did what, and when, stays.
    """
    ids: dict[type[Model], set[int]] = {Customer: set(leaving.ids)}
    for holding in holdings():
        if holding.erasing.because and not holding.erasing.written_once:
            rows = rows_of(holding, leaving.ids)
            ids.setdefault(holding.model, set()).update(rows.values_list("pk", flat=True))
    for model, named in ids.items():
        about = ContentType.objects.get_for_model(model)
        LogEntry.objects.filter(content_type=about, object_id__in=map(str, named)).update(
            object_repr=""
        )
        entries = AuditEntry.objects.filter(
            subject_type=model._meta.label_lower, subject_id__in=named
        )
        blank_written_once(AuditEntry, ("reason",), entries.exclude(reason=""))


def _blank(record: Customer, *, by: User | None, at: datetime) -> None:
    Erasure.objects.create(
        customer=record,
        number_hash=number_hash(record.external_id),
        erased_at=at,
        erased_by=by,
    )
    Customer.objects.filter(pk=record.pk).update(
        **_empty(Customer, SAID_OF_A_PERSON),
        external_id=new_external_id(),
        erased_at=at,
        updated_at=at,
    )
