from celery import shared_task
from django.utils.timezone import now

from segments.operations.refreshing import keep_all_fresh, keep_waiting_fresh


@shared_task
def refresh_segments() -> None:
    """Bring the members of every segment up to date."""
    keep_all_fresh(clock=now)


@shared_task
def refresh_waiting_segments() -> None:
    """Find the members of segments that are new or changed, or that somebody asked about."""
    keep_waiting_fresh(clock=now)
