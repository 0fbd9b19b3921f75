import structlog
from celery import shared_task
from django.conf import settings
from django.utils.timezone import now

from common.bell import ring
from customers.consumers import SEEN_READER, WEBHOOKS_READER
from customers.operations.birth_dates import cut_birth_dates
from customers.operations.buys import refresh_buys
from customers.operations.carts import abandon
from customers.operations.consuming import follow
from customers.operations.duplicates import find_duplicates
from customers.operations.erasure_log import write_down_erasures as write_down_all_erasures
from customers.operations.growth import refresh_growth
from customers.operations.imports import forget, work_on_imports
from customers.operations.merges import bring_latecomers
from customers.operations.metrics import metric_faults, rescore, set_score_cuts
from customers.operations.sensitivity import mark_goods
from customers.operations.touches import touch_faults
from customers.operations.webhook_sending import send_until_dry
from customers.operations.webhooks import forget_old_deliveries

# Then other tasks have their turn; far below the time limit of tasks.
SECONDS_FOR_FILES = 240

log = structlog.get_logger(__name__)


@shared_task
def work_on_files() -> None:
    """Check and merge the files that wait."""
    if work_on_imports(clock=now, seconds=SECONDS_FOR_FILES):
        ring(work_on_files)


@shared_task
def keep_less_of_birth_dates() -> None:
    """Cut off birth dates what the shop no longer keeps."""
    at = now()
    while cut_birth_dates(at=at):
        pass


@shared_task
def forget_files() -> None:
    """Delete what imports of three days ago still hold about people."""
    at = now()
    while forget(at=at):
        pass


@shared_task
def score_customers() -> None:
    """Set the cuts of the scores for the day, score everybody by them, and prove the rollups."""
    set_score_cuts(at=now())
    rescore()
    for fault in metric_faults():
        log.error("metrics_drifted", fault=fault)
    for customer in touch_faults(SEEN_READER.name):
        log.error("last_seen_drifted", customer_id=customer)


@shared_task
def see_who_could_buy_more() -> None:
    refresh_growth(at=now())


@shared_task
def see_what_customers_buy() -> None:
    refresh_buys(at=now())


@shared_task
def look_for_duplicates() -> None:
    find_duplicates(at=now())


@shared_task
def follow_merges() -> None:
    """Bring what came in late for a record that was merged to the one that stayed."""
    bring_latecomers(at=now())


@shared_task
def abandon_carts() -> None:
    at = now()
    while abandon(after=settings.CART_ABANDONED_AFTER, at=at):
        pass


# Then other tasks have their turn; whatever is left is found again within seconds.
SECONDS_OF_WEBHOOKS = 50


@shared_task
def keep_who_was_seen() -> None:
    follow(SEEN_READER, at=now())


@shared_task
def queue_webhooks() -> None:
    """Leave a delivery for every event that a webhook asks for, and wake who sends them."""
    follow(WEBHOOKS_READER, at=now())
    ring(send_webhooks)


@shared_task
def send_webhooks() -> None:
    send_until_dry(clock=now, seconds=SECONDS_OF_WEBHOOKS)


@shared_task
def forget_webhook_deliveries() -> None:
    forget_old_deliveries(at=now())


@shared_task
def write_down_erasures() -> None:
    write_down_all_erasures()


@shared_task
def mark_sensitive_goods() -> None:
    """Compare all goods with a lexicon that staff changed."""
    mark_goods(at=now())
