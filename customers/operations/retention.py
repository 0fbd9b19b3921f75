"""What was kept long enough: rows go, or say nothing of people any more."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from customers.operations.erasing import clear, erase
from customers.rules.retention import RetentionPart, Term


@transaction.atomic
def let_go(part: RetentionPart, *, term: Term, at: datetime) -> int:
    """End the next chunk of rows whose time is over; return how many, 0 when none is left."""
    due = part.due(term)
    ids = list(due.order_by("pk").values_list("pk", flat=True)[: part.limit])
    chunk = due.model._default_manager.filter(pk__in=ids)
    if part.end:
        part.end(chunk, at)
    else:
        clear(due.model, part.ending, chunk)
    return len(ids)


def erase_each(people: Any, at: datetime) -> None:
    for person in people:
        erase(person, by=None, reason=_("Did nothing for years: retention."), at=at)
