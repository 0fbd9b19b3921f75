"""Whoever reads the timeline sees what was committed: these tests commit for real."""

import sys
from collections import Counter
from datetime import timedelta
from functools import partial

import pytest

from common.webhook_transport import WebhookTransport
from customers.consumers import WEBHOOKS_READER
from customers.enums import DeliveryState
from customers.models import ImportJob, WebhookDelivery
from customers.operations.consuming import follow
from customers.operations.timeline import NewEvent, record_events
from customers.operations.webhook_sending import LEASE, send_until_dry
from tests.customers.webhooks.factories import make_webhook
from tests.factories import NOW, make_customer
from tests.programs import running, wait_until
from tests.races import at_once
from tests.receivers import answer

pytestmark = pytest.mark.usefixtures("real_db")

OPENED, VIEWED, IMPORTED = (
    "customers.case_opened",
    "customers.product_viewed",
    "customers.file_imported",
)


def happen(*kinds, historic=False, job=None):
    ana = None if job else make_customer().pk
    record_events(
        [
            NewEvent(kind, ana, NOW, f"{kind}:{historic}:{number}")
            for number, kind in enumerate(kinds)
        ],
        historic=historic,
        job=job,
    )


def queued():
    follow(WEBHOOKS_READER, at=NOW)
    found = WebhookDelivery.objects.order_by("pk")
    return [(row.subscription.name, row.kind) for row in found.select_related("subscription")]


def test_each_webhook_gets_the_kinds_that_it_asked_for():
    make_webhook(name="some", kinds=[OPENED])
    make_webhook(name="all", all_kinds=True)
    make_webhook(name="off", is_active=False)
    happen(OPENED, VIEWED)

    found = queued()

    registered = ("all", "customers.registered")
    assert sorted(found) == sorted(
        [registered, ("all", OPENED), ("all", VIEWED), ("some", OPENED)]
    )


def test_history_is_told_to_nobody():
    make_webhook(kinds=[OPENED])

    happen(OPENED, historic=True)

    assert queued() == []


def test_what_was_before_the_webhook_is_not_told():
    happen(OPENED)

    make_webhook(kinds=[OPENED], at=NOW + timedelta(days=36_500))

    assert queued() == []


def test_a_file_is_one_delivery_whatever_its_size():
    make_webhook(name="files", kinds=[IMPORTED])
    job = ImportJob.objects.create(kind="orders", file_name="orders.csv")

    happen(IMPORTED, job=job)

    assert queued() == [("files", IMPORTED)]


def test_consumers_at_once_queue_once():
    make_webhook(kinds=[OPENED])
    happen(OPENED, OPENED, OPENED)

    at_once(queued, queued, queued)

    assert len(queued()) == 3


def test_workers_at_once_send_each_delivery_once(shop):
    make_webhook(url=shop.url, kinds=[OPENED])
    happen(*[OPENED] * 60)
    queued()
    send = partial(send_until_dry, clock=lambda: NOW, transport=WebhookTransport())

    at_once(send, send, send)

    sent = Counter(taken.headers["webhook-id"] for taken in shop.taken)
    assert (len(sent), set(sent.values())) == (60, {1})


# The loop of the task, in a process that shares nothing with this one.
WORKER = """
import django
django.setup()
from django.utils.timezone import now
from customers.operations.webhook_sending import send_until_dry
send_until_dry(clock=now)
"""


@pytest.mark.fault
def test_a_worker_killed_between_the_post_and_the_row_is_followed_by_one_that_sends_again(shop):
    def hold(door):
        wait_until(lambda: victim.poll() is not None)
        answer(204)(door)

    make_webhook(url=shop.url, kinds=[OPENED])
    happen(OPENED)
    queued()
    shop.behave = hold
    environment = {
        "WEBHOOK_ALLOW_HTTP": "true",
        "WEBHOOK_INNER_NETWORKS": "127.0.0.0/8",
        "WEBHOOK_PORTS": str(shop.port),
    }
    with running([sys.executable, "-c", WORKER], environment=environment) as victim:
        wait_until(lambda: shop.taken)
        victim.kill()
        victim.wait()

    shop.behave = answer(204)
    held = WebhookDelivery.objects.get()
    assert held.state == DeliveryState.LEASED
    assert held.lease_until
    much_later = held.lease_until + LEASE
    send_until_dry(clock=lambda: much_later, transport=WebhookTransport())

    ids = [taken.headers["webhook-id"] for taken in shop.taken]
    assert ids == [held.webhook_id] * 2
    assert WebhookDelivery.objects.get().state == DeliveryState.DELIVERED
