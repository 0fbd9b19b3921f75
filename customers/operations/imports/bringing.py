"""A file that a program brings: kept, mapped and sent to its check in one act."""

from collections.abc import Mapping
from datetime import datetime

from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext as _

from common.errors import DomainError
from common.models import ApiKey, User
from customers.enums import ImportState, StartRule
from customers.models import ImportJob
from customers.operations.imports.mappings import saved_mappings, use_mapping
from customers.operations.imports.reading import BadFile
from customers.operations.imports.uploading import WrongMapping, map_columns, upload

UNDER_WAY = (
    ImportState.CHECKING,
    ImportState.READY,
    ImportState.QUEUED,
    ImportState.MERGING,
    ImportState.PAUSED,
)


@transaction.atomic
def bring(
    file: File,
    *,
    kind: str,
    at: datetime,
    by: User | ApiKey | None = None,
    historic: bool = False,
    into: str = "",
    mapping: Mapping[str, str] | None = None,
    saved_mapping: str = "",
    matched_by: str | None = None,
    start_rule: StartRule = StartRule.ASK,
) -> tuple[ImportJob, bool]:
    """Keep a file and ask for its check; the second value says whether it is a new import.

    Without a ``mapping``, or the name of a saved one, the columns are what they were last time,
    or what their names say. The same file under way with the same wishes is not brought twice.
    What is refused leaves nothing. Raises UnknownFileKind, BadFile, FileTooLarge and WrongMapping.
    """
    job = upload(file, kind=kind, at=at, by=by, historic=historic, into=into)
    try:
        if job.state == ImportState.REFUSED:
            raise BadFile(job.refusal, field="file")
        if saved_mapping:
            job = _as_saved(job, saved_mapping)
        if mapping is not None:
            _refuse_foreign_titles(mapping, header=job.header)
            job.mapping, job.matched_by = dict(mapping), ""
        job.matched_by = job.matched_by if matched_by is None else matched_by
        job.start_rule = start_rule
        if earlier := _under_way(job):
            job.file.delete(save=False)
            job.delete()
            return earlier, False
        job.save()
        return map_columns(job, mapping=job.mapping, matched_by=job.matched_by), True
    except DomainError:
        job.file.delete(save=False)
        raise


def _as_saved(job: ImportJob, name: str) -> ImportJob:
    saved = saved_mappings(job).filter(name=name).first()
    if saved is None:
        raise WrongMapping(
            _("No mapping of such files is called “%(name)s”.") % {"name": name},
            field="saved_mapping",
        )
    return use_mapping(job, saved)


def _refuse_foreign_titles(mapping: Mapping[str, str], *, header: list[str]) -> None:
    if foreign := set(mapping) - set(header):
        raise WrongMapping(
            _("The file has no column “%(title)s”.") % {"title": min(foreign)}, field="mapping"
        )


def _under_way(job: ImportJob) -> ImportJob | None:
    """Return the import that a repeated call means: the same file, not at its end yet."""
    same = ImportJob.objects.filter(
        kind=job.kind,
        file_sha256=job.file_sha256,
        mapping=job.mapping,
        matched_by=job.matched_by,
        historic=job.historic,
        into=job.into,
        start_rule=job.start_rule,
        api_key=job.api_key,
        state__in=UNDER_WAY,
    )
    return same.exclude(pk=job.pk).order_by("-pk").first()
