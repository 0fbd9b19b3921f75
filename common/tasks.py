from celery import shared_task
from django.utils.timezone import now

from common import idempotency


@shared_task
def purge_idempotency_records() -> None:
    idempotency.purge(at=now())
