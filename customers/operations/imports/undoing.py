"""What a file brought is taken back, as far as nothing newer has touched it."""

import csv
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from io import StringIO
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction
from django.db.models import ManyToOneRel
from django.utils.translation import gettext as _

from common.models import ApiKey, User
from common.operations import audit
from common.spreadsheets import harmless
from customers.enums import ImportState
from customers.models import Generation, ImportJob, Order
from customers.operations.imports.tables import changed, exists, run
from customers.operations.imports.uploading import NotNow, file_kinds
from customers.operations.timeline import NewEvent, record_events
from customers.rules.files import LEFT, Undo

# What another app keeps about a person is sealed or goes after so long (DESIGN §4), and former
# values are such a thing.
KEPT = timedelta(hours=72)
CHUNK = 20_000

ENDED = (ImportState.DONE, ImportState.CANCELLED)


@dataclass(frozen=True)
class Foreseen:
    """How many rows an undo removes, gives back their former values, and leaves as they are."""

    remove: int
    restore: int
    leave: int


@dataclass(frozen=True)
class Undoing:
    """The rows that are taken back together.

    ``rows`` is a table of their ids with ``outcome``, ``prior`` and ``told``, and ``customers``
    whom they are about, who are held.
    """

    job: ImportJob
    at: datetime
    undo: Undo
    after: int = 0
    upto: int = 0
    customers: Collection[int] = ()
    rows: str = "import_undoing"

    def run(self, sql: str) -> int:
        """Execute SQL that may name ``{rows}``, ``{changed}`` and ``%(customers)s``."""
        return run(self._named(sql), self._facts)

    def ids(self, sql: str) -> list[int]:
        with connection.cursor() as cursor:
            cursor.execute(self._named(sql), self._facts)
            return [row[0] for row in cursor.fetchall()]

    def put_back(self, table: str, *, kept_as: str) -> None:
        """Insert the rows of another table that were kept with the former values."""
        columns = _columns(table)
        kept = ", ".join(f"kept.{column}" for column in columns)
        self.run(
            f"INSERT INTO {table} ({', '.join(columns)}) SELECT {kept} FROM {{rows}} r,"
            f" jsonb_populate_recordset(NULL::{table}, r.prior -> '{kept_as}') AS kept"
            " WHERE r.outcome = 'restored'"
        )

    @property
    def _facts(self) -> dict[str, Any]:
        return {"customers": list(self.customers), "about": self.undo.table}

    @property
    def within(self) -> str:
        """SQL of the ids of this chunk."""
        return (
            f"SELECT id FROM {changed(self.job)} WHERE about = '{self.undo.table}'"
            f" AND id > {self.after:d} AND id <= {self.upto:d}"
        )

    def _named(self, sql: str) -> str:
        return sql.format(rows=self.rows, changed=changed(self.job))


def undoable_until(job: ImportJob) -> datetime | None:
    """Return until when the import can be undone, or None when it cannot at all."""
    can = job.state in ENDED and job.finished_at and file_kinds()[job.kind].undo
    if not (can and job.finished_at and job.created_count + job.updated_count):
        return None
    return job.finished_at + KEPT


def foresee(job: ImportJob, *, at: datetime) -> Foreseen:
    """Count what an undo would do now. Raises NotNow."""
    undo = _refuse_unless_undoable(job, at=at)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT outcome, count(*) FROM ({_outcomes(job, undo)}) AS it GROUP BY 1")
        counted = dict(cursor.fetchall())
    left = sum(counted.get(reason, 0) for reason in LEFT)
    return Foreseen(counted.get("removed", 0), counted.get("restored", 0), left)


@transaction.atomic
def undo(job: ImportJob, *, by: User | ApiKey | None, at: datetime) -> ImportJob:
    """Ask for an ended import to be taken back; asked again, nothing happens. Raises NotNow."""
    job = ImportJob.objects.select_for_update().get(pk=job.pk)
    if job.state in (ImportState.UNDOING, ImportState.UNDONE):
        return job
    _refuse_unless_undoable(job, at=at)
    run(f"CREATE INDEX IF NOT EXISTS {changed(job)}_id ON {changed(job)} (about, id)")
    run(f"ANALYZE {changed(job)} (about, id)")
    job.state, job.failures, job.refusal = ImportState.UNDOING, 0, ""
    job.save()
    audit("customers.import_undone", job, at=at, by=by)
    return job


def _refuse_unless_undoable(job: ImportJob, *, at: datetime) -> Undo:
    undo = file_kinds()[job.kind].undo
    if undo is None:
        raise NotNow(_("What happened and what was chosen is written once, and not taken back."))
    until = undoable_until(job)
    if until is None:
        raise NotNow(_("Only an import that has ended and changed something can be undone."))
    # After a restore it cannot be told what was touched in between.
    is_restored = Generation.objects.filter(began_at__gt=job.started_at).exclude(number=1).exists()
    if at > until or job.forgotten_at or is_restored:
        raise NotNow(
            _("An import can be undone for 72 hours: what was there before is forgotten by now.")
        )
    return undo


@transaction.atomic
def work_on_undo(job: ImportJob, *, at: datetime) -> bool:
    """Take back the next rows, and say whether there are more.

    As in ``work_on``, the lock on the job is held as long as the work.
    """
    asked = ImportJob.objects.filter(pk=job.pk, state=ImportState.UNDOING)
    found = asked.select_for_update(skip_locked=True).first()
    if found is None:
        return False
    undo = file_kinds()[found.kind].undo
    if undo and (upto := _end_of_chunk(found, undo)):
        _take_back(
            Undoing(job=found, at=at, undo=undo, after=found.undone_upto, upto=upto), undo=undo
        )
        found.undone_upto, found.failures = upto, 0
        found.save()
        return True
    found.state, found.undone_at = ImportState.UNDONE, at
    found.save()
    _announce(found, at=at)
    return False


def _end_of_chunk(job: ImportJob, undo: Undo) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT max(id) FROM (SELECT id FROM {changed(job)}"
            " WHERE about = %s AND id > %s ORDER BY id LIMIT %s) AS coming",
            [undo.table, job.undone_upto, CHUNK],
        )
        (last,) = cursor.fetchone()
    return last


def _take_back(undoing: Undoing, *, undo: Undo) -> None:
    job, table = undoing.job, undo.table
    if undo.customer:
        # First the customers, then what is theirs, as a checkout does.
        people = f"SELECT {undo.customer} FROM {table} WHERE id IN ({undoing.within})"
        undoing = replace(
            undoing,
            customers=undoing.ids(
                f"SELECT id FROM customers_customer WHERE id IN ({people})"
                " ORDER BY id FOR NO KEY UPDATE"
            ),
        )
    undoing.ids(f"SELECT id FROM {table} WHERE id IN ({undoing.within}) ORDER BY id FOR UPDATE")
    run(f"DROP TABLE IF EXISTS {undoing.rows}")
    run(
        f"CREATE TEMP TABLE {undoing.rows} ON COMMIT DROP AS"
        f" {_outcomes(job, undo, within=f'u.id > {undoing.after:d} AND u.id <= {undoing.upto:d}')}"
    )
    run(f"ANALYZE {undoing.rows} (id, outcome)")
    removed = f"SELECT id FROM {undoing.rows} WHERE outcome = 'removed'"
    for derived in _relations(table, goes_with_it=True):
        run(f"DELETE FROM {derived.table} WHERE {derived.column} IN ({removed})")
    run(f"DELETE FROM {table} WHERE id IN ({removed})")
    _restore(undoing, table=table)
    if undo.follow:
        undo.follow(undoing)
    undoing.run(
        "UPDATE {changed} c SET outcome = r.outcome, told = r.told, prior = NULL"
        " FROM {rows} r WHERE c.about = %(about)s AND c.id = r.id"
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT outcome, count(*) FROM {undoing.rows} GROUP BY 1")
        for outcome, count in cursor.fetchall():
            job.undone[outcome] = job.undone.get(outcome, 0) + count


def _restore(undoing: Undoing, *, table: str) -> None:
    columns = [column for column in _columns(table) if column != '"id"']
    before = ", ".join(f"was.{column}" for column in columns)
    undoing.run(
        f"UPDATE {table} t SET ({', '.join(columns)}) = ROW ({before})"
        f" FROM {{rows}} r, jsonb_populate_record(NULL::{table}, r.prior) AS was"
        " WHERE r.outcome = 'restored' AND t.id = r.id"
    )


def _outcomes(job: ImportJob, undo: Undo, *, within: str = "true") -> str:
    """Return SQL that says for each row that the file wrote what an undo makes of it now."""
    used = [
        f"EXISTS (SELECT FROM {other.table} o WHERE o.{other.column} = t.id)"
        for other in _relations(undo.table, goes_with_it=False)
    ]
    told = "".join(f", '{name}', t.{name}" for name in undo.tells)
    return f"""
        SELECT u.id, u.prior,
               CASE WHEN t.id IS NULL OR {undo.version.format(row="t")} <> u.version
                    THEN 'changed'
                    WHEN u.prior IS NOT NULL THEN 'restored'
                    WHEN {" OR ".join(used) or "false"} THEN 'used'
                    ELSE 'removed' END AS outcome,
               {f"jsonb_build_object({told[2:]})" if told else "NULL::jsonb"} AS told
        FROM {changed(job)} u LEFT JOIN {undo.table} t ON t.id = u.id
        WHERE u.about = '{undo.table}' AND {within}
    """


@dataclass(frozen=True)
class _Relation:
    table: str
    column: str


@cache
def _model(table: str) -> type[models.Model]:
    return next(model for model in apps.get_models() if model._meta.db_table == table)


@cache
def _columns(table: str) -> list[str]:
    """Return the columns that are written, not computed."""
    fields = _model(table)._meta.concrete_fields
    return [f'"{field.column}"' for field in fields if not field.generated]


@cache
def _relations(table: str, *, goes_with_it: bool) -> list[_Relation]:
    """Return what refers to the table's rows: what is deleted with them, or what needs them.

    What refers without a constraint is a note, which may outlive the row.
    """
    found = _model(table)._meta.get_fields(include_hidden=True)
    pointing = [
        it
        for it in found
        if isinstance(it, ManyToOneRel)
        and it.on_delete
        and getattr(it.field, "db_constraint", True)
    ]
    return [
        _Relation(it.related_model._meta.db_table, str(it.field.column))
        for it in pointing
        if (it.on_delete is models.CASCADE) == goes_with_it
    ]


def _announce(job: ImportJob, *, at: datetime) -> None:
    if not (job.undone.get("removed") or job.undone.get("restored")):
        return
    event = NewEvent(
        kind="customers.file_undone",
        customer=None,
        at=at,
        reference=f"import:{job.pk}:undone",
        data={"kind": job.kind, **job.undone},
    )
    record_events([event], historic=job.historic, job=job)


def undone_orders(job: ImportJob, *, after: int, limit: int) -> tuple[list[Order], list[int]]:
    """Return the orders with an id above ``after`` that an undo removed, and ids of restored ones.

    The removed are no rows any more: number, customer and id are what is known of them. What was
    undone is known for 72 hours.
    """
    if not exists(changed(job)):
        return [], []
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, outcome, told ->> 'external_id', (told ->> 'customer_id')::bigint"
            f" FROM {changed(job)} WHERE about = 'customers_order' AND id > %s"
            " AND outcome IN ('removed', 'restored') ORDER BY id LIMIT %s",
            [after, limit],
        )
        rows = cursor.fetchall()
    removed = [
        Order(pk=it, external_id=name, customer_id=customer)
        for it, outcome, name, customer in rows
        if outcome == "removed"
    ]
    return removed, [it for it, outcome, *_rest in rows if outcome == "restored"]


def left_csv(job: ImportJob) -> Iterator[str]:
    """Yield a CSV of the rows that an undo left as they are: by what name, and why."""
    undo = file_kinds()[job.kind].undo
    yield _line([undo.key if undo else "id", "reason"])
    if undo is None or not exists(changed(job)):
        return
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT coalesce({undo.name}, u.id::text), u.outcome FROM {changed(job)} u"
            f" LEFT JOIN {undo.table} t ON t.id = u.id"
            " WHERE u.about = %s AND u.outcome = ANY(%s) ORDER BY 1",
            [undo.table, list(LEFT)],
        )
        while rows := cursor.fetchmany(2000):
            yield "".join(_line([name, str(LEFT[outcome])]) for name, outcome in rows)


def _line(cells: list[str]) -> str:
    buffer = StringIO()
    csv.writer(buffer, quoting=csv.QUOTE_ALL).writerow(harmless(cell) for cell in cells)
    return buffer.getvalue()
