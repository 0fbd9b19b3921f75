"""Files of text: for programs, and for Excel in Brazil, which wants ``;`` and a decimal comma."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from decimal import Decimal
from io import StringIO
from itertools import chain, islice

from common.exports.tables import Cell
from common.spreadsheets import harmless

ROWS_A_PIECE = 500


@dataclass(frozen=True)
class Style:
    """How numbers and dates are written; an empty format of dates is ISO 8601.

    ``encoding`` puts a mark before the first letter where a program would guess otherwise.
    """

    delimiter: str = ","
    encoding: str = "utf-8"
    decimal_mark: str = "."
    day: str = ""
    moment: str = ""


PLAIN = Style()
BRAZILIAN_EXCEL = Style(";", "utf-8-sig", ",", "%d/%m/%Y", "%d/%m/%Y %H:%M:%S")


def text_file(
    header: list[str], rows: Iterable[list[Cell]], *, style: Style, zone: tzinfo
) -> Iterator[bytes]:
    """Yield the file piece by piece, the header first; moments are told in ``zone``."""
    buffer = StringIO()
    writer = csv.writer(buffer, delimiter=style.delimiter, quoting=csv.QUOTE_ALL)
    writer.writerow(map(harmless, header))
    yield buffer.getvalue().encode(style.encoding)
    texts = ([_text(cell, style, zone) for cell in row] for row in rows)
    for first in texts:
        buffer.seek(0)
        buffer.truncate()
        writer.writerows(chain([first], islice(texts, ROWS_A_PIECE - 1)))
        yield buffer.getvalue().encode()


def _text(cell: Cell, style: Style, zone: tzinfo) -> str:
    if isinstance(cell, str):
        return harmless(cell)
    if cell is None:
        return ""
    if isinstance(cell, int):
        return str(cell)
    if isinstance(cell, Decimal | float):
        return f"{cell:f}".replace(".", style.decimal_mark)
    if isinstance(cell, datetime):
        moment = cell.astimezone(zone)
        return moment.strftime(style.moment) if style.moment else moment.isoformat(" ")
    return _day(cell, style)


def _day(cell: date, style: Style) -> str:
    return cell.strftime(style.day) if style.day else cell.isoformat()
