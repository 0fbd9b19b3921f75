"""A file from beginning to end: for the command line and the demo, and what workers do."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import structlog
from django.core.files.base import File
from django.db import DatabaseError

from common.models import User
from customers.enums import ImportState
from customers.models import ImportJob
from customers.operations.imports.checking import Progress, check
from customers.operations.imports.merging import start, work_on
from customers.operations.imports.uploading import map_columns, upload

log = structlog.get_logger(__name__)

WORK = (ImportState.CHECKING, ImportState.QUEUED, ImportState.MERGING)


def import_file(
    path: Path,
    kind: str,
    *,
    at: datetime,
    historic: bool = False,
    by: User | None = None,
    progress: Progress | None = None,
) -> ImportJob:
    """Bring in a file whose headers speak for themselves, and wait for its end.

    ``progress`` is shown the job after each step. The job comes back done or refused. Raises
    WrongMapping when a column is missing.
    """
    with path.open("rb") as opened:
        job = upload(File(opened, name=path.name), kind=kind, at=at, by=by, historic=historic)
    if job.state != ImportState.REFUSED:
        job = map_columns(job, mapping=job.mapping)
        job = check(job, at=at, progress=progress)
    if job.state != ImportState.READY:
        return job
    job = start(job, at=at)
    while work_on(job, at=at):
        job.refresh_from_db()
        if progress:
            progress(job)
    job.refresh_from_db()
    return job


def work_on_imports(*, clock: Callable[[], datetime]) -> None:
    """Check and merge whatever waits, until nothing does.

    ``clock`` is asked anew for each step, since the work may take minutes.
    """
    while sum(_step(job, at=clock()) for job in _waiting()):
        """Each job gets its turn: a small file does not wait for the end of a large one."""


def _waiting() -> list[ImportJob]:
    return list(ImportJob.objects.filter(state__in=WORK).order_by("pk"))


def _step(job: ImportJob, *, at: datetime) -> bool:
    """Do the job's next step, and say whether it was done."""
    try:
        if job.state == ImportState.CHECKING:
            return check(job, at=at).state != ImportState.CHECKING
        return work_on(job, at=at)
    except (DatabaseError, OSError):
        # The files after this one may be fine; this one is tried again in the next round.
        log.exception("import_failed", job=job.pk)
        return False
