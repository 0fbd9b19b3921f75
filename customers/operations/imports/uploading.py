"""A file is brought, looked at, and its columns are said to fill fields."""

import csv
import hashlib
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, getincrementaldecoder
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import islice
from pathlib import PurePath
from uuid import uuid4

from django.conf import settings
from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext as _

from common.discovery import declared
from common.errors import DomainError
from common.models import ApiKey, User
from customers.enums import ImportState
from customers.models import AttributeDefinition, ImportJob
from customers.operations.attributes import declare_attribute
from customers.operations.imports.archives import unpacked
from customers.operations.imports.reading import BadFile, rows_of
from customers.operations.imports.tables import drop_tables
from customers.rules.files import EXTRA, FileKind, suggested_mapping

ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "cp1252")
DELIMITERS = (",", ";", "\t", "|")
SAMPLE = 5


@cache
def file_kinds() -> dict[str, FileKind]:
    """Return every kind of file that an app declares in its ``importers.py``, by code."""
    return {kind.code: kind for kind in declared("importers", "FILE_KINDS")}


def kinds_for(user: User) -> dict[str, FileKind]:
    """Return the kinds of file that a member of staff may bring in, by code."""
    if user.has_perm("customers.add_importjob"):
        return file_kinds()
    return {
        code: kind
        for code, kind in file_kinds().items()
        if kind.also_for and user.has_perm(kind.also_for)
    }


def kind_of(job: ImportJob) -> FileKind:
    """Return the kind of the job's file, by the column by which its rows are matched."""
    kind = file_kinds()[job.kind]
    return kind.matching.get(job.matched_by, kind)


class UnknownFileKind(DomainError):
    code = "unknown_file_kind"
    status = 422


class FileTooLarge(BadFile):
    code = "file_too_large"
    status = 413


def upload(
    file: File,
    *,
    kind: str,
    at: datetime,
    by: User | ApiKey | None = None,
    historic: bool = False,
    into: str = "",
) -> ImportJob:
    """Keep a file privately, with what we guess about it; nothing comes in yet.

    It passes through in pieces, never whole through memory; of a zip, the one CSV in it is kept.
    A file that cannot be read is kept as a refused job, which says why; of an archive that cannot
    be trusted, or is too large, nothing is kept. Raises UnknownFileKind, BadFile and FileTooLarge.
    """
    if kind not in file_kinds():
        raise UnknownFileKind(_("No such kind of file: %(kind)s") % {"kind": kind}, field="kind")
    job = ImportJob(kind=kind, historic=historic, created_at=at)
    job.into = into if file_kinds()[kind].into else ""
    job.created_by = by if isinstance(by, User) else None
    job.api_key = by if isinstance(by, ApiKey) else None
    job.file_name = PurePath(file.name or "file.csv").name[:200]
    with unpacked(file) as table:
        _refuse_too_large(table)
        job.file_sha256, job.encoding, job.delimiter = _first_look(table)
        table.seek(0)
        # The name that somebody gave to the file never becomes a path of ours.
        job.file.save(f"{uuid4().hex}.csv", table, save=False)
    _suggest(job)
    job.save()
    return job


def _refuse_too_large(file: File) -> None:
    largest = settings.IMPORT_LARGEST_BYTES
    if file.size > largest:
        raise FileTooLarge(
            _("The file is larger than %(size)s MB. Bring it in parts.") % {"size": largest >> 20},
            field="file",
        )


def _suggest(job: ImportJob) -> None:
    """Say what the columns mean, as last time or by their names, or why they cannot be read."""
    try:
        found = inspect(job)
    except BadFile as error:
        job.header, job.mapping = [], {}
        job.state, job.refusal = ImportState.REFUSED, error.message
    else:
        job.header = found.header
        remembered = _remembered(job)
        job.mapping = remembered.mapping if remembered else dict(found.suggestion)
        job.matched_by = remembered.matched_by if remembered else ""
        job.mapping = _without_retired(job)
        job.state, job.refusal = ImportState.UPLOADED, ""


def _remembered(job: ImportJob) -> ImportJob | None:
    """Return the last such file that came in, if there was one: its columns were the same."""
    alike = ImportJob.objects.filter(kind=job.kind, state=ImportState.DONE, header=job.header)
    return alike.order_by("-pk").first()


def _without_retired(job: ImportJob) -> dict[str, str]:
    """Return the mapping without the attributes that have been retired since it was made."""
    kind = file_kinds()[job.kind]
    if kind.attributes is None:
        return job.mapping
    gone = _extras_of(job.mapping.values()) - kind.attributes().keys()
    return {
        title: target
        for title, target in job.mapping.items()
        if target.removeprefix(EXTRA) == target or target.removeprefix(EXTRA) not in gone
    }


def _extras_of(targets: Iterable[str]) -> set[str]:
    return {target.removeprefix(EXTRA) for target in targets if target.startswith(EXTRA)}


def _first_look(file: File) -> tuple[str, str, str]:
    """Return the file's SHA-256, its encoding and its delimiter."""
    digest, decoder = hashlib.sha256(), getincrementaldecoder("utf-8")()
    head, is_utf8 = b"", True
    for piece in file.chunks():
        digest.update(piece)
        head = head or piece[: 64 << 10]
        if is_utf8:
            try:
                decoder.decode(piece)
            except UnicodeDecodeError:
                is_utf8 = False
    encoding = _encoding(head, is_utf8=is_utf8)
    first_line = head.decode(encoding, errors="replace").split("\n", 1)[0]
    return digest.hexdigest(), encoding, _delimiter(first_line)


def _encoding(head: bytes, *, is_utf8: bool) -> str:
    if head.startswith(BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return "utf-16"
    return "utf-8" if is_utf8 else "cp1252"


def _delimiter(first_line: str) -> str:
    """Return the delimiter that parts the header into most titles."""
    return max(
        DELIMITERS, key=lambda mark: len(next(csv.reader([first_line], delimiter=mark), []))
    )


@dataclass(frozen=True)
class Inspection:
    """What stands at the head of a file, and what we think it is."""

    header: list[str]
    sample: list[list[str]]
    suggestion: Mapping[str, str]


def inspect(job: ImportJob) -> Inspection:
    """Read the head of the file with the job's encoding and delimiter. Raises BadFile."""
    with rows_of(job) as (header, rows):
        sample = [cells for _line, cells in islice(rows, SAMPLE)]
    return Inspection(header, sample, suggested_mapping(header, file_kinds()[job.kind]))


class WrongMapping(DomainError):
    code = "wrong_mapping"
    status = 422


class NotNow(DomainError):
    """The import is not in a state in which this can be done."""

    code = "not_now"


BEFORE_START = (ImportState.UPLOADED, ImportState.READY, ImportState.REFUSED, ImportState.FAILED)


@transaction.atomic
def read_again(job: ImportJob, *, encoding: str, delimiter: str) -> ImportJob:
    """Read the head of the file with another encoding or delimiter, and guess anew.

    Raises NotNow.
    """
    job = before_start(job)
    job.encoding, job.delimiter = encoding, delimiter
    _suggest(job)
    job.save()
    return job


@transaction.atomic
def map_columns(
    job: ImportJob,
    *,
    mapping: Mapping[str, str],
    matched_by: str = "",
    historic: bool | None = None,
) -> ImportJob:
    """Say which column fills which field, and ask for the file to be checked.

    ``mapping`` goes from a title of the header to a field, or to ``extra.<name>``; ``matched_by``
    is a field of the kind's ``matching``. Raises WrongMapping and NotNow.
    """
    job = before_start(job)
    if matched_by and matched_by not in file_kinds()[job.kind].matching:
        raise WrongMapping(
            _("Rows of such a file cannot be matched by %(field)s.") % {"field": matched_by},
            field="matched_by",
        )
    job.matched_by = matched_by
    _refuse_wrong(mapping, kind=kind_of(job), into=job.into)
    job.mapping = dict(mapping)
    job.historic = job.historic if historic is None else historic
    job.state, job.refusal, job.lease_until = ImportState.CHECKING, "", None
    job.row_count = job.judged_steps = job.failures = 0
    job.save()
    drop_tables(job)
    return job


@transaction.atomic
def declare_and_map(
    job: ImportJob,
    *,
    declaring: Sequence[AttributeDefinition],
    mapping: Mapping[str, str],
    matched_by: str = "",
    historic: bool,
    by: User,
    at: datetime,
) -> ImportJob:
    """Declare the attributes that the mapping fills for the first time, then map the columns.

    When one thing is refused, nothing is declared. Raises AttributeExists, WrongMapping and
    NotNow.
    """
    for definition in declaring:
        declare_attribute(definition, by=by, at=at)
    return map_columns(job, mapping=mapping, matched_by=matched_by, historic=historic)


def before_start(job: ImportJob) -> ImportJob:
    """Hold a job whose columns may still be changed. Raises NotNow."""
    job = ImportJob.objects.select_for_update().get(pk=job.pk)
    if job.state not in BEFORE_START:
        raise NotNow(_("The import has begun: its columns cannot be changed."))
    return job


def _refuse_wrong(mapping: Mapping[str, str], *, kind: FileKind, into: str) -> None:
    targets = list(mapping.values())
    fields = [target for target in targets if not (kind.extra and target.startswith(EXTRA))]
    if unknown := set(fields) - {column.name for column in kind.columns}:
        raise WrongMapping(_("There is no field %(field)s.") % {"field": min(unknown)})
    if kind.attributes and (unknown := _extras_of(targets) - kind.attributes().keys()):
        raise WrongMapping(_("There is no attribute %(name)s.") % {"name": min(unknown)})
    for target in targets:
        if targets.count(target) > 1:
            raise WrongMapping(_("Two columns fill %(field)s.") % {"field": target}, field=target)
    for column in kind.columns:
        is_said = bool(into) and column.name == kind.into
        if column.required and column.name not in targets and not is_said:
            raise WrongMapping(
                _("Say which column is “%(field)s”: no row comes in without it.")
                % {"field": column.label},
                field=column.name,
            )
