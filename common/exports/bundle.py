"""Several files in one ZIP: all that is held about one person."""

import zipfile
from collections.abc import Mapping
from datetime import datetime
from tempfile import SpooledTemporaryFile
from typing import IO

from django.db.models import Model

from common.enums import FileFormat
from common.models import User
from common.operations import begin_export, end_export

IN_MEMORY = 4 * 1024 * 1024


def bundle(files: Mapping[str, bytes]) -> IO[bytes]:
    """Write a ZIP with these files, by name."""
    # Beyond a few megabytes it is written to the disk, to a file that has no name.
    target: IO[bytes] = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 -- the answer closes it
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    target.seek(0)
    return target


def bundle_of(
    files: Mapping[str, bytes],
    *,
    subject: Model,
    rows: int,
    file_format: FileFormat,
    reason: str,
    by: User,
    at: datetime,
) -> IO[bytes]:
    """Write a ZIP of what is held about ``subject``, and write down who took it.

    ``rows`` is how many rows stand in the files.
    """
    export = begin_export(
        subject, columns=sorted(files), filters=(), format=file_format, reason=reason, by=by, at=at
    )
    archive = bundle(files)
    end_export(export, rows=rows, at=at)
    return archive
