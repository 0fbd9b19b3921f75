import structlog
from celery import shared_task
from django.utils.timezone import now

from common.bell import ring
from customers.operations.consuming import follow
from loyalty.consumers import ORDERS_READER
from loyalty.operations.orders import settle_imported
from loyalty.operations.points import expire
from loyalty.operations.tiers import set_all_tiers
from loyalty.queries import faults

# Of imported orders, before the task lets others have the worker; far below its time limit.
CHUNKS = 50

log = structlog.get_logger(__name__)


@shared_task
def follow_orders() -> None:
    """Settle what the timeline tells of orders, until nothing is left."""
    at = now()
    follow(ORDERS_READER, at=at)
    for _ in range(CHUNKS):
        if not settle_imported(at=at):
            return
    ring(follow_orders)


@shared_task
def close_day() -> None:
    """Expire points, then set tiers, then prove the ledger: every night, in the shop's time."""
    at = now()
    while expire(at=at):
        pass
    reached: int | None = 0
    while reached is not None:
        reached = set_all_tiers(at=at, after=reached)
    for fault in faults():
        log.error("ledger_fault", fault=fault)
