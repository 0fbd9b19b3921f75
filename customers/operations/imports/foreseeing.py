"""What a checked file would change beyond its own rows, as the apps that know it count it."""

from functools import cache
from typing import Any

from django.db import OperationalError, connection, transaction

from common.discovery import declared
from customers.models import ImportJob
from customers.operations.imports.tables import judged, run
from customers.rules.files import FileKind, Foresight, Touch

SECONDS = 30
UNITS = "import_foreseen"


@cache
def touches() -> dict[str, Touch]:
    """Return everything that a file may touch, as apps declare it in ``importers.py``, by code."""
    return {touch.code: touch for touch in declared("importers", "TOUCHES")}


@transaction.atomic
def foresee_file(job: ImportJob, kind: FileKind) -> tuple[dict[str, int], list[list[Any]]]:
    """Count the things that would be new, changed and all, and what that would touch.

    What is touched is a list of a touch's code and its facts.
    """
    rows = f"(SELECT * FROM {judged(job)} WHERE NOT skip)"
    run(f"DROP TABLE IF EXISTS {UNITS}")
    run(f"CREATE TEMP TABLE {UNITS} ON COMMIT DROP AS {_units(kind, rows)}")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(*) FILTER (WHERE known_id IS NULL),"
            f" count(*) FILTER (WHERE known_id IS NOT NULL AND differs) FROM {UNITS}"
        )
        total, create, update = cursor.fetchone()
    counted = {"total": total, "create": create, "update": update}
    if not create + update:
        return counted, []
    return counted, _touched(job, kind, kind.units.format(rows=rows))


def _units(kind: FileKind, rows: str) -> str:
    """Return SQL of all things with ``known_id``, ``differs`` and ``customer_id``.

    A new thing of several rows is told by its first: adding all of them up takes four times as
    long, and only what is known needs it.
    """
    about = (
        f"{kind.people}::bigint AS customer_id" if kind.people else "NULL::bigint AS customer_id"
    )
    compared = "SELECT known_id, differs, {about} FROM ({units}) AS unit"
    if not (kind.grouped and kind.undo):
        return compared.format(about=about, units=kind.units.format(rows=rows))
    known = f"SELECT {kind.undo.key} FROM {kind.undo.table}"
    known_rows = f"(SELECT * FROM {rows} AS r WHERE unit IN ({known}))"
    return (
        compared.format(about=about, units=kind.units.format(rows=known_rows))
        + f" UNION ALL SELECT NULL, true, {about} FROM {rows} AS r"
        f" WHERE NOT repeats AND NOT EXISTS ({known} AS t WHERE t.{kind.undo.key} = r.unit)"
    )


def _touched(job: ImportJob, kind: FileKind, units: str) -> list[list[Any]]:
    run(f"ANALYZE {UNITS}")
    foresight = Foresight(
        kind=kind,
        historic=job.historic,
        fields=frozenset(target.partition(".")[0] for target in job.mapping.values()),
        people=(
            f"(SELECT DISTINCT customer_id FROM {UNITS} WHERE customer_id IS NOT NULL"
            " AND (known_id IS NULL OR differs))"
        ),
        new=f"(SELECT * FROM ({units}) AS unit WHERE known_id IS NULL)",
    )
    found: list[list[Any]] = []
    for touch in touches().values():
        try:
            # A count that takes longer would tell less than it costs.
            with transaction.atomic():
                run(f"SET LOCAL statement_timeout = '{SECONDS}s'")
                found += [[touch.code, dict(facts)] for facts in touch.found(foresight)]
                run("SET LOCAL statement_timeout = 0")
        except OperationalError:
            continue
    return found
