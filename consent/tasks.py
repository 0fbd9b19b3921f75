from celery import shared_task
from django.utils.timezone import now

from consent.operations.limits import forget_tallies as forget_old_tallies


@shared_task
def forget_tallies() -> None:
    forget_old_tallies(at=now())
