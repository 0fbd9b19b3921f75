"""A private file, read row by row: never more of it in memory than a few lines."""

import csv
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from io import TextIOWrapper
from typing import BinaryIO

from django.utils.translation import gettext as _

from common.errors import DomainError
from customers.models import ImportJob

# A line of the file, counted from 1 as an editor counts, and its cells.
Row = tuple[int, list[str]]

# Longer cells are read, so that their row alone is rejected; without an end in sight it must be
# a quotation mark that was never closed.
csv.field_size_limit(4 << 20)


class BadFile(DomainError):
    """The file as a whole cannot be read; nothing of it comes in."""

    code = "bad_file"
    status = 422


@contextmanager
def rows_of(job: ImportJob) -> Iterator[tuple[list[str], Iterator[Row]]]:
    """Give the header and the rows of the job's file, without blank lines. Raises BadFile."""
    with (
        job.file.open("rb") as file,
        closing(_rows(file.file, encoding=job.encoding, delimiter=job.delimiter)) as rows,
    ):
        header = [title.strip() for title in next(rows, (1, []))[1]]
        _refuse_bad_header(header)
        yield header, rows


def _rows(file: BinaryIO, *, encoding: str, delimiter: str) -> Generator[Row]:
    text = TextIOWrapper(file, encoding=encoding, newline="")
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            if cells:
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise BadFile(
            _(
                "The row that begins on line %(line)s cannot be read: a quotation mark is not"
                " closed, or stands inside a cell. (%(error)s)"
            )
            % {"line": line, "error": error}
        ) from error
    except UnicodeError as error:
        broken = reader.line_num + 1
        if isinstance(error, UnicodeDecodeError):
            broken += error.object[: error.start].count(b"\n")
        raise BadFile(
            _("Line %(line)s is not text in %(encoding)s. Choose another encoding.")
            % {"line": broken, "encoding": encoding}
        ) from error
    finally:
        text.detach()


def _refuse_bad_header(header: list[str]) -> None:
    if not any(header):
        raise BadFile(_("The file is empty: its first line should name the columns."))
    if "\0" in "".join(header):
        raise BadFile(_("The first line is not text: is this a CSV file?"))
    for title, times in Counter(header).items():
        if times > 1 and title:
            raise BadFile(
                _("The column “%(title)s” stands %(times)s times in the header.")
                % {"title": title, "times": times}
            )
