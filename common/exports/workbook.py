"""Workbooks for Excel (ECMA-376, Office Open XML), written as the rows come.

The known libraries keep the whole workbook, in memory or in a file, until its last row; here the
first bytes leave at once. A workbook is a zip of a few XML files.
"""

import re
from collections.abc import Generator, Iterable, Iterator
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from html import escape
from io import RawIOBase
from itertools import islice
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile

from common.exports.tables import Cell
from common.spreadsheets import harmless

# Excel opens no longer sheet and no longer cell; a zip without extensions no larger file.
ROWS_A_SHEET = 1_048_576
BYTES_A_SHEET = 1 << 30
LONGEST_CELL = 32_767
ROWS_A_PIECE = 500
COMPRESSION = 1

NOT_XML = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
FIRST_DAY = datetime(1899, 12, 30)  # noqa: DTZ001 -- Excel's days have no zone
# Excel takes 1900 for a leap year: earlier days would be one off.
FIRST_TRUE_DAY = date(1900, 3, 1)
DAY, MOMENT = 1, 2

XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"

# The styles by number: 0 is plain, DAY and MOMENT are Excel's own formats 14 and 22.
STYLES = (
    f'<styleSheet xmlns="{SPREADSHEET}">'
    "<fonts><font/></fonts><fills><fill/></fills><borders><border/></borders>"
    '<cellStyleXfs><xf/></cellStyleXfs><cellXfs><xf numFmtId="0"/>'
    '<xf numFmtId="14" applyNumberFormat="1"/><xf numFmtId="22" applyNumberFormat="1"/>'
    "</cellXfs></styleSheet>"
)


# The header stays in sight.
SHEET_BEGINS = (
    f'<worksheet xmlns="{SPREADSHEET}"><sheetViews><sheetView workbookViewId="0">'
    '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
    "</sheetView></sheetViews><sheetData>"
)


class Outbox(RawIOBase):
    """Takes what the zip writes, to be sent on; it cannot go back."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece: Any) -> int:
        self._pieces.append(bytes(piece))
        return len(piece)

    def take(self) -> bytes:
        taken = b"".join(self._pieces)
        self._pieces.clear()
        return taken


def workbook(header: list[str], rows: Iterable[list[Cell]], *, zone: tzinfo) -> Iterator[bytes]:
    """Yield the file piece by piece; what is too long for one sheet goes on in the next."""
    rows, outbox, sheets, is_full = iter(rows), Outbox(), 0, True
    with ZipFile(outbox, "w", ZIP_DEFLATED, compresslevel=COMPRESSION) as archive:
        while is_full:
            sheets += 1
            with archive.open(f"xl/worksheets/sheet{sheets}.xml", "w") as sheet:
                is_full = yield from _fill(sheet, header, rows, outbox=outbox, zone=zone)
        for path, text in _frame(sheets).items():
            archive.writestr(path, XML + text)
    yield outbox.take()


def _fill(
    sheet: IO[bytes],
    header: list[str],
    rows: Iterator[list[Cell]],
    *,
    outbox: Outbox,
    zone: tzinfo,
) -> Generator[bytes, None, bool]:
    """Write rows until they end or the sheet is full; return whether it is."""
    sheet.write((XML + SHEET_BEGINS + _row(header, zone)).encode())
    left, size = ROWS_A_SHEET - 1, 0
    while left and size < BYTES_A_SHEET:
        piece = "".join(_row(row, zone) for row in islice(rows, min(ROWS_A_PIECE, left)))
        if not piece:
            break
        left -= piece.count("<row>")
        size += sheet.write(piece.encode())
        yield outbox.take()
    sheet.write(b"</sheetData></worksheet>")
    return not left or size >= BYTES_A_SHEET


def _row(cells: Iterable[Cell], zone: tzinfo) -> str:
    return f"<row>{''.join(_cell(cell, zone) for cell in cells)}</row>"


def _cell(cell: Cell, zone: tzinfo) -> str:
    if isinstance(cell, str):
        return _text(cell) if cell else "<c/>"
    if cell is None:
        return "<c/>"
    if isinstance(cell, int):
        return f"<c><v>{cell}</v></c>"
    if isinstance(cell, Decimal | float):
        return f"<c><v>{cell:f}</v></c>"
    if isinstance(cell, datetime):
        cell = cell.astimezone(zone).replace(tzinfo=None)
        return _moment(cell, MOMENT) if cell.date() >= FIRST_TRUE_DAY else _text(f"{cell}")
    if cell < FIRST_TRUE_DAY:
        return _text(cell.isoformat())
    return _moment(datetime.combine(cell, time()), DAY)


def _text(text: str) -> str:
    kept = escape(NOT_XML.sub("", harmless(text))[:LONGEST_CELL], quote=False)
    return f'<c t="inlineStr"><is><t xml:space="preserve">{kept}</t></is></c>'


def _moment(moment: datetime, style: int) -> str:
    days = (moment - FIRST_DAY) / timedelta(days=1)
    return f'<c s="{style}"><v>{days:.8f}</v></c>'


def _frame(sheets: int) -> dict[str, str]:
    """Return the files around the sheets, by path."""
    numbers = range(1, sheets + 1)
    parts = {"workbook": "sheet.main", "styles": "styles"}
    paths = {f"xl/{name}.xml": kind for name, kind in parts.items()}
    paths |= {f"xl/worksheets/sheet{n}.xml": "worksheet" for n in numbers}
    return {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels"'
        ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        + "".join(
            f'<Override PartName="/{path}" ContentType="{TYPES}.{kind}+xml"/>'
            for path, kind in paths.items()
        )
        + "</Types>",
        "_rels/.rels": _relations({"rId1": ("officeDocument", "xl/workbook.xml")}),
        "xl/workbook.xml": f'<workbook xmlns="{SPREADSHEET}" xmlns:r="{OFFICE}"><sheets>'
        + "".join(f'<sheet name="{n}" sheetId="{n}" r:id="rId{n}"/>' for n in numbers)
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": _relations(
            {f"rId{n}": ("worksheet", f"worksheets/sheet{n}.xml") for n in numbers}
            | {f"rId{sheets + 1}": ("styles", "styles.xml")}
        ),
        "xl/styles.xml": STYLES,
    }


def _relations(targets: dict[str, tuple[str, str]]) -> str:
    each = "".join(
        f'<Relationship Id="{name}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for name, (kind, target) in targets.items()
    )
    return f'<Relationships xmlns="{PACKAGE}/relationships">{each}</Relationships>'
