from time import monotonic

import structlog
from celery import shared_task
from django.utils.timezone import now

from common.bell import ring
from customers.operations.consuming import follow
from loyalty.consumers import ORDERS_READER
from loyalty.operations.closing import begin_closing, go_on_closing
from loyalty.operations.orders import settle_imported, settle_undone
from loyalty.queries import faults

# Then other tasks have their turn; whatever is left is found again within seconds.
SECONDS_OF_CLOSING = 60
# Of imported orders, before the task lets others have the worker; far below its time limit.
CHUNKS = 50

log = structlog.get_logger(__name__)


@shared_task
def follow_orders() -> None:
    """Settle what the timeline tells of orders, until nothing is left."""
    at = now()
    follow(ORDERS_READER, at=at)
    for _ in range(CHUNKS):
        if not (settle_imported(at=at) or settle_undone(at=at)):
            return
    ring(follow_orders)


@shared_task
def close_day() -> None:
    """Begin to expire points and set tiers: every night, in the shop's time."""
    begin_closing(at=now())
    ring(go_on_closing_days)


@shared_task
def go_on_closing_days() -> None:
    """Go on with days that are not closed; when one is, prove the ledger."""
    ends = monotonic() + SECONDS_OF_CLOSING
    while monotonic() < ends:
        closing = go_on_closing(at=now())
        if closing is None:
            return
        if closing.finished_at:
            _prove_ledger()
    ring(go_on_closing_days)


def _prove_ledger() -> None:
    for fault in faults():
        log.error("ledger_fault", fault=fault)
