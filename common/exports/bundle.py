"""Several tables in one ZIP: all that is held about one person."""

import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from django.db.models import Model, QuerySet
from django.utils.text import slugify
from django.utils.timezone import get_default_timezone

from common.enums import FileFormat
from common.exports.serving import STYLES
from common.exports.tables import Table, cells_of
from common.exports.text import text_file
from common.models import User
from common.operations import begin_export, end_export

IN_MEMORY = 4 * 1024 * 1024


@dataclass(frozen=True)
class Part:
    """One file of the bundle."""

    table: Table
    rows: QuerySet[Any]


def bundle_of(
    parts: Iterable[Part],
    *,
    subject: Model,
    file_format: FileFormat,
    reason: str,
    by: User,
    at: datetime,
) -> IO[bytes]:
    """Write a ZIP with a file for each part that has rows, and write down who took it."""
    parts = list(parts)
    labels = [str(part.table.model._meta.verbose_name_plural) for part in parts]
    export = begin_export(
        subject, columns=labels, filters=(), format=file_format, reason=reason, by=by, at=at
    )
    # Beyond a few megabytes it is written to the disk, to a file that has no name.
    target: IO[bytes] = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 -- the answer closes it
    count = 0
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as bundle:
        for part, label in zip(parts, labels, strict=True):
            count += _write(bundle, f"{slugify(label)}.csv", part, file_format)
    target.seek(0)
    end_export(export, rows=count, at=at)
    return target


def _write(bundle: zipfile.ZipFile, name: str, part: Part, file_format: FileFormat) -> int:
    """Write the part's file, and return how many rows it has; none for a part without rows."""
    columns = part.table.columns()
    rows = list(cells_of(columns, part.rows))
    if rows:
        header = [str(column.label) for column in columns]
        zone = get_default_timezone()
        with bundle.open(name, "w") as file:
            for piece in text_file(header, rows, style=STYLES[file_format], zone=zone):
                file.write(piece)
    return len(rows)
