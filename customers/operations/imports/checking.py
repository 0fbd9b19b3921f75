"""The whole file is read and judged before its first row comes in."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from functools import partial
from time import monotonic

from django.db import transaction
from django.db.models import Q

from customers.enums import ImportState, StartRule
from customers.models import Customer, ImportJob, RejectedRow
from customers.operations.imports.foreseeing import foresee_file
from customers.operations.imports.reading import BadFile
from customers.operations.imports.staging import staging
from customers.operations.imports.tables import (
    create_staged,
    drop_tables,
    holds_rows,
    judged,
    run,
    staged,
)
from customers.operations.imports.uploading import kind_of
from customers.rules.files import Check, Column, FileKind, Reference

# A checker that has not been heard of for so long is dead.
LEASE = timedelta(minutes=2)
Progress = Callable[[ImportJob], None]


def check(
    job: ImportJob,
    *,
    at: datetime,
    progress: Progress | None = None,
    seconds: float | None = None,
) -> ImportJob:
    """Read and judge the file of a job whose columns are mapped; it ends ready or refused.

    Nothing comes in yet. A check that died goes on where it was, and so does one that stopped
    between two steps after so many ``seconds``; while somebody else is at it, nothing happens.
    """
    lease = _Lease(job, at=at, seconds=seconds)
    if lease.taken:
        # Whoever has it now, or cancelled it, goes on from there.
        with suppress(_LeaseLost):
            _check(ImportJob.objects.get(pk=job.pk), lease, progress)
    return ImportJob.objects.get(pk=job.pk)


class _LeaseLost(Exception):
    """Another worker took the job over, or somebody cancelled it."""


class _Lease:
    """One worker's hold on the check of a job, which ends by itself when the worker dies."""

    @transaction.atomic
    def __init__(self, job: ImportJob, *, at: datetime, seconds: float | None) -> None:
        self.at, self.began, self.seconds = at, monotonic(), seconds
        self.until = at + LEASE
        self.held = ImportJob.objects.filter(pk=job.pk, state=ImportState.CHECKING)
        free = self.held.filter(Q(lease_until=None) | Q(lease_until__lt=at))
        # Who works on a long step is not waited for.
        idle = free.select_for_update(skip_locked=True).values("pk")
        self.taken = self.held.filter(pk__in=idle).update(lease_until=self.until) == 1

    @contextmanager
    def step(self) -> Iterator[dict[str, object]]:
        """Do one step in a transaction that holds the job, however long it takes.

        What is put into the given dictionary is saved with the job. A worker that was away for
        longer than its lease would write into the tables of its successor: it raises _LeaseLost,
        and nothing of the step remains.
        """
        before = self.until
        try:
            with transaction.atomic():
                self.renew()
                facts: dict[str, object] = {}
                yield facts
                self.renew(**facts)
        except BaseException:
            self.until = before
            raise

    def renew(self, **facts: object) -> None:
        until = self.at + timedelta(seconds=monotonic() - self.began) + LEASE
        if not self.held.filter(lease_until=self.until).update(lease_until=until, **facts):
            raise _LeaseLost
        self.until = until

    @property
    def is_over(self) -> bool:
        """Say whether others should have the worker now."""
        return self.seconds is not None and monotonic() - self.began > self.seconds

    def end(self, **facts: object) -> None:
        self.held.filter(lease_until=self.until).update(lease_until=None, **facts)


def _check(job: ImportJob, lease: _Lease, progress: Progress | None) -> None:
    kind = kind_of(job)
    try:
        is_staged = job.judged_steps > 0 or _stage(job, kind, lease, progress)
    except BadFile as error:
        with lease.step():
            drop_tables(job)
            RejectedRow.objects.filter(job=job).delete()
        lease.end(state=ImportState.REFUSED, refusal=error.message, row_count=0)
        return
    if is_staged and _judge(job, kind, lease):
        found = _found(job, kind, job.row_count)
        lease.end(**found, **_goes_on(job, found, at=lease.at))
    else:
        lease.end()


def _goes_on(job: ImportJob, found: dict[str, object], *, at: datetime) -> dict[str, object]:
    """Let the file come in, or wait for somebody's word, as was said when it was brought."""
    is_asked = job.start_rule == StartRule.AFTER_CHECK or (
        job.start_rule == StartRule.WHEN_CLEAN and not found["rejected_count"]
    )
    if is_asked:
        return {"state": ImportState.QUEUED, "started_at": at, "merged_rows": 0}
    return {"state": ImportState.READY}


def _stage(job: ImportJob, kind: FileKind, lease: _Lease, progress: Progress | None) -> bool:
    """Read the file into its table, from where it was left; say whether all of it is there."""
    if not (job.row_count and holds_rows(job)):
        with lease.step() as facts:
            RejectedRow.objects.filter(job=job).delete()
            create_staged(job, kind)
            facts["row_count"] = job.row_count = 0
    with staging(job, kind, skip=job.row_count) as stage_block:
        while True:
            with lease.step() as facts:
                read = stage_block()
                facts["row_count"] = job.row_count + read
            job.row_count += read
            if progress:
                progress(job)
            if not read or lease.is_over:
                return not read


def _found(job: ImportJob, kind: FileKind, count: int) -> dict[str, object]:
    """Return what the check counted: the rows, and what would become of them."""
    rejected = RejectedRow.objects.filter(job=job).values("line").distinct().count()
    units, touched = foresee_file(job, kind)
    things = units["total"] if kind.grouped else count - rejected
    return {
        "row_count": count,
        "rejected_count": rejected,
        "preview": {
            "create": units["create"],
            "update": units["update"],
            "unchanged": things - units["create"] - units["update"],
            "reject": rejected,
            "touched": touched,
        },
    }


def good_rows(job: ImportJob, *, after: int | None = None, upto: int | None = None) -> str:
    """Return the SQL of the rows that may come in, or of those with ``n`` in a range."""
    within = "" if after is None else f" AND n > {after:d} AND n <= {upto:d}"
    return f"(SELECT * FROM {judged(job)} WHERE NOT skip{within})"


def _judge(job: ImportJob, kind: FileKind, lease: _Lease) -> bool:
    """Take the steps that are still to be taken; say whether that were all."""
    for number, step in enumerate(_steps(job, kind), start=1):
        if number > job.judged_steps:
            with lease.step() as facts:
                step()
                facts["judged_steps"] = number
            if lease.is_over:
                return False
    return True


def _steps(job: ImportJob, kind: FileKind) -> list[Callable[[], None]]:
    """Put the rows in order, find what they refer to, and reject those that cannot come in."""
    unknown = [
        partial(_reject, job, column.refers.unknown, column.name, _unknown(column))
        for column in kind.columns
        if column.refers
    ]
    broken = [partial(_reject_broken, job, it) for it in kind.checks]
    last = [partial(_reject_repeated, job, kind), partial(_leave_out, job, kind)]
    first = [partial(_follow_merges, job, kind), partial(_order_rows, job, kind)]
    return [*first, *unknown, *broken, *last]


def _reject_broken(job: ImportJob, check: Check) -> None:
    sql = check.sql if isinstance(check.sql, str) else check.sql()
    _reject(job, check.reason, check.column, sql)


def _reject_repeated(job: ImportJob, kind: FileKind) -> None:
    or_apart = OR_APART if kind.beside else ""
    _reject(job, "repeated", kind.key[0], REPEATED.replace("{or_apart}", or_apart))
    _skip_rejected(job)


def _leave_out(job: ImportJob, kind: FileKind) -> None:
    if kind.grouped:
        _reject(job, "sibling_rejected", kind.key[0], SIBLING_REJECTED)
        _skip_rejected(job)
    else:
        # What says the same twice comes in once.
        run(f"UPDATE {judged(job)} SET skip = true WHERE repeats AND NOT skip")
    run(f"ANALYZE {judged(job)} (n, unit)")


def _follow_merges(job: ImportJob, kind: FileKind) -> None:
    """Let rows that name a record which was merged name the one that stayed."""
    if not Customer.objects.exclude(merged_into=None).exists():
        return
    for column in kind.columns:
        if column.names_customer:
            run(
                f"""
                UPDATE {staged(job)} s SET "{column.name}" = stayed.external_id
                FROM customers_customer named
                JOIN customers_customer stayed ON stayed.id = named.merged_into_id
                WHERE named.merged_into_id IS NOT NULL
                  AND named.external_id = s."{column.name}"
                """
            )


def _order_rows(job: ImportJob, kind: FileKind) -> None:
    """Make the table of rows in order of what they are about, which is the order of the merge.

    ``unit`` names the thing, and ``n`` is the place of the row. ``repeats`` says that the row
    before is about the same thing: they stand together; ``contradicts``, that it says something
    else of it. Things beside each other (the orders of one customer) come in together, so that
    a chunk changes what they share once. The hash scatters the chunk: on each page few rows then
    change at once, and find room there for what they become.
    """
    referring = [(column.name, column.refers) for column in kind.columns if column.refers]
    order = ", ".join(f's."{name}"' for name in (*kind.sorting, "line"))
    beside = f'hashint8("ref_{kind.beside}".id), ' if kind.beside else ""
    unit = " || chr(31) || ".join(f"coalesce(s.\"{name}\"::text, '')" for name in kind.key)
    repeats = f"coalesce(lag({unit}) OVER ordered = {unit}, false) AND NOT s.skip"
    said = f"ROW({', '.join(_said_of_units(kind))})"
    ids = "".join(f', "ref_{name}".{to.key} AS "{name}_id"' for name, to in referring)
    joins = " ".join(_join(name, refers) for name, refers in referring)
    run(
        f"""
        CREATE TABLE {judged(job)} AS
        SELECT row_number() OVER ordered AS n, {unit} AS unit, s.*{ids},
               {repeats} AS repeats,
               {repeats} AND lag({said}) OVER ordered IS DISTINCT FROM {said} AS contradicts
        FROM {staged(job)} s {joins}
        WINDOW ordered AS (ORDER BY {beside}{unit}, s.skip, {order})
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
            SELECT unit FROM {rows} r WHERE contradicts{or_apart}
        )
        GROUP BY unit
    ) AS contradicted USING (unit)
"""
# Where rows stand together by another column first, those that differ in it stand apart.
OR_APART = """
            UNION ALL
            SELECT unit FROM {rows} r WHERE NOT repeats GROUP BY unit HAVING count(*) > 1"""
SIBLING_REJECTED = """
    SELECT s.line, missing.line::text
    FROM {rows} s
    JOIN (SELECT unit, min(line) AS line FROM {table} WHERE skip GROUP BY unit) AS missing
        USING (unit)
"""


def _said_of_units(kind: FileKind) -> list[str]:
    """Return the columns in which all rows about one thing must agree."""
    if not kind.grouped:
        return [*(f's."{column.name}"' for column in kind.columns), "s.extra"]
    return [f's."{column.name}"' for column in kind.columns if column.of_unit]


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
