"""The file's rows into a table of their own, each cell read and addresses hashed on the way."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from itertools import islice, repeat
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from common.keys import keyed_hash, sealer
from customers.models import ImportJob, RejectedRow
from customers.operations.imports.reading import BadFile, Row, rows_of
from customers.operations.imports.tables import staged
from customers.operations.profile import contact_hasher
from customers.queries.identity import erased_numbers
from customers.rules.attributes import Attribute, fragment_reader, free_fragment_reader
from customers.rules.cells import ColumnReader, Unreadable, column_reader
from customers.rules.files import EXTRA, FileKind, Secret

# One transaction: what writes for long holds up everybody who reads the timeline.
BLOCK = 50_000
# Rows written to the database at once.
PIECE = 500
LONGEST_CELL = 32 << 10
SHOWN = 200
# Somewhere it is tomorrow already.
AHEAD = timedelta(days=1)

# What COPY's text format writes otherwise; quotation marks, since they become backslashes in JSON
# and arrays.
SPECIAL = re.compile(r'[\\"\x00-\x1f]')
ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


@dataclass
class Staging:
    """How the cells of one file become the columns of its table, and what could not."""

    job: ImportJob
    kind: FileKind
    header: list[str]
    positions: list[int] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    readers: list[ColumnReader] = field(default_factory=list)
    required: list[int] = field(default_factory=list)
    addresses: list[int] = field(default_factory=list)
    secrets: dict[int, Secret] = field(default_factory=dict)
    secret_titles: dict[str, Secret] = field(default_factory=dict)
    # Where a file of customers says the number by which a row makes or changes one.
    number: int | None = None
    was_erased: Callable[[str], bool] = lambda _number: False
    # Give pieces of a JSON object.
    extras: list[tuple[int, ColumnReader]] = field(default_factory=list)
    rejected: list[RejectedRow] = field(default_factory=list)

    def __post_init__(self) -> None:
        zone = ZoneInfo(settings.SHOP_TIME_ZONE)
        latest = self.job.created_at + AHEAD
        if missing := set(self.job.mapping) - set(self.header):
            raise BadFile(
                _("The header has no column “%(title)s”. Map the columns again.")
                % {"title": min(missing)}
            )
        attributes = self.kind.attributes() if self.kind.attributes else None
        for position, title in enumerate(self.header):
            target = self.job.mapping.get(title, "")
            if target.startswith(EXTRA):
                read = _extra_reader(target.removeprefix(EXTRA), attributes, zone=zone)
                self.extras.append((position, read))
            elif target:
                column = self.kind.column(target)
                if column.choices_now:
                    column = replace(column, choices=column.choices_now())
                if column.required:
                    self.required.append(len(self.names))
                if column.has_address:
                    self.addresses.append(len(self.names))
                if column.secret:
                    self.secrets[len(self.names)] = column.secret
                    self.secret_titles[title] = column.secret
                self.positions.append(position)
                self.names.append(target)
                self.readers.append(
                    column_reader(column, zone=zone, country=settings.SHOP_COUNTRY, latest=latest)
                )
        self.hashed = contact_hasher()
        self.sealed = sealer()
        if self.kind.writes == ("customers_customer",) and "external_id" in self.names:
            self.number = self.names.index("external_id")
        self._cells = list(zip(self.positions, self.readers, strict=True))

    @property
    def columns(self) -> list[str]:
        hashes = [f"{self.names[place]}_hash" for place in self.addresses]
        kept = [
            f"{self.names[place]}_{part}"
            for place in self.secrets
            for part in ("hash", "sealed", "ending")
        ]
        return ["line", "skip", *self.names, "extra", *hashes, *kept]

    def read(self, rows: Sequence[Row]) -> Iterator[str]:
        """Yield these rows as COPY takes them; those that cannot be read are rejected."""
        rows = self._whole(rows)
        if not rows:
            return
        cells = list(zip(*(row for _line, row in rows), strict=True))
        columns: list[list[str]] = []
        broken: set[int] = set()
        for place, (position, read) in enumerate(self._cells):
            values, unreadable = read(cells[position])
            broken.update(unreadable)
            if place in self.required and not all(values):
                broken.update(number for number, value in enumerate(values) if not value)
            columns.append(values)
        hashes = [self._hashes(columns[place]) for place in self.addresses]
        for place, secret in self.secrets.items():
            columns[place], *kept = self._kept(columns[place], secret)
            hashes += kept
        if self.number is not None:
            broken.update(self._erased(columns[self.number]))
        columns.append(self._extras(cells, broken) if self.extras else [""] * len(rows))
        if SPECIAL.search("".join(map("".join, cells))):
            columns = [[text.translate(ESCAPES) for text in column] for column in columns]
        lines = [str(line) for line, _row in rows]
        staged_rows = map("\t".join, zip(lines, repeat("f"), *columns, *hashes, strict=False))
        yield from self._unbroken(rows, staged_rows, broken) if broken else staged_rows

    def _unbroken(
        self, rows: Sequence[Row], staged_rows: Iterator[str], broken: set[int]
    ) -> Iterator[str]:
        for place, staged_row in enumerate(staged_rows):
            if place not in broken:
                yield staged_row
            elif marker := self._reject_unreadable(*rows[place]):
                yield marker

    def _whole(self, rows: Sequence[Row]) -> Sequence[Row]:
        """Return the rows with as many cells as the header has, all of which are text."""
        width = len(self.header)
        texts = ["".join(cells) for _line, cells in rows]
        if (
            all(len(cells) == width for _line, cells in rows)
            and max(map(len, texts), default=0) <= LONGEST_CELL
            and "\0" not in "".join(texts)
        ):
            return rows
        return [(line, cells) for line, cells in rows if self._is_whole(line, cells)]

    def _is_whole(self, line: int, cells: list[str]) -> bool:
        known = len(self.rejected)
        if len(cells) != len(self.header):
            self._reject(line, "", str(len(cells)), "cell_count")
        else:
            self._judge_cells(line, cells)
        return len(self.rejected) == known

    def _hashes(self, addresses: Sequence[str]) -> list[str]:
        hashed = self.hashed
        return [f"\\\\x{hashed(address).hex()}" if address else "" for address in addresses]

    def _kept(self, texts: Sequence[str], secret: Secret) -> Iterator[list[str]]:
        """Yield what stands for the texts: hashes to compare, hashes, sealed texts, endings."""
        normal = list(map(secret.normal, texts))
        hashes = [keyed_hash(text, use=secret.use).hex() if text else "" for text in normal]
        yield hashes
        yield [f"\\\\x{it}" if it else "" for it in hashes]
        yield [f"\\\\x{self.sealed(text).hex()}" if text else "" for text in texts]
        yield list(map(secret.ending, normal))

    def _extras(self, cells: Sequence[Sequence[str]], broken: set[int]) -> list[str]:
        """Return a JSON object for each row, without what is empty; add who cannot be read."""
        columns = []
        for position, read in self.extras:
            pieces, unreadable = read(cells[position])
            broken.update(unreadable)
            columns.append(pieces)
        return [f"{{{','.join(filter(None, said))}}}" for said in zip(*columns, strict=True)]

    def _erased(self, numbers: Sequence[str]) -> Iterator[int]:
        """Yield the places of those who were erased and cannot come back."""
        return (place for place, number in enumerate(numbers) if self.was_erased(number))

    def _judge_cells(self, line: int, cells: list[str]) -> None:
        for title, cell in zip(self.header, cells, strict=True):
            if "\0" in cell:
                self._reject(line, title, cell, "not_text")
            elif len(cell) > LONGEST_CELL:
                self._reject(line, title, cell, "cell_too_long")

    def _reject_unreadable(self, line: int, cells: list[str]) -> str | None:
        """Give every reason why the row is rejected, not only the first."""
        read: dict[str, str] = {}
        for place, (position, name) in enumerate(zip(self.positions, self.names, strict=True)):
            try:
                read[name] = self.readers[place].read(cells[position])
                if place in self.required and not read[name]:
                    raise Unreadable("required")
                if place == self.number and self.was_erased(read[name]):
                    raise Unreadable("erased_customer")
            except Unreadable as error:
                self._reject_cell(line, position, cells, error)
        for position, reader in self.extras:
            try:
                reader.read(cells[position])
            except Unreadable as error:
                self._reject_cell(line, position, cells, error)
        return self._marker(line, read)

    def _reject_cell(self, line: int, position: int, cells: list[str], error: Unreadable) -> None:
        title, cell = self.header[position], cells[position]
        self._reject(line, title, cell, error.reason, expected=error.expected)

    def _marker(self, line: int, read: dict[str, str]) -> str | None:
        """Return a row that only says: of this thing, a line is missing."""
        if not self.kind.grouped or not all(read.get(name) for name in self.kind.key):
            return None
        keys = [read[name] if name in self.kind.key else "" for name in self.names]
        rest = [""] * (len(self.addresses) + 1)
        return "\t".join([str(line), "t", *(key.translate(ESCAPES) for key in keys), *rest])

    def _reject(
        self, line: int, title: str, value: str, reason: str, *, expected: str = ""
    ) -> None:
        if title in self.secret_titles:
            value = self.secret_titles[title].shown(value)
        self.rejected.append(
            RejectedRow(
                job=self.job,
                line=line,
                column=title[:100],
                value=value[:SHOWN].replace("\0", "␀"),
                reason=reason,
                expected=expected,
            )
        )


def _extra_reader(
    name: str, attributes: Mapping[str, Attribute] | None, *, zone: ZoneInfo
) -> ColumnReader:
    """Return what reads a column beside the fields, into any name unless there are attributes."""
    if attributes is None:
        return free_fragment_reader(name)
    if name not in attributes:
        raise BadFile(
            _("There is no attribute “%(name)s” any more. Map the columns again.") % {"name": name}
        )
    return fragment_reader(attributes[name], zone=zone)


@contextmanager
def staging(job: ImportJob, kind: FileKind, *, skip: int) -> Iterator[Callable[[], int]]:
    """Give what reads the next rows of the file into the job's table and returns how many.

    Rows that cannot be read are rejected, each with every reason. The first ``skip`` rows are
    there already. Raises BadFile.
    """
    with rows_of(job) as (header, rows):
        reading = Staging(job, kind, header)
        next(islice(rows, skip, skip), None)
        yield partial(_stage_block, reading, rows)


def _stage_block(staging: Staging, rows: Iterator[Row]) -> int:
    columns = ", ".join(f'"{name}"' for name in staging.columns)
    sql = f"COPY {staged(staging.job)} ({columns}) FROM STDIN (NULL '')"
    count = 0
    # Somebody may have been erased since the last block.
    staging.was_erased = erased_numbers()
    block = islice(rows, BLOCK)
    with connection.cursor() as cursor, cursor.copy(sql) as copy:
        while piece := list(islice(block, PIECE)):
            count += len(piece)
            copy.write("\n".join([*staging.read(piece), ""]))
    RejectedRow.objects.bulk_create(staging.rejected, batch_size=2000)
    staging.rejected.clear()
    return count
