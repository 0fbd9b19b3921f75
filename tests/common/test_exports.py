"""Lists that leave as files: what stands in them, and that nothing in them is run."""

import csv
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO, StringIO
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest

from common.exports import Cell
from common.exports import workbook as workbooks
from common.exports.text import BRAZILIAN_EXCEL, PLAIN, text_file
from common.exports.workbook import workbook

RECIFE = ZoneInfo("America/Recife")
NOON = datetime(2026, 3, 2, 15, 0, 30, 250, tzinfo=UTC)
ROW = ["Ana", 7, Decimal("-1234.50"), date(2026, 3, 2), NOON, None, ""]

HOSTILE = [
    "=1+1", "==1+1", "+5511987654321", "-1+1", "@SUM(1)", "\t=1+1", "\r=1+1", "  =1+1",
    "\uff1d1+1", '=HYPERLINK("http://evil.example","hi")', "=cmd|' /C calc'!A0", "\0=1+1",
]  # fmt: skip


def as_text(header, rows, style=PLAIN):
    data = b"".join(text_file(header, iter(rows), style=style, zone=RECIFE))
    return list(csv.reader(StringIO(data.decode("utf-8-sig")), delimiter=style.delimiter))


def as_workbook(header, rows):
    return sheets_in(b"".join(workbook(header, iter(rows), zone=RECIFE)))


def sheets_in(data):
    """Return the sheets as Excel reads them: lists of rows of values."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        assert archive.testzip() is None
        names = sorted(name for name in archive.namelist() if "worksheets/" in name)
        return [cells_in(archive.read(name)) for name in names]


def cells_in(xml):
    name = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    sheet = ElementTree.fromstring(xml)  # noqa: S314 -- our own
    assert sheet.findall(f".//{name}f") == []  # not one formula
    return [
        ["".join(cell.itertext()) for cell in row.iter(f"{name}c")]
        for row in sheet.iter(f"{name}row")
    ]


def watched(asked: list[int]) -> Iterator[list[Cell]]:
    """Yield a great many rows, and write down which were asked for."""
    for n in range(100_000):
        asked.append(n)
        yield [n]


def test_text_for_programs_writes_iso_dates_and_points():
    assert as_text(["Who"], [ROW]) == [
        ["Who"],
        ["Ana", "7", "-1234.50", "2026-03-02", "2026-03-02 12:00:30.000250-03:00", "", ""],
    ]


def test_text_for_excel_in_brazil_writes_commas_and_days_first():
    assert as_text(["Who"], [ROW], BRAZILIAN_EXCEL) == [
        ["Who"],
        ["Ana", "7", "-1234,50", "02/03/2026", "02/03/2026 12:00:30", "", ""],
    ]


def test_text_for_excel_says_its_encoding_once():
    data = b"".join(text_file(["São"], [["é"]], style=BRAZILIAN_EXCEL, zone=RECIFE))

    assert data == '\ufeff"São"\r\n"é"\r\n'.encode()


def test_workbook_writes_numbers_and_days_as_such():
    # Excel counts days from 30 December 1899: 2 March 2026 is day 46083.
    assert as_workbook(["Who"], [ROW]) == [
        [
            ["Who"],
            ["Ana", "7", "-1234.50", "46083.00000000", "46083.50034723", "", ""],
        ]
    ]


def test_workbook_writes_days_that_excel_miscounts_as_text():
    assert as_workbook(["Born"], [[date(1900, 1, 31)]]) == [[["Born"], ["1900-01-31"]]]


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("file_of", [as_text, lambda *told: as_workbook(*told)[0]])
def test_no_cell_and_no_header_is_a_formula(file_of, hostile):
    found = file_of([hostile], [[hostile]])

    assert all(cell.startswith("'") for row in found for cell in row)


def test_workbook_leaves_out_what_xml_cannot_say_and_cuts_what_excel_cannot_open():
    found = as_workbook(["Note"], [["a\x01<b>&\x1f"], ["x" * 40_000]])

    assert found == [[["Note"], ["a<b>&"], ["x" * 32_767]]]


def test_workbook_goes_on_in_the_next_sheet(monkeypatch):
    monkeypatch.setattr(workbooks, "ROWS_A_SHEET", 3)

    found = as_workbook(["n"], [[n] for n in range(3)])

    assert found == [[["n"], ["0"], ["1"]], [["n"], ["2"]]]


@pytest.mark.parametrize("style", [PLAIN, BRAZILIAN_EXCEL])
def test_text_leaves_while_its_rows_come(style):
    asked: list[int] = []

    pieces = text_file(["n"], watched(asked), style=style, zone=RECIFE)
    next(pieces), next(pieces)

    assert 0 < len(asked) <= 500


def test_workbook_leaves_while_its_rows_come():
    asked: list[int] = []

    pieces = workbook(["n"], watched(asked), zone=RECIFE)
    for _ in range(3):
        next(pieces)

    assert 0 < len(asked) <= 1500
