"""The tables of one job: its rows as they were read, and as they were judged.

The first is UNLOGGED: a crash of the database empties it, and the file is checked again. The
second is not: a merge that finds it empty would take the file for done.
"""

from typing import Any

from django.db import connection

from customers.enums import CellType
from customers.models import ImportJob
from customers.rules.files import FileKind

SQL_TYPES = {
    CellType.DATE: "date",
    CellType.MOMENT: "timestamptz",
    CellType.MONEY: "numeric(14,2)",
    CellType.NUMBER: "numeric(12,3)",
    CellType.WORDS: "varchar[]",
}


def staged(job: ImportJob) -> str:
    """Return the table of the rows as they were read."""
    return f"import_staged_{job.pk:d}"


def judged(job: ImportJob) -> str:
    """Return the table of the rows in the order in which they come in."""
    return f"import_rows_{job.pk:d}"


def create_staged(job: ImportJob, kind: FileKind) -> None:
    columns = [f'"{column.name}" {SQL_TYPES.get(column.type, "text")}' for column in kind.columns]
    columns += [f'"{column.name}_hash" bytea' for column in kind.columns if column.has_address]
    drop_tables(job)
    run(
        f"CREATE UNLOGGED TABLE {staged(job)} (line integer NOT NULL,"
        f" skip boolean NOT NULL DEFAULT false, extra jsonb, {', '.join(columns)})"
    )


def drop_tables(job: ImportJob) -> None:
    run(f"DROP TABLE IF EXISTS {staged(job)}, {judged(job)}")


def run(sql: str, params: dict[str, Any] | None = None) -> int:
    """Execute one statement and return how many rows it wrote."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.rowcount
