"""What is left of somebody in files on their way, in stored answers and in notes about others."""

from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

from common.models import IdempotencyRecord
from customers.models import ConsumerFault, Event, ImportJob, Merge, RejectedRow
from customers.operations.erasing import Leaving, blank_events
from customers.operations.imports.tables import changed, exists, judged, run, staged
from customers.operations.imports.uploading import file_kinds

# Shorter words stand in too many cells of others.
TELLING = 5


def forget_leftovers(leaving: Leaving) -> None:
    for job in leaving.jobs:
        _take_out_rows(job, leaving)
        _take_out_changes(job, leaving.ids)
    told = _told(leaving)
    RejectedRow.objects.filter(job__in=leaving.jobs).filter(_names(told, "value")).update(value="")
    answers = IdempotencyRecord.objects.alias(text=Cast("body", TextField()))
    answers.filter(_names(told, "text")).delete()
    _blank_faults(leaving)
    _blank_partings(leaving)


def _told(leaving: Leaving) -> list[str]:
    """Return the words by which somebody can be known for sure."""
    words = {
        word
        for record in leaving.records
        for word in (record.external_id, record.email, record.phone, record.tax_id, record.name)
    }
    return [word for word in words if len(word) >= TELLING]


def _names(words: list[str], field: str) -> Q:
    return reduce(or_, (Q(**{f"{field}__icontains": word}) for word in words), Q(pk=None))


def _take_out_rows(job: ImportJob, leaving: Leaving) -> None:
    """Take what a file says of them out of its rows, so that it does not bring them back."""
    for column in file_kinds()[job.kind].columns:
        known_by = "external_id" if column.names_customer else column.name
        if known_by not in ("external_id", "email", "phone", "tax_id"):
            continue
        theirs = [said for record in leaving.records if (said := getattr(record, known_by))]
        for table in filter(exists, (staged(job), judged(job))):
            _reject_rows(job, table, column=column.name, theirs=theirs)


def _reject_rows(job: ImportJob, table: str, *, column: str, theirs: list[str]) -> None:
    run(
        f"""
        WITH gone AS (
            DELETE FROM {table} WHERE "{column}" = ANY(%(theirs)s) RETURNING line
        )
        INSERT INTO customers_rejectedrow (job_id, line, "column", value, reason, expected)
        SELECT DISTINCT %(job)s, line, '', '', 'erased_customer', '' FROM gone
        """,  # noqa: S608 -- our own tables
        {"theirs": theirs, "job": job.pk},
    )


def _take_out_changes(job: ImportJob, ids: list[int]) -> None:
    """Take their former values out of what an undo would bring back."""
    if exists(changed(job)):
        run(
            f"DELETE FROM {changed(job)}"  # noqa: S608 -- our own tables
            " WHERE about IN ('customers_customer', 'people') AND id = ANY(%(ids)s)"
            " OR prior ->> 'customer_id' = ANY(%(ids)s::text[])",
            {"ids": ids},
        )


def _blank_faults(leaving: Leaving) -> None:
    """Blank the errors of events set aside: a database's error tells the values of a row."""
    theirs = Event.objects.filter(customer__in=leaving.ids).values("pk")
    ConsumerFault.objects.filter(event_id__in=theirs).update(error="")


def _blank_partings(leaving: Leaving) -> None:
    """Blank their number in the timeline of others, with whom they were one record for a while."""
    theirs = Q(survivor__in=leaving.ids) | Q(loser__in=leaving.ids)
    merges: QuerySet[Merge] = Merge.objects.filter(theirs)
    told = [
        name
        for merge in merges
        for name in (
            f"merge:{merge.pk}:merged",
            f"merge:{merge.pk}:undone:{merge.survivor_id}",
            f"merge:{merge.pk}:undone:{merge.loser_id}",
        )
    ]
    blank_events(Event.objects.filter(reference__in=told))
