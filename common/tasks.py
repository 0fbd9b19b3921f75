from celery import shared_task
from django.utils.timezone import now

from common import idempotency
from common.access.guesses import forget_old_tries


@shared_task
def purge_idempotency_records() -> None:
    idempotency.purge(at=now())


@shared_task
def purge_tries() -> None:
    forget_old_tries(at=now())
