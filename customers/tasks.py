import structlog
from celery import shared_task
from django.conf import settings
from django.utils.timezone import now

from customers.operations.carts import abandon
from customers.operations.imports import work_on_imports
from customers.operations.metrics import metric_faults, rescore, set_score_cuts

log = structlog.get_logger(__name__)


@shared_task
def work_on_files() -> None:
    """Check and merge the files that wait."""
    work_on_imports(clock=now)


@shared_task
def score_customers() -> None:
    """Set the cuts of the scores for the day, score everybody by them, and prove the rollups."""
    set_score_cuts(at=now())
    rescore()
    for fault in metric_faults():
        log.error("metrics_drifted", fault=fault)


@shared_task
def abandon_carts() -> None:
    at = now()
    while abandon(after=settings.CART_ABANDONED_AFTER, at=at):
        pass
