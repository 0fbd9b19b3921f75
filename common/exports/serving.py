"""The answer that carries a list away, and the record of it."""

from collections.abc import Collection, Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Model, QuerySet
from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.utils.timezone import get_default_timezone, localtime, now
from django.utils.translation import get_language, override

from common.enums import FileFormat
from common.exports.tables import Cell, Table
from common.exports.text import BRAZILIAN_EXCEL, PLAIN, text_file
from common.exports.veils import veil_over, veiled
from common.exports.workbook import workbook
from common.models import ApiKey, Export, User
from common.operations import begin_export, end_export

STYLES = {FileFormat.CSV: PLAIN, FileFormat.EXCEL_CSV: BRAZILIAN_EXCEL}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Wanted:
    """What somebody asked for: ``filters`` are names of fields, no ``columns`` are all of them."""

    format: FileFormat = FileFormat.CSV
    columns: Collection[str] = ()
    filters: Collection[str] = ()
    reason: str = ""


def file_of(
    table: Table,
    rows: QuerySet[Any],
    *,
    wanted: Wanted,
    by: User | ApiKey,
    at: datetime,
    subject: Model | None = None,
) -> StreamingHttpResponse:
    """Answer with the list as a file, and write down who took it; ``subject`` is whose list it is.

    The file is written while it is sent: a million rows take as little memory as ten. A program
    is not told what people keep back from programs.
    """
    columns = [
        column
        for column in table.columns()
        if not wanted.columns or str(column.label) in wanted.columns
    ]
    header = [str(column.label) for column in columns]
    export = begin_export(
        subject or table.model,
        columns=header,
        filters=wanted.filters,
        format=wanted.format,
        reason=wanted.reason,
        by=by,
        at=at,
    )
    cells = veiled(columns, rows, by=veil_over(table) if isinstance(by, ApiKey) else None)
    kind = slugify(str(table.model._meta.verbose_name_plural))
    return answer(export, header, cells, name=kind)


def answer(
    export: Export, header: list[str], rows: Iterable[list[Cell]], *, name: str
) -> StreamingHttpResponse:
    """Answer with rows as a file, and write down at its end how many of them left.

    ``name`` is the beginning of the file's; the day and the ending follow.
    """
    file_format = FileFormat(export.format)
    return StreamingHttpResponse(
        _in_language(get_language(), _recorded(export, header, rows)),
        content_type=content_type(file_format),
        headers={"Content-Disposition": _file_name(name, file_format, at=export.started_at)},
    )


def _in_language(language: str | None, pieces: Generator[bytes, None, None]) -> Iterator[bytes]:
    """Yield the pieces: the middleware that knew the reader's language is done by now."""
    with closing(pieces):
        while True:
            with override(language):
                piece = next(pieces, None)
            if piece is None:
                return
            yield piece


def _recorded(
    export: Export, header: list[str], rows: Iterable[list[Cell]]
) -> Generator[bytes, None, None]:
    """Yield the file, and write down at its end how much of it left."""
    count, ended_at = 0, None

    def counted() -> Iterator[list[Cell]]:
        nonlocal count
        for cells in rows:
            count += 1
            yield cells

    try:
        yield from _pieces(FileFormat(export.format), header, counted())
        ended_at = now()
    finally:
        end_export(export, rows=count, at=ended_at)


def _pieces(
    file_format: FileFormat, header: list[str], rows: Iterable[list[Cell]]
) -> Iterator[bytes]:
    zone = get_default_timezone()
    if style := STYLES.get(file_format):
        return text_file(header, rows, style=style, zone=zone)
    return workbook(header, rows, zone=zone)


def content_type(file_format: FileFormat) -> str:
    return XLSX if file_format == FileFormat.XLSX else "text/csv; charset=utf-8"


def _file_name(kind: str, file_format: FileFormat, *, at: datetime) -> str:
    ending = "xlsx" if file_format == FileFormat.XLSX else "csv"
    name = f"{kind}-{localtime(at):%Y-%m-%d}.{ending}"
    return content_disposition_header(as_attachment=True, filename=name) or ""
