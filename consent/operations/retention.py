"""Every night what was kept long enough goes, in chunks, and a report says what did."""

from datetime import datetime

from django.db import transaction

from consent.models import RetentionLine, RetentionRun
from consent.queries.retention import coming, day_of, seen
from customers.operations.retention import let_go
from customers.queries.retention import retention_parts
from customers.rules.retention import Term


@transaction.atomic
def begin_retention(*, at: datetime) -> RetentionRun:
    """Promise the run of the day, with a line for each part; a second time changes nothing."""
    run, is_new = RetentionRun.objects.get_or_create(day=day_of(at), defaults={"started_at": at})
    if is_new:
        RetentionLine.objects.bulk_create(
            RetentionLine(run=run, part=it.part.code, months=it.months, before=it.term.before)
            for it in coming(at=at)
            if it.term and it.months
        )
    return run


@transaction.atomic
def go_on_retention(*, at: datetime) -> RetentionRun | None:
    """End the next chunk of what the earliest open run has to, and return the run.

    None when nothing is left to do, or another worker does it.
    """
    waiting = RetentionRun.objects.filter(finished_at=None).order_by("day")
    run = waiting.select_for_update(skip_locked=True).first()
    if run is None:
        return None
    if line := run.lines.filter(finished_at=None).order_by("pk").first():
        _go_on(line, at=at)
    else:
        run.finished_at = at
        run.save()
    return run


def _go_on(line: RetentionLine, *, at: datetime) -> None:
    # What an app does not declare any more is left as it is.
    part = retention_parts().get(line.part)
    ended = let_go(part, term=Term(line.before, seen(line.part)), at=at) if part else 0
    line.count += ended
    if not ended:
        line.finished_at = at
    line.save()
