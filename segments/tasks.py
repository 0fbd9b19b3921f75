from celery import shared_task
from django.utils.timezone import now

from segments.operations import keep_all_fresh


@shared_task
def refresh_segments() -> None:
    """Bring the members of every segment up to date."""
    keep_all_fresh(clock=now)
