"""The tables of one job: its rows as they were read, as they were judged, and what they changed.

The first is UNLOGGED: a crash of the database empties it, and the file is checked again. The
others are not: a merge that finds its rows gone would take the file for done, and an undo would
take the file for taken back.
"""

from typing import Any

from django.db import connection
from psycopg.sql import Literal

from customers.enums import CellType
from customers.models import ImportJob
from customers.rules.files import Column, FileKind

SQL_TYPES = {
    CellType.DATE: "date",
    CellType.MOMENT: "timestamptz",
    CellType.MONEY: "numeric(14,2)",
    CellType.NUMBER: "numeric(12,3)",
    CellType.WHOLE: "bigint",
    CellType.WORDS: "varchar[]",
    CellType.TAGS: "varchar[]",
}


# Under which name the table of changes lists whom a file of orders, cases or the like is about.
PEOPLE = "people"


def staged(job: ImportJob) -> str:
    """Return the table of the rows as they were read."""
    return f"import_staged_{job.pk:d}"


def judged(job: ImportJob) -> str:
    """Return the table of the rows in the order in which they come in."""
    return f"import_rows_{job.pk:d}"


def changed(job: ImportJob) -> str:
    """Return the table of what the job wrote, by which it can be undone for 72 hours."""
    return f"import_changed_{job.pk:d}"


def create_staged(job: ImportJob, kind: FileKind) -> None:
    columns = [
        f'"{column.name}" {SQL_TYPES.get(column.type, "text")}{_default(job, kind, column)}'
        for column in kind.columns
    ]
    columns += [f'"{column.name}_hash" bytea' for column in kind.columns if column.has_address]
    for column in kind.columns:
        if column.secret:
            columns += [
                f'"{column.name}_{part}" {type_}'
                for part, type_ in (("hash", "bytea"), ("sealed", "bytea"), ("ending", "text"))
            ]
    drop_tables(job)
    run(
        f"CREATE UNLOGGED TABLE {staged(job)} (line integer NOT NULL,"
        f" skip boolean NOT NULL DEFAULT false, extra jsonb, {', '.join(columns)})"
    )


def _default(job: ImportJob, kind: FileKind, column: Column) -> str:
    """Let every row say what the job says, where the file has no such column."""
    if column.name != kind.into or not job.into or column.name in job.mapping.values():
        return ""
    return f" DEFAULT {Literal(job.into).as_string()}"


def holds_rows(job: ImportJob) -> bool:
    """Say whether rows were read already, which a crash of the database may have emptied."""
    if not exists(staged(job)):
        return False
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS (SELECT FROM {staged(job)})")
        (found,) = cursor.fetchone()
    return found


def exists(table: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [table])
        (found,) = cursor.fetchone()
    return found


def drop_tables(job: ImportJob) -> None:
    run(f"DROP TABLE IF EXISTS {staged(job)}, {judged(job)}")


def create_changed(job: ImportJob) -> None:
    """Make the table of what the job writes.

    ``about`` is the table of the row, ``version`` what it was like when we had written it, and
    ``prior`` the row before, NULL for a new one. ``outcome`` says what an undo made of it, and
    ``told`` what others must know of a row that is gone.
    """
    run(
        f"CREATE TABLE IF NOT EXISTS {changed(job)} (about text NOT NULL, id bigint NOT NULL,"
        " version bigint, prior jsonb, outcome text, told jsonb)"
    )


def drop_changed(job: ImportJob) -> None:
    run(f"DROP TABLE IF EXISTS {changed(job)}")


def run(sql: str, params: dict[str, Any] | None = None) -> int:
    """Execute one statement and return how many rows it wrote."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.rowcount
