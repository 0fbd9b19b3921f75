"""A file from beginning to end: for the command line and the demo, and what workers do."""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from time import monotonic
from traceback import extract_tb

import structlog
from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext as _

from common.models import User
from customers.enums import ImportState, StartRule
from customers.models import ImportJob
from customers.operations.imports.checking import Progress, check
from customers.operations.imports.merging import work_on
from customers.operations.imports.undoing import work_on_undo
from customers.operations.imports.uploading import map_columns, upload

log = structlog.get_logger(__name__)

WORK = (
    ImportState.CHECKING,
    ImportState.QUEUED,
    ImportState.MERGING,
    ImportState.UNDOING,
)

# A step longer than a task may take would never end; a check stops between two.
SECONDS_FOR_A_CHECK = 200
MOST_FAILURES = 3


def import_file(
    path: Path,
    kind: str,
    *,
    at: datetime,
    historic: bool = False,
    mapping: Mapping[str, str] | None = None,
    matched_by: str | None = None,
    start_rule: StartRule = StartRule.AFTER_CHECK,
    by: User | None = None,
    progress: Progress | None = None,
) -> ImportJob:
    """Bring in a file, and wait for its end.

    ``mapping`` adds to what the headers say by themselves, and ``matched_by`` is as in
    ``map_columns``. ``progress`` is shown the job after
    each step. The job comes back done, refused, or checked where ``start_rule`` says no more.
    Raises WrongMapping when a column is missing.
    """
    with path.open("rb") as opened:
        job = upload(File(opened, name=path.name), kind=kind, at=at, by=by, historic=historic)
    if job.state != ImportState.REFUSED:
        ImportJob.objects.filter(pk=job.pk).update(start_rule=start_rule)
        job = map_columns(
            job,
            mapping=_added(job.mapping, mapping or {}),
            matched_by=job.matched_by if matched_by is None else matched_by,
        )
        job = check(job, at=at, progress=progress)
    while work_on(job, at=at):
        job.refresh_from_db()
        if progress:
            progress(job)
    job.refresh_from_db()
    return job


def _added(guessed: Mapping[str, str], said: Mapping[str, str]) -> dict[str, str]:
    """Return the guess with what was said; a field goes to the column that was named for it."""
    rest = {title: it for title, it in guessed.items() if it not in said.values()}
    return {title: target for title, target in {**rest, **said}.items() if target}


def work_on_imports(*, clock: Callable[[], datetime], seconds: float | None = None) -> bool:
    """Check, merge and undo whatever waits, until nothing does; say whether something is left.

    After so many ``seconds`` others have their turn. ``clock`` is asked anew for each step, since
    the work may take minutes.
    """
    began = monotonic()
    # Each job gets its turn: a small file does not wait for the end of a large one.
    while sum(_step(job, at=clock()) for job in _waiting()):
        if seconds is not None and monotonic() - began > seconds:
            return True
    return False


def _waiting() -> list[ImportJob]:
    return list(ImportJob.objects.filter(state__in=WORK).order_by("pk"))


def _step(job: ImportJob, *, at: datetime) -> bool:
    """Do the job's next step, and say whether it was done."""
    try:
        if job.state == ImportState.CHECKING:
            return _is_further(job, check(job, at=at, seconds=SECONDS_FOR_A_CHECK))
        if job.state == ImportState.UNDOING:
            return work_on_undo(job, at=at)
        return work_on(job, at=at)
    except Exception as error:
        # Whatever is wrong, the next file may be fine. Of what the database says nothing is
        # logged: it may quote a row.
        log.error("import_failed", job=job.pk, error=type(error).__name__, at=_place(error))
        note_failure(job, at=at)
        return False


def _place(error: Exception) -> str:
    """Return the line of the program that failed."""
    frame = extract_tb(error.__traceback__)[-1]
    return f"{frame.filename}:{frame.lineno}"


def _is_further(before: ImportJob, after: ImportJob) -> bool:
    def reached(job: ImportJob) -> tuple[str, int, int]:
        return job.state, job.row_count, job.judged_steps

    return reached(after) != reached(before)


@transaction.atomic
def note_failure(job: ImportJob, *, at: datetime) -> None:
    """Count a failure that nobody foresaw; after the third in a row nobody tries by themselves."""
    job = ImportJob.objects.select_for_update().get(pk=job.pk)
    job.failures += 1
    job.lease_until = None
    if job.failures >= MOST_FAILURES and job.state in WORK:
        # An undo can be asked for again, and goes on where it was.
        is_undo = job.state == ImportState.UNDOING
        job.state = ImportState.DONE if is_undo else ImportState.FAILED
        job.finished_at = job.finished_at or at
        job.refusal = _(
            "Something went wrong on our side, three times in a row. Try again; if it fails again,"
            " show this page to whoever runs the program: import %(number)s."
        ) % {"number": job.pk}
    job.save()
