"""Judged rows come in, chunk by chunk, each a transaction of a few seconds."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from customers.enums import ImportState
from customers.models import Event, ImportJob
from customers.operations.imports.checking import good_rows
from customers.operations.imports.tables import (
    PEOPLE,
    changed,
    create_changed,
    drop_tables,
    judged,
    run,
)
from customers.operations.imports.uploading import NotNow, kind_of
from customers.operations.timeline import NewEvent, record_events
from customers.rules.files import FileKind

CHUNK = 50_000


@dataclass(frozen=True)
class Chunk:
    """The rows that come in together.

    ``rows`` is SQL of the rows, and ``units`` a table of the things they are about, as the
    kind's ``units`` made it. ``has_updates`` says whether a known one differs.
    """

    job: ImportJob
    at: datetime
    rows: str
    units: str = "import_units"
    has_updates: bool = True

    def run(self, sql: str) -> int:
        """Execute SQL that may name ``{rows}``, ``{units}``, ``%(job)s`` and ``%(at)s``."""
        return run(self._named(sql), {"job": self.job.pk, "at": self.at})

    def write(self, table: str, sql: str, *, version: str, prior: str = "NULL") -> None:
        """Execute an INSERT or UPDATE of the table, and note its rows so that it can be undone.

        ``version`` and ``prior`` (the row before, as JSON) are SQL, as RETURNING may name them.
        """
        self.run(
            f"WITH written(id, version, prior) AS ({sql} RETURNING {table}.id, {version}, {prior})"
            f" INSERT INTO {changed(self.job)} (about, id, version, prior)"
            f" SELECT '{table}', id, version, prior::jsonb FROM written"
        )

    def note(self, sql: str) -> None:
        """Note ids that the file changes on the way: SQL of what about them, and the id."""
        self.run(f"INSERT INTO {changed(self.job)} (about, id) {sql}")

    def ids(self, sql: str) -> list[int]:
        """Return the first column of SQL that may name what ``run`` knows."""
        with connection.cursor() as cursor:
            cursor.execute(self._named(sql), {"job": self.job.pk, "at": self.at})
            return [row[0] for row in cursor.fetchall()]

    def _named(self, sql: str) -> str:
        return sql.format(rows=self.rows, units=self.units)


@transaction.atomic
def start(job: ImportJob, *, at: datetime) -> ImportJob:
    """Let a checked file come in; started again, nothing happens. Raises NotNow."""
    job = ImportJob.objects.select_for_update().get(pk=job.pk)
    if job.state in (ImportState.QUEUED, ImportState.MERGING):
        return job
    if job.state != ImportState.READY:
        raise NotNow(_("Only a checked file can be started."))
    job.state, job.started_at, job.merged_rows = ImportState.QUEUED, at, 0
    job.save()
    return job


@transaction.atomic
def work_on(job: ImportJob, *, at: datetime) -> bool:
    """Bring in the next rows of a started job, and say whether there are more.

    The lock on the job is held as long as the work: when the worker dies, both are undone and
    anybody may go on. While somebody else is at it, nothing happens.
    """
    at_work = ImportJob.objects.filter(state__in=(ImportState.QUEUED, ImportState.MERGING))
    found = at_work.select_for_update(skip_locked=True).filter(pk=job.pk).first()
    if found is None:
        return False
    kind = kind_of(found)
    if upto := _end_of_chunk(found, size=min(CHUNK, kind.chunk or CHUNK)):
        # What a crash of the database takes back, it takes back whole: rows and progress.
        run("SET LOCAL synchronous_commit TO off")
        _merge(found, kind, upto=upto, at=at)
        found.save()
        return True
    finish(found, state=ImportState.DONE, at=at)
    return False


def _end_of_chunk(job: ImportJob, *, size: int) -> int | None:
    """Return the place of the chunk's last row, so that rows about one thing stay together."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT max(n) FROM {judged(job)} WHERE n <= coalesce(
                (SELECT n - 1 FROM {judged(job)}
                 WHERE n > %(least)s AND unit <> (
                     SELECT unit FROM {judged(job)} WHERE n = %(least)s
                 ) ORDER BY n LIMIT 1),
                2147483647
            ) AND n > %(merged)s
            """,
            {"merged": job.merged_rows, "least": job.merged_rows + size},
        )
        (last,) = cursor.fetchone()
    return last


def _merge(job: ImportJob, kind: FileKind, *, upto: int, at: datetime) -> None:
    rows = good_rows(job, after=job.merged_rows, upto=upto)
    chunk = Chunk(job=job, at=at, rows=rows)
    run(f"DROP TABLE IF EXISTS {chunk.units}")
    units = kind.units.format(rows=rows)
    run(f"CREATE TEMP TABLE {chunk.units} ON COMMIT DROP AS {units}")
    # Of the wide rest nothing is asked that a plan could depend on.
    run(f"ANALYZE {chunk.units} (known_id, differs)")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(*) FILTER (WHERE known_id IS NULL),"
            f" count(*) FILTER (WHERE known_id IS NOT NULL AND differs) FROM {chunk.units}"
        )
        total, created, updated = cursor.fetchone()
    if created or updated:
        create_changed(job)
        kind.write(replace(chunk, has_updates=updated > 0))
        _note_people(chunk, kind)
    job.state, job.failures = ImportState.MERGING, 0
    job.merged_rows = upto
    job.created_count += created
    job.updated_count += updated
    job.unchanged_count += total - created - updated


def _note_people(chunk: Chunk, kind: FileKind) -> None:
    """Note about whom the file says something new (``people_touched``)."""
    # Files of customers note each row that they write anyway, and events stand in the timeline one
    # by one.
    if kind.people not in ("", "known_id") and Event._meta.db_table not in kind.writes:
        chunk.note(
            f"SELECT DISTINCT '{PEOPLE}', {kind.people} FROM {{units}}"
            f" WHERE (known_id IS NULL OR differs) AND {kind.people} IS NOT NULL"
        )


def finish(job: ImportJob, *, state: ImportState, at: datetime) -> None:
    """End a job that is held, and tell consumers when something came in."""
    if state == ImportState.DONE:
        job.merged_rows = job.row_count
        if not kind_of(job).grouped:
            # Lines that said the same twice came in once: the others changed nothing.
            good = job.row_count - job.rejected_count
            job.unchanged_count = good - job.created_count - job.updated_count
    job.state, job.finished_at, job.lease_until = state, at, None
    job.save()
    drop_tables(job)
    if job.created_count or job.updated_count:
        _announce(job, at=at)


def _announce(job: ImportJob, *, at: datetime) -> None:
    """One event for all rows: whoever wants them selects them by ``imported_by``."""
    event = NewEvent(
        kind="customers.file_imported",
        customer=None,
        at=at,
        reference=f"import:{job.pk}",
        data={
            "kind": job.kind,
            "created": job.created_count,
            "updated": job.updated_count,
        },
    )
    record_events([event], historic=job.historic, job=job)


@transaction.atomic
def pause(job: ImportJob) -> ImportJob:
    """Let a job rest after the chunk under way; paused again, nothing happens. Raises NotNow."""
    job = ImportJob.objects.select_for_update().get(pk=job.pk)
    if job.state == ImportState.PAUSED:
        return job
    if job.state not in (ImportState.QUEUED, ImportState.MERGING):
        raise NotNow(_("Only a running import can be paused."))
    job.state = ImportState.PAUSED
    job.save()
    return job


@transaction.atomic
def resume(job: ImportJob) -> ImportJob:
    """Let a paused job go on where it stopped; a running one just runs. Raises NotNow."""
    job = ImportJob.objects.select_for_update().get(pk=job.pk)
    if job.state in (ImportState.QUEUED, ImportState.MERGING):
        return job
    if job.state not in (ImportState.PAUSED, ImportState.FAILED):
        raise NotNow(_("Only a paused import can go on."))
    job.state = _where_it_was(job)
    job.refusal, job.failures, job.finished_at = "", 0, None
    job.save()
    return job


def _where_it_was(job: ImportJob) -> ImportState:
    if job.started_at is None:
        return ImportState.CHECKING
    return ImportState.MERGING if job.merged_rows else ImportState.QUEUED


@transaction.atomic
def cancel(job: ImportJob, *, at: datetime) -> ImportJob:
    """Stop a job; what has come in stays. Raises NotNow for a job that has ended."""
    job = ImportJob.objects.select_for_update().get(pk=job.pk)
    if job.state == ImportState.CANCELLED:
        return job
    if job.state == ImportState.DONE:
        raise NotNow(_("Everything has come in already."))
    finish(job, state=ImportState.CANCELLED, at=at)
    return job
