"""What a file said of people goes after 72 hours: the file, rejected rows and former values."""

from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from customers.enums import ImportState
from customers.models import ImportJob
from customers.operations.imports.merging import finish
from customers.operations.imports.tables import drop_changed, drop_tables
from customers.operations.imports.undoing import KEPT

IDLE = (
    ImportState.UPLOADED,
    ImportState.READY,
    ImportState.REFUSED,
    ImportState.PAUSED,
    ImportState.FAILED,
)
ENDED = (ImportState.DONE, ImportState.CANCELLED, ImportState.UNDONE)


@transaction.atomic
def forget(*, at: datetime) -> bool:
    """Forget the next import that is due, and say whether there was one.

    The job stays with its numbers. One that waits for a person all that time is cancelled; what
    came in of it stays.
    """
    job = _due(at=at).select_for_update(skip_locked=True).order_by("pk").first()
    if job is None:
        return False
    if job.state in IDLE:
        finish(job, state=ImportState.CANCELLED, at=at)
    drop_tables(job)
    drop_changed(job)
    job.rejected_rows.all().delete()
    transaction.on_commit(partial(job.file.storage.delete, str(job.file.name)))
    job.file, job.forgotten_at = "", at
    job.save()
    return True


def _due(*, at: datetime) -> QuerySet[ImportJob]:
    known = ImportJob.objects.filter(forgotten_at=None)
    began = known.alias(began_at=Coalesce("started_at", "created_at"))
    return began.filter(
        Q(state__in=ENDED, finished_at__lt=at - KEPT) | Q(state__in=IDLE, began_at__lt=at - KEPT)
    )
