"""Over real HTTP to a server of the test: see ``tests.receivers``."""

import time
from datetime import timedelta
from threading import Event as Signal

import pytest

from common.enums import PostOutcome
from common.models import AuditEntry
from common.webhook_transport import Answer, WebhookTransport
from consent.enums import Act
from customers.enums import Category, DeliveryState, DisabledReason
from customers.models import Customer, Event, WebhookDelivery, WebhookSubscription
from customers.operations.timeline import NewEvent, record_events
from customers.operations.webhook_sending import (
    LEASE,
    TO_A_FAILING_ONE,
    TO_ONE,
    claim,
    record,
    recover,
    send_until_dry,
)
from customers.operations.webhooks import replace_secret, send_test
from customers.rules.webhooks import MOST_TRIES
from tests.customers.webhooks.factories import make_webhook
from tests.factories import NOW, allow, make_choice, make_customer, make_user
from tests.receivers import answer, receiver

pytestmark = pytest.mark.django_db

ORDER = "customers.order_placed"
VIEWED = "customers.product_viewed"


def told(webhook, *, kind=ORDER, customer=None, data=None, number=1):
    """Queue a delivery of an event, as the consumer does."""
    customer = customer or make_customer()
    reference = f"event:{webhook.pk}:{number}"
    record_events([NewEvent(kind, customer.pk, NOW, reference, data or {})])
    event = Event.objects.get(reference=reference)
    return WebhookDelivery.objects.create(
        subscription=webhook, event_id=event.pk, kind=kind, created_at=NOW, next_try_at=NOW
    )


def send(*, at=NOW, **facts):
    return send_until_dry(clock=lambda: at, transport=WebhookTransport(**facts))


def now_of(record):
    return type(record).objects.get(pk=record.pk)


def test_an_event_arrives_signed(shop):
    ana = make_customer(external_id="C-1")
    webhook = make_webhook(url=shop.url)
    delivery = told(webhook, customer=ana, data={"total": "10.00", "order_id": 3})

    send()

    (taken,) = shop.taken
    assert taken.said == {
        "type": ORDER,
        "timestamp": "2026-03-02T12:00:00Z",
        "data": {"customer": "C-1", "details": {"total": "10.00"}},
    }
    delivery = now_of(delivery)
    assert taken.headers["webhook-id"] == delivery.webhook_id
    assert (delivery.state, delivery.tries, delivery.delivered_at) == ("delivered", 1, NOW)
    assert (delivery.last_outcome, delivery.last_status) == (PostOutcome.TAKEN, 204)
    assert now_of(webhook).last_success_at == NOW


def test_nothing_personal_stays_in_the_log(shop):
    ana = make_customer(external_id="C-1")
    delivery = told(make_webhook(url=shop.url), customer=ana, data={"note": "ana"})

    send()

    assert set(now_of(delivery).log[0]) == {"at", "outcome", "status", "seconds"}


def test_who_was_erased_meanwhile_is_not_told(shop):
    ana = make_customer()
    told(make_webhook(url=shop.url), customer=ana, data={"total": "10.00"})
    Customer.objects.filter(pk=ana.pk).update(erased_at=NOW)

    send()

    assert shop.taken[0].said["data"] == {"customer": None, "details": {}}


def test_watched_behaviour_is_told_with_a_name_only_while_permission_stands(shop):
    webhook = make_webhook(url=shop.url)
    ana = allow(make_customer(external_id="C-ana"), using={Category.BROWSING})
    bia = make_customer(external_id="C-bia")
    eva = allow(make_customer(external_id="C-eva"), using={Category.BROWSING})
    for number, customer in enumerate([ana, bia, eva]):
        told(webhook, kind=VIEWED, customer=customer, data={"sku": "milk"}, number=number)
    make_choice(eva, act=Act.WITHDRAWN, categories=[Category.BROWSING])

    send()

    said = [taken.said["data"] for taken in shop.taken]
    unnamed: dict[str, object] = {"customer": None, "details": {}}
    named = {"customer": "C-ana", "details": {"sku": "milk"}}
    assert sorted(said, key=str) == sorted([named, unnamed, unnamed], key=str)


def test_a_replaced_secret_signs_for_a_day_more(shop):
    webhook = make_webhook(url=shop.url)
    replace_secret(webhook, by=make_user(), at=NOW)
    told(webhook)

    send()
    told(webhook, number=2)
    send(at=NOW + timedelta(days=1))

    counted = [len(taken.headers["webhook-signature"].split(" ")) for taken in shop.taken]
    assert counted == [2, 1]


# When it fails


def test_a_failed_delivery_waits_longer_and_longer_and_is_given_up(shop):
    shop.behave = answer(500, Content_Length="0")
    delivery = told(make_webhook(url=shop.url))
    at = NOW
    for _ in range(MOST_TRIES):
        send(at=at)
        at = now_of(delivery).next_try_at or at

    delivery = now_of(delivery)
    assert (delivery.state, delivery.tries, delivery.last_status) == ("dead", MOST_TRIES, 500)
    assert timedelta(days=3) < at - NOW < timedelta(days=4)
    assert len(shop.taken) == len(delivery.log) == MOST_TRIES
    assert len({taken.headers["webhook-id"] for taken in shop.taken}) == 1


def test_a_failed_delivery_is_not_tried_before_its_time(shop):
    shop.behave = answer(500, Content_Length="0")
    told(make_webhook(url=shop.url))
    send()

    send(at=NOW + timedelta(seconds=4))

    assert len(shop.taken) == 1


def test_an_address_that_is_gone_switches_the_webhook_off(shop):
    shop.behave = answer(410, Content_Length="0")
    webhook = make_webhook(url=shop.url)
    delivery = told(webhook)

    send()

    webhook = now_of(webhook)
    assert (webhook.is_active, webhook.disabled_reason) == (False, DisabledReason.GONE)
    assert now_of(delivery).state == DeliveryState.DEAD
    assert AuditEntry.objects.filter(action="customers.webhook_switched_off").count() == 1


def test_five_days_without_success_switch_the_webhook_off(shop):
    shop.behave = answer(500, Content_Length="0")
    webhook = make_webhook(url=shop.url)
    told(webhook)
    send()
    told(webhook, number=2)
    send(at=NOW + timedelta(days=4))
    before = now_of(webhook)

    told(webhook, number=3)
    send(at=NOW + timedelta(days=5))

    after = now_of(webhook)
    assert (before.is_active, before.failing_since) == (True, NOW)
    assert (after.is_active, after.disabled_reason) == (False, DisabledReason.FAILING)


def test_a_success_forgets_the_failures_before(shop):
    webhook = make_webhook(url=shop.url)
    WebhookSubscription.objects.update(failing_since=NOW - timedelta(days=30))
    told(webhook)

    send()

    assert (now_of(webhook).is_active, now_of(webhook).failing_since) == (True, None)


def test_an_inner_address_is_refused_when_it_is_sent_to(shop, settings):
    delivery = told(make_webhook(url=shop.url))
    settings.WEBHOOK_INNER_NETWORKS = []

    send()

    assert now_of(delivery).last_outcome == PostOutcome.UNSAFE
    assert shop.taken == []


def test_a_test_is_tried_once(shop):
    shop.behave = answer(500, Content_Length="0")
    delivery = send_test(make_webhook(url=shop.url), by=make_user(), at=NOW)

    send()

    assert shop.taken[0].said["type"] == "clientela.test"
    assert now_of(delivery).state == DeliveryState.DEAD


def test_nothing_is_sent_to_a_webhook_that_is_off(shop):
    delivery = told(make_webhook(url=shop.url))
    WebhookSubscription.objects.update(is_active=False)

    send()

    assert (shop.taken, now_of(delivery).state) == ([], DeliveryState.READY)


# Many at once


def test_one_slow_receiver_holds_only_its_own_places(shop, settings):
    over = Signal()

    def stay_silent(_door):
        over.wait(30)

    with receiver(stay_silent) as slow:
        settings.WEBHOOK_PORTS = [shop.port, slow.port]
        stuck = make_webhook(url=slow.url)
        for number in range(TO_ONE * 3):
            told(stuck, number=number)
        quick = make_webhook(url=shop.url)
        for number in range(20):
            told(quick, number=number)
        began = time.monotonic()
        while len(shop.taken) < 20 and time.monotonic() - began < 30:
            send_until_dry(
                clock=lambda: NOW, seconds=0.1, transport=WebhookTransport(total_seconds=2)
            )
        over.set()

    assert quick.deliveries.filter(state=DeliveryState.DELIVERED).count() == 20
    # They were queued after all of the slow one's, and waited for none of those but the first.
    assert len(slow.taken) <= TO_ONE + 2


def test_a_receiver_has_so_many_at_a_time_and_one_that_fails_has_one():
    sound, failing = make_webhook(), make_webhook(failing_since=NOW)
    for number in range(TO_ONE + 3):
        told(sound, number=number)
        told(failing, number=number)

    claimed = claim(limit=100, at=NOW)
    again = claim(limit=100, at=NOW)

    counted = [sum(row.subscription == webhook for row in claimed) for webhook in (sound, failing)]
    assert counted == [TO_ONE, TO_A_FAILING_ONE]
    assert again == []


def test_the_queries_do_not_grow_with_the_deliveries(shop, django_assert_max_num_queries):
    webhook = make_webhook(url=shop.url)
    for number in range(TO_ONE):
        told(webhook, kind=VIEWED, number=number)

    with django_assert_max_num_queries(30):
        send()


# A worker dies


def test_what_a_dead_worker_held_is_sent_again_under_the_same_id(shop):
    delivery = told(make_webhook(url=shop.url))
    claim(limit=1, at=NOW)  # and posted it, perhaps, and died

    send(at=NOW + LEASE)

    assert now_of(delivery).state == DeliveryState.DELIVERED
    assert shop.taken[0].headers["webhook-id"] == delivery.webhook_id
    assert now_of(delivery).tries == 2


def test_what_is_held_is_left_alone_until_the_lease_is_over(shop):
    told(make_webhook(url=shop.url))
    claim(limit=1, at=NOW)

    send(at=NOW + LEASE - timedelta(seconds=1))

    assert shop.taken == []


def test_a_worker_that_comes_too_late_writes_nothing():
    """Its lease was over and another has the delivery: the fence."""
    delivery = told(make_webhook())
    (held,) = claim(limit=1, at=NOW)
    recover(at=NOW + LEASE)
    claim(limit=1, at=NOW + LEASE)

    record([(held, Answer(PostOutcome.REFUSED, 500))], at=NOW + LEASE)

    assert now_of(delivery).state == DeliveryState.LEASED


def test_what_kills_every_worker_is_given_up():
    delivery = told(make_webhook())
    WebhookDelivery.objects.update(tries=MOST_TRIES - 1)
    claim(limit=1, at=NOW)

    recover(at=NOW + LEASE)

    assert now_of(delivery).state == DeliveryState.DEAD
