"""The rows that did not come in, to be mended and brought again."""

import csv
from collections.abc import Iterator
from io import StringIO
from itertools import groupby

from common.spreadsheets import harmless
from customers.models import ImportJob, RejectedRow
from customers.operations.imports.reading import rows_of
from customers.rules.files import REJECTED

Reasons = dict[int, list[RejectedRow]]


def rejected_csv(job: ImportJob) -> Iterator[str]:
    """Yield a CSV of the rejected rows: their own columns, then line, column and reason.

    The rows themselves are read from the file again, so that they are kept in one place.
    """
    found = job.rejected_rows.order_by("line", "pk").iterator(chunk_size=2000)
    rejected = groupby(found, key=lambda row: row.line)
    with rows_of(job) as (header, rows):
        yield _line([*header, *(f"{REJECTED}{name}" for name in ("line", "column", "reason"))])
        wanted = next(rejected, None)
        for line, cells in rows:
            if wanted is None:
                return
            if line == wanted[0]:
                yield _line([*_fitted(cells, len(header)), *_why(wanted[0], list(wanted[1]))])
                wanted = next(rejected, None)


def _fitted(cells: list[str], width: int) -> list[str]:
    """Return the row in as many cells as the header has; what is too much stays visible."""
    if len(cells) <= width:
        return cells + [""] * (width - len(cells))
    return [*cells[: width - 1], " | ".join(cells[width - 1 :])]


def _why(line: int, rows: list[RejectedRow]) -> list[str]:
    return [
        str(line),
        "; ".join(row.column for row in rows),
        "; ".join(row.sentence for row in rows),
    ]


def _line(cells: list[str]) -> str:
    buffer = StringIO()
    csv.writer(buffer, quoting=csv.QUOTE_ALL).writerow(harmless(cell) for cell in cells)
    return buffer.getvalue()
