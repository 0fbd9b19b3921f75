"""A segment whose members could not be found: since when, why, and when it is tried again."""

from datetime import datetime, timedelta

from django.db import DataError, transaction
from django.utils.translation import gettext_noop as _

from common.errors import DomainError
from segments.models import Segment

# In minutes; the last one over and over.
WAITS = (1, 2, 4, 8, 16, 32, 60)


@transaction.atomic
def note_failure(pk: int, error: BaseException, *, at: datetime) -> None:
    """Write down, for all to see, why a segment is out of date; its members stay as they are."""
    segment = Segment.objects.select_for_update(no_key=True).get(pk=pk)
    wait = WAITS[min(segment.failures, len(WAITS) - 1)]
    segment.failed_at = segment.failed_at or at
    segment.failures += 1
    segment.retry_at = at + timedelta(minutes=wait)
    segment.asked_at = None
    segment.error = in_words(error)
    segment.save(update_fields=["failed_at", "failures", "retry_at", "asked_at", "error"])


def in_words(error: BaseException) -> str:
    """Say what went wrong, as a rule in English: readers of every language come to it later."""
    if isinstance(error, DomainError):
        return error.message
    if isinstance(error, DataError):
        return _("The database cannot work it out: some value is too large or makes no sense.")
    return _("The database gave up: the rule asks for too much at once.")
