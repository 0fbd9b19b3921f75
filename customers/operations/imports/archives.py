"""One CSV in a zip: taken out to a private file that vanishes, counted while it grows."""

import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from tempfile import TemporaryFile
from typing import IO
from zipfile import BadZipFile, ZipFile, ZipInfo

from django.core.files.base import File
from django.utils.translation import gettext as _

from customers.operations.imports.reading import BadFile

# A zip that holds something, one that holds nothing, one that goes on in another file.
ZIP_MARKS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
SUFFIXES = (".csv", ".tsv", ".txt")
PIECE = 1 << 20
# A table of text becomes 5 to 50 times smaller; a bomb 1,000 times. Small files may be anything.
LARGEST_RATIO = 200
ALWAYS_ALLOWED = 16 << 20


@contextmanager
def unpacked(file: File) -> Iterator[File]:
    """Give the file itself, or the one CSV in it when it is a zip. Raises BadFile."""
    file.seek(0)
    is_zip = file.read(4) in ZIP_MARKS
    file.seek(0)
    if not is_zip:
        yield file
        return
    with TemporaryFile() as inner:
        try:
            with ZipFile(file) as archive:
                _inflate(archive, _only_entry(archive), inner)
        except (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
            raise BadFile(_("The archive cannot be read: it is damaged or encrypted.")) from error
        yield File(inner, name=file.name)


def _only_entry(archive: ZipFile) -> ZipInfo:
    entries = archive.infolist()
    if len(entries) != 1 or not _is_plain_csv(entries[0]):
        raise BadFile(_("The archive must hold exactly one file, a CSV."))
    return entries[0]


def _is_plain_csv(entry: ZipInfo) -> bool:
    """Say whether the entry is a file with a name and nothing else: no path, no link."""
    name = entry.orig_filename
    is_link = stat.S_ISLNK(entry.external_attr >> 16)
    has_path = any(mark in name for mark in ("/", "\\", ":", "\0"))
    return not is_link and not has_path and PurePosixPath(name.lower()).suffix in SUFFIXES


def _inflate(archive: ZipFile, entry: ZipInfo, into: IO[bytes]) -> None:
    """Write the entry's bytes; what its header says of their number is not believed."""
    allowed = max(ALWAYS_ALLOWED, entry.compress_size * LARGEST_RATIO)
    written = 0
    with archive.open(entry) as packed:
        while piece := packed.read(PIECE):
            if not written and piece.startswith(ZIP_MARKS):
                raise BadFile(_("The archive must hold exactly one file, a CSV."))
            written += len(piece)
            if written > allowed:
                raise BadFile(
                    _("The file in the archive is suspiciously large: it was not unpacked.")
                )
            into.write(piece)
    into.seek(0)
