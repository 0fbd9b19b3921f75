"""How files are mapped, kept under a name."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from common.models import User
from customers.models import ImportJob, SavedMapping
from customers.operations.imports.uploading import before_start


def saved_mappings(job: ImportJob) -> QuerySet[SavedMapping]:
    """Return what was saved for files of the job's kind."""
    return SavedMapping.objects.filter(kind=job.kind).order_by("name")


def save_mapping(
    job: ImportJob,
    *,
    name: str,
    mapping: Mapping[str, str],
    matched_by: str = "",
    by: User,
    at: datetime,
) -> SavedMapping:
    """Keep a mapping under a name; under the same name it takes the place of the former one."""
    facts = {"mapping": dict(mapping), "matched_by": matched_by, "created_by": by}
    saved, _is_new = SavedMapping.objects.update_or_create(
        kind=job.kind, name=name, defaults={**facts, "created_at": at}
    )
    return saved


@transaction.atomic
def use_mapping(job: ImportJob, saved: SavedMapping) -> ImportJob:
    """Map the columns of a file as they were saved, as far as it has them. Raises NotNow."""
    job = before_start(job)
    job.mapping = {title: target for title, target in saved.mapping.items() if title in job.header}
    job.matched_by = saved.matched_by
    job.save()
    return job
