"""How far an import has come."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from customers.enums import ImportState
from customers.models import ImportJob


@dataclass(frozen=True)
class Progress:
    """``share`` is 0 to 1; rate (rows a second) and time left are None while nobody can tell."""

    done: int
    share: float
    rate: int | None
    left: timedelta | None

    @property
    def percent(self) -> int:
        return int(self.share * 100)


def progress(job: ImportJob, *, at: datetime) -> Progress:
    if job.state == ImportState.UNDOING:
        return _of_undo(job)
    seconds = (at - job.started_at).total_seconds() if job.started_at else 0
    share = job.merged_rows / job.row_count if job.row_count else 0.0
    if job.state != ImportState.MERGING or not job.merged_rows or seconds <= 0:
        return Progress(job.merged_rows, share, rate=None, left=None)
    rate = job.merged_rows / seconds
    left = timedelta(seconds=round((job.row_count - job.merged_rows) / rate))
    return Progress(job.merged_rows, share, round(rate), left)


def _of_undo(job: ImportJob) -> Progress:
    done, whole = sum(job.undone.values()), job.created_count + job.updated_count
    return Progress(done, done / whole if whole else 0.0, rate=None, left=None)


def earlier_imports(job: ImportJob) -> QuerySet[ImportJob]:
    """Return the imports of the very same file that came in before."""
    same = ImportJob.objects.filter(kind=job.kind, file_sha256=job.file_sha256)
    return same.filter(state=ImportState.DONE).exclude(pk=job.pk).order_by("-pk")
