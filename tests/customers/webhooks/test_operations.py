from datetime import timedelta

import pytest

from common.egress import UnsafeAddress
from common.models import AuditEntry
from customers.enums import DeliveryState, DisabledReason
from customers.models import WebhookDelivery, WebhookSubscription
from customers.operations.timeline import UnknownKind
from customers.operations.webhooks import (
    NamesNoKind,
    SwitchedOff,
    change_webhook,
    failed_since,
    forget_old_deliveries,
    remove_webhook,
    replace_secret,
    replay,
    send_test,
)
from tests.customers.webhooks.factories import make_delivery, make_webhook
from tests.factories import NOW, make_user

pytestmark = pytest.mark.django_db


def test_the_secret_is_shown_once_and_kept_sealed():
    webhook = make_webhook()

    kept = WebhookSubscription.objects.get()
    assert webhook.secret.startswith("whsec_")
    assert kept.secret == ""
    assert webhook.secret.encode() not in bytes(kept.secret_sealed)
    assert kept.secrets_at(NOW) == [webhook.secret]


def test_a_new_secret_stands_beside_the_former_for_a_day():
    webhook = make_webhook()
    former = webhook.secret

    replace_secret(webhook, by=make_user(), at=NOW)

    day = timedelta(days=1)
    assert webhook.secrets_at(NOW + day - timedelta(seconds=1)) == [webhook.secret, former]
    assert webhook.secrets_at(NOW + day) == [webhook.secret]


@pytest.mark.parametrize(
    ("facts", "error", "field"),
    [
        ({"url": "http://shop.example/"}, UnsafeAddress, "url"),
        ({"url": "https://10.0.0.1/"}, UnsafeAddress, "url"),
        ({"kinds": ["customers.abducted"]}, UnknownKind, "kinds"),
        ({"kinds": [], "all_kinds": False}, NamesNoKind, "kinds"),
    ],
)
def test_what_could_never_be_sent_is_refused(facts, error, field):
    with pytest.raises(error) as refused:
        make_webhook(**facts)

    assert refused.value.field == field
    assert not WebhookSubscription.objects.exists()


def test_switching_on_again_forgets_why_it_was_off():
    webhook = make_webhook()
    WebhookSubscription.objects.update(
        is_active=False, disabled_reason=DisabledReason.FAILING, failing_since=NOW
    )

    change_webhook(webhook, fields=["is_active"], by=make_user(), at=NOW)

    kept = WebhookSubscription.objects.get()
    assert (kept.is_active, kept.disabled_reason, kept.failing_since) == (True, "", None)


def test_replay_sends_what_was_given_up_anew_with_its_first_id():
    webhook = make_webhook()
    dead = make_delivery(webhook, state=DeliveryState.DEAD, tries=10, next_try_at=None)

    count = replay(webhook, webhook.deliveries.filter(pk=dead.pk), by=make_user(), at=NOW)

    again = WebhookDelivery.objects.get()
    assert count == 1
    assert (again.state, again.tries, again.next_try_at) == (DeliveryState.READY, 0, NOW)
    assert again.message == dead.message
    assert AuditEntry.objects.filter(action="customers.webhook_replayed").exists()


def test_replay_since_takes_all_that_failed_and_nothing_else():
    webhook, other = make_webhook(), make_webhook()
    hour = timedelta(hours=1)
    wanted = [
        make_delivery(webhook, state=DeliveryState.DEAD, at=NOW),
        make_delivery(webhook, state=DeliveryState.FAILED, at=NOW + hour),
    ]
    make_delivery(webhook, state=DeliveryState.DEAD, at=NOW - hour)
    make_delivery(webhook, state=DeliveryState.DELIVERED)
    make_delivery(webhook, state=DeliveryState.LEASED)
    make_delivery(other, state=DeliveryState.DEAD)

    replay(webhook, failed_since(webhook, NOW), by=make_user(), at=NOW + hour)

    again = WebhookDelivery.objects.filter(state=DeliveryState.READY)
    assert set(again) == set(wanted)


def test_nothing_is_asked_of_a_webhook_that_is_off():
    webhook = make_webhook(is_active=False)

    with pytest.raises(SwitchedOff):
        replay(webhook, webhook.deliveries.all(), by=make_user(), at=NOW)
    with pytest.raises(SwitchedOff):
        send_test(webhook, by=make_user(), at=NOW)


def test_old_deliveries_are_forgotten_when_they_are_over():
    webhook = make_webhook()
    month_ago = NOW - timedelta(days=31)
    make_delivery(webhook, state=DeliveryState.DELIVERED, at=month_ago)
    make_delivery(webhook, state=DeliveryState.DEAD, at=month_ago)
    waiting = make_delivery(webhook, state=DeliveryState.FAILED, at=month_ago)
    fresh = make_delivery(webhook, state=DeliveryState.DELIVERED)

    forget_old_deliveries(at=NOW)

    assert set(WebhookDelivery.objects.all()) == {waiting, fresh}


def test_a_webhook_goes_with_all_that_waits_for_it():
    webhook = make_webhook()
    make_delivery(webhook, state=DeliveryState.FAILED)

    remove_webhook(webhook, by=make_user(), at=NOW)

    assert not WebhookSubscription.objects.exists()
    assert not WebhookDelivery.objects.exists()
