"""The whole file is read and judged before its first row comes in."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from time import monotonic

from django.db import connection, transaction
from django.db.models import Q

from customers.enums import ImportState
from customers.models import ImportJob, RejectedRow
from customers.operations.imports.reading import BadFile
from customers.operations.imports.staging import Step, stage
from customers.operations.imports.tables import drop_tables, judged, run, staged
from customers.operations.imports.uploading import file_kinds
from customers.rules.files import Column, FileKind, Reference

# A checker that has not been heard of for so long is dead.
LEASE = timedelta(minutes=2)
Progress = Callable[[ImportJob], None]


def check(job: ImportJob, *, at: datetime, progress: Progress | None = None) -> ImportJob:
    """Read and judge the file of a job whose columns are mapped; it ends ready or refused.

    Nothing comes in yet. A check that died is begun anew; while somebody else is at it, nothing
    happens.
    """
    lease = _Lease(job, at=at)
    if lease.taken:
        # Whoever has it now, or cancelled it, goes on from there.
        with suppress(_LeaseLost):
            _check(job, lease, progress)
    return ImportJob.objects.get(pk=job.pk)


class _LeaseLost(Exception):
    """Another worker took the job over, or somebody cancelled it."""


class _Lease:
    """One worker's hold on the check of a job, which ends by itself when the worker dies."""

    @transaction.atomic
    def __init__(self, job: ImportJob, *, at: datetime) -> None:
        self.at, self.began = at, monotonic()
        self.until = at + LEASE
        self.held = ImportJob.objects.filter(pk=job.pk, state=ImportState.CHECKING)
        free = self.held.filter(Q(lease_until=None) | Q(lease_until__lt=at))
        # Who works on a long step is not waited for.
        idle = free.select_for_update(skip_locked=True).values("pk")
        self.taken = self.held.filter(pk__in=idle).update(lease_until=self.until, row_count=0) == 1

    @contextmanager
    def step(self) -> Iterator[None]:
        """Do one step in a transaction that holds the job, however long it takes.

        A worker that was away for longer than its lease would write into the tables of its
        successor: it raises _LeaseLost, and nothing of the step remains.
        """
        before = self.until
        try:
            with transaction.atomic():
                self.renew()
                yield
                self.renew()
        except BaseException:
            self.until = before
            raise

    def renew(self, **facts: object) -> None:
        until = self.at + timedelta(seconds=monotonic() - self.began) + LEASE
        if not self.held.filter(lease_until=self.until).update(lease_until=until, **facts):
            raise _LeaseLost
        self.until = until

    def end(self, **facts: object) -> None:
        self.held.filter(lease_until=self.until).update(lease_until=None, **facts)


def _check(job: ImportJob, lease: _Lease, progress: Progress | None) -> None:
    kind = file_kinds()[job.kind]

    def heard_of(count: int) -> None:
        lease.renew(row_count=count)
        job.row_count = count
        if progress:
            progress(job)

    with lease.step():
        RejectedRow.objects.filter(job=job).delete()
    try:
        count = stage(job, kind, step=lease.step, progress=heard_of)
    except BadFile as error:
        with lease.step():
            drop_tables(job)
            RejectedRow.objects.filter(job=job).delete()
        lease.end(state=ImportState.REFUSED, refusal=error.message, row_count=0)
    else:
        _judge(job, kind, step=lease.step)
        lease.end(state=ImportState.READY, **_found(job, kind, count))


def _found(job: ImportJob, kind: FileKind, count: int) -> dict[str, object]:
    """Return what the check counted: the rows, and what would become of them."""
    rejected = RejectedRow.objects.filter(job=job).values("line").distinct().count()
    units = kind.units.format(rows=good_rows(job))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(*) FILTER (WHERE known_id IS NULL),"
            " count(*) FILTER (WHERE known_id IS NOT NULL AND differs)"
            f" FROM ({units}) AS unit"
        )
        total, create, update = cursor.fetchone()
    things = total if kind.grouped else count - rejected
    return {
        "row_count": count,
        "rejected_count": rejected,
        "preview": {
            "create": create,
            "update": update,
            "unchanged": things - create - update,
            "reject": rejected,
        },
    }


def good_rows(job: ImportJob, *, after: int | None = None, upto: int | None = None) -> str:
    """Return the SQL of the rows that may come in, or of those with ``n`` in a range."""
    within = "" if after is None else f" AND n > {after:d} AND n <= {upto:d}"
    return f"(SELECT * FROM {judged(job)} WHERE NOT skip{within})"


def _judge(job: ImportJob, kind: FileKind, *, step: Step) -> None:
    """Put the rows in order, find what they refer to, and reject those that cannot come in."""
    with step():
        _order_rows(job, kind)
    for column in kind.columns:
        if column.refers:
            with step():
                _reject(job, column.refers.unknown, column.name, _unknown(column))
    for broken in kind.checks:
        with step():
            _reject(job, broken.reason, broken.column, broken.sql)
    with step():
        _reject(job, "repeated", kind.key[0], REPEATED.format_map(_sayings(kind)))
        _skip_rejected(job)
    with step():
        if kind.grouped:
            _reject(job, "sibling_rejected", kind.key[0], SIBLING_REJECTED)
            _skip_rejected(job)
        else:
            # What says the same twice comes in once.
            run(f"UPDATE {judged(job)} SET skip = true WHERE repeats AND NOT skip")
        run(f"ANALYZE {judged(job)} (n, unit)")


def _order_rows(job: ImportJob, kind: FileKind) -> None:
    """Make the table of rows in order of what they are about, which is the order of the merge.

    ``unit`` names the thing, ``n`` is the place of the row, and ``repeats`` says that the row
    before is about the same thing: they stand together.
    """
    referring = [(column.name, column.refers) for column in kind.columns if column.refers]
    order = ", ".join(f's."{name}"' for name in (*kind.sorting, "line"))
    unit = " || chr(31) || ".join(f"coalesce(s.\"{name}\"::text, '')" for name in kind.key)
    ids = "".join(f', "ref_{name}".{to.key} AS "{name}_id"' for name, to in referring)
    joins = " ".join(_join(name, refers) for name, refers in referring)
    run(
        f"""
        CREATE TABLE {judged(job)} AS
        SELECT row_number() OVER ordered AS n, {unit} AS unit, s.*{ids},
               coalesce(lag({unit}) OVER ordered = {unit}, false) AND NOT s.skip AS repeats
        FROM {staged(job)} s {joins}
        WINDOW ordered AS (ORDER BY {unit}, s.skip, {order})
        """
    )
    run(f"DROP TABLE {staged(job)}")
    run(f"CREATE UNIQUE INDEX ON {judged(job)} (n)")


def _join(name: str, refers: Reference) -> str:
    table = f'"ref_{name}"'
    also = f" AND {refers.also.format(table=table)}" if refers.also else ""
    return f'LEFT JOIN {refers.table} {table} ON {table}.{refers.column} = s."{name}"{also}'


def _unknown(column: Column) -> str:
    return (
        f'SELECT line, "{column.name}" FROM {{rows}} s'
        f' WHERE "{column.name}" IS NOT NULL AND "{column.name}_id" IS NULL'
    )


# Of two lines that contradict each other neither is better; each is told of the other.
REPEATED = """
    SELECT s.line, (CASE WHEN s.line = lines[1] THEN lines[2] ELSE lines[1] END)::text
    FROM {rows} s
    JOIN (
        SELECT unit, (array_agg(line ORDER BY line))[1:2] AS lines
        FROM {rows} r
        WHERE unit IN (
            SELECT later.unit FROM {rows} later JOIN {table} earlier ON earlier.n = later.n - 1
            WHERE later.repeats AND ROW({later}) IS DISTINCT FROM ROW({earlier})
        )
        GROUP BY unit
    ) AS contradicted USING (unit)
"""
SIBLING_REJECTED = """
    SELECT s.line, missing.line::text
    FROM {rows} s
    JOIN (SELECT unit, min(line) AS line FROM {table} WHERE skip GROUP BY unit) AS missing
        USING (unit)
"""


def _sayings(kind: FileKind) -> dict[str, str]:
    """Return what all rows about one thing must agree on, for a row and the one before."""
    said = [column.name for column in kind.columns if column.of_unit or not kind.grouped]
    said += [] if kind.grouped else ["extra"]
    names = {row: ", ".join(f'{row}."{name}"' for name in said) for row in ("later", "earlier")}
    return {**names, "rows": "{rows}", "table": "{table}"}


def _reject(job: ImportJob, reason: str, field: str, sql: str) -> None:
    found = sql.format(rows=good_rows(job), table=judged(job))
    titles = {target: title for title, target in job.mapping.items()}
    run(
        f"""
        INSERT INTO customers_rejectedrow (job_id, line, "column", value, reason)
        SELECT %(job)s, line, %(title)s, left(value, 200), %(reason)s
        FROM ({found}) AS broken(line, value) ORDER BY line
        """,
        {"job": job.pk, "title": titles.get(field, ""), "reason": reason},
    )


def _skip_rejected(job: ImportJob) -> None:
    run(
        f"UPDATE {judged(job)} s SET skip = true FROM customers_rejectedrow r"
        " WHERE r.job_id = %(job)s AND r.line = s.line AND NOT s.skip",
        {"job": job.pk},
    )
