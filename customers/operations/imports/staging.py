"""The file's rows into a table of their own, each cell read and addresses hashed on the way."""

import csv
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from io import StringIO
from itertools import islice
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from customers.models import ImportJob, RejectedRow
from customers.operations.imports.reading import BadFile, Row, rows_of
from customers.operations.imports.tables import create_staged, staged
from customers.operations.profile import contact_hash
from customers.rules.cells import Reader, Unreadable, reader
from customers.rules.files import EXTRA, FileKind

# One transaction: what writes for long holds up everybody who reads the timeline.
BLOCK = 50_000
# Rows written to the database at once.
PIECE = 500
LONGEST_CELL = 32 << 10
SHOWN = 200

Values = list[str | int | None]
# Gives a transaction for one step of the work.
Step = Callable[[], AbstractContextManager[None]]


@dataclass
class Staging:
    """How the cells of one file become the columns of its table, and what could not."""

    job: ImportJob
    kind: FileKind
    header: list[str]
    positions: list[int] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    readers: list[Reader] = field(default_factory=list)
    required: list[int] = field(default_factory=list)
    addresses: list[int] = field(default_factory=list)
    extras: list[tuple[int, str]] = field(default_factory=list)
    rejected: list[RejectedRow] = field(default_factory=list)

    def __post_init__(self) -> None:
        zone = ZoneInfo(settings.SHOP_TIME_ZONE)
        if missing := set(self.job.mapping) - set(self.header):
            raise BadFile(
                _("The header has no column “%(title)s”. Map the columns again.")
                % {"title": min(missing)}
            )
        for position, title in enumerate(self.header):
            target = self.job.mapping.get(title, "")
            if target.startswith(EXTRA):
                self.extras.append((position, target.removeprefix(EXTRA)))
            elif target:
                column = self.kind.column(target)
                if column.required:
                    self.required.append(len(self.names))
                if column.has_address:
                    self.addresses.append(len(self.names))
                self.positions.append(position)
                self.names.append(target)
                self.readers.append(reader(column, zone=zone, country=settings.SHOP_COUNTRY))
        self._cells = list(zip(self.positions, self.readers, strict=True))

    @property
    def columns(self) -> list[str]:
        hashes = [f"{self.names[place]}_hash" for place in self.addresses]
        return ["line", "skip", *self.names, *hashes, "extra"]

    def read(self, line: int, cells: list[str]) -> Values | None:
        """Return what is staged for the row, or None when there is nothing to stage."""
        if len(cells) != len(self.header):
            return self._reject(line, cells, "", str(len(cells)), "cell_count")
        text = "".join(cells)
        if "\0" in text or len(text) > LONGEST_CELL:
            self._judge_cells(line, cells)
            if self.rejected and self.rejected[-1].line == line:
                return None
        try:
            values = [read(cells[position]) for position, read in self._cells]
        except Unreadable:
            return self._reject_unreadable(line, cells)
        if None in values and any(values[place] is None for place in self.required):
            return self._reject_unreadable(line, cells)
        hashes = [_hash(values[place]) for place in self.addresses]
        return [line, "f", *values, *hashes, self._extra(cells) if self.extras else None]

    def _extra(self, cells: list[str]) -> str:
        texts = {name: cells[position].strip() for position, name in self.extras}
        return json.dumps({name: text for name, text in texts.items() if text})

    def _judge_cells(self, line: int, cells: list[str]) -> None:
        for title, cell in zip(self.header, cells, strict=True):
            if "\0" in cell:
                self._reject(line, cells, title, cell, "not_text")
            elif len(cell) > LONGEST_CELL:
                self._reject(line, cells, title, cell, "cell_too_long")

    def _reject_unreadable(self, line: int, cells: list[str]) -> Values | None:
        """Give every reason why the row is rejected, not only the first."""
        read: dict[str, str | None] = {}
        for place, (position, name) in enumerate(zip(self.positions, self.names, strict=True)):
            try:
                read[name] = self.readers[place](cells[position])
                reason = "required" if place in self.required and read[name] is None else ""
            except Unreadable as error:
                reason = error.reason
            if reason:
                self._reject(line, cells, self.header[position], cells[position], reason)
        return self._marker(line, read)

    def _marker(self, line: int, read: dict[str, str | None]) -> Values | None:
        """Return a row that only says: of this thing, a line is missing."""
        if not self.kind.grouped or not all(read.get(name) for name in self.kind.key):
            return None
        keys = [read.get(name) if name in self.kind.key else None for name in self.names]
        return [line, "t", *keys, *(None for _ in self.addresses), None]

    def _reject(
        self, line: int, cells: list[str], title: str, value: str, reason: str
    ) -> Values | None:
        self.rejected.append(
            RejectedRow(
                job=self.job,
                line=line,
                column=title[:100],
                value=value[:SHOWN].replace("\0", "␀"),
                reason=reason,
            )
        )
        return None


def _hash(address: str | None) -> str | None:
    digest = contact_hash(address or "")
    return f"\\x{digest.hex()}" if digest else None


def stage(job: ImportJob, kind: FileKind, *, step: Step, progress: Callable[[int], None]) -> int:
    """Read the whole file into the job's table and return how many rows it has.

    Rows that cannot be read are rejected, each with every reason. ``progress`` is told the number
    of rows so far. Raises BadFile.
    """
    with rows_of(job) as (header, rows):
        staging = Staging(job, kind, header)
        with step():
            create_staged(job, kind)
        count = 0
        while True:
            with step():
                read = _stage_block(staging, rows)
            count += read
            progress(count)
            if not read:
                return count


def _stage_block(staging: Staging, rows: Iterator[Row]) -> int:
    columns = ", ".join(f'"{name}"' for name in staging.columns)
    sql = f"COPY {staged(staging.job)} ({columns}) FROM STDIN (FORMAT csv)"
    count, buffer = 0, StringIO()
    writer = csv.writer(buffer)
    with connection.cursor() as cursor, cursor.copy(sql) as copy:
        for line, cells in islice(rows, BLOCK):
            count += 1
            if values := staging.read(line, cells):
                writer.writerow(values)
                if not count % PIECE:
                    copy.write(buffer.getvalue())
                    buffer.seek(0)
                    buffer.truncate()
        copy.write(buffer.getvalue())
    RejectedRow.objects.bulk_create(staging.rejected, batch_size=2000)
    staging.rejected.clear()
    return count
