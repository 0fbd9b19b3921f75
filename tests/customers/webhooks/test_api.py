import pytest

from common.enums import Scope
from customers.enums import DeliveryState
from customers.models import WebhookDelivery, WebhookSubscription
from tests.api import api_client
from tests.customers.webhooks.factories import make_delivery, make_webhook

pytestmark = pytest.mark.django_db

ADDRESS = "/api/v1/webhooks"
ORDERS = {
    "name": "Orders to the ERP",
    "url": "https://erp.example/hooks",
    "kinds": ["customers.order_placed"],
    "content": "details",
}


@pytest.fixture
def client():
    return api_client(Scope.MANAGE_WEBHOOKS)


def test_a_webhook_is_made_and_its_secret_told_once(client):
    made = client.post(ADDRESS, ORDERS)
    read = client.get(f"{ADDRESS}/{made.json()['id']}")

    kept = WebhookSubscription.objects.get()
    assert made.status_code == 201
    assert made.json()["secret"] == kept.secrets_at(kept.created_at)[0]
    assert "secret" not in read.json()
    assert {name: read.json()[name] for name in ORDERS} == ORDERS
    assert kept.created_by_key


@pytest.mark.parametrize(
    ("facts", "code", "field"),
    [
        ({"url": "https://192.168.0.1/"}, "unsafe_address", "url"),
        ({"url": "nowhere"}, "unsafe_address", "url"),
        ({"kinds": ["customers.abducted"]}, "unknown_event_kind", "kinds"),
        ({"kinds": []}, "no_event_kind", "kinds"),
        ({"name": ""}, "blank", "name"),
        ({"content": "everything"}, "invalid_choice", "content"),
    ],
)
def test_what_is_wrong_is_said_by_field(client, facts, code, field):
    answer = client.post(ADDRESS, ORDERS | facts)

    assert answer.status_code == 422
    assert (answer.json()["code"], answer.json()["field"]) == (code, field)
    assert not WebhookSubscription.objects.exists()


def test_a_change_leaves_alone_what_is_not_said(client):
    webhook = make_webhook(name="ERP")

    answer = client.patch(f"{ADDRESS}/{webhook.pk}", {"is_active": False})

    kept = WebhookSubscription.objects.get()
    assert answer.status_code == 200
    assert (kept.is_active, kept.name, kept.secret_sealed) == (
        False,
        "ERP",
        webhook.secret_sealed,
    )


def test_a_change_to_an_inner_address_is_refused(client):
    webhook = make_webhook()

    answer = client.patch(f"{ADDRESS}/{webhook.pk}", {"url": "https://[::1]/"})

    assert (answer.status_code, answer.json()["field"]) == (422, "url")
    assert WebhookSubscription.objects.get().url == webhook.url


def test_a_secret_is_replaced(client):
    webhook = make_webhook()

    answer = client.post(f"{ADDRESS}/{webhook.pk}/secret")

    assert answer.json()["secret"] not in {webhook.secret, ""}


def test_a_test_is_left_to_be_sent(client):
    webhook = make_webhook()

    answer = client.post(f"{ADDRESS}/{webhook.pk}/test")

    assert answer.status_code == 202
    assert answer.json()["id"] == WebhookDelivery.objects.get().webhook_id


def test_deliveries_are_listed_by_state_and_kind(client):
    webhook = make_webhook()
    dead = make_delivery(webhook, state=DeliveryState.DEAD)
    make_delivery(webhook, state=DeliveryState.DELIVERED)
    make_delivery(make_webhook(), state=DeliveryState.DEAD)

    answer = client.get(f"{ADDRESS}/{webhook.pk}/deliveries", {"state": "dead", "kind": dead.kind})

    assert [row["id"] for row in answer.json()["results"]] == [dead.webhook_id]


def test_deliveries_are_sent_again_by_name_or_since_a_moment(client):
    webhook = make_webhook()
    one, two = (make_delivery(webhook, state=DeliveryState.DEAD) for _ in "12")
    address = f"{ADDRESS}/{webhook.pk}/replay"

    by_name = client.post(address, {"deliveries": [one.webhook_id]})
    since = client.post(address, {"since": "2026-01-01T00:00:00Z"})

    assert (by_name.json(), since.json()) == ({"count": 1}, {"count": 1})
    assert set(WebhookDelivery.objects.filter(state=DeliveryState.READY)) == {one, two}


@pytest.mark.parametrize(
    "told", [{}, {"deliveries": ["x"]}, {"deliveries": []}, {"since": "yesterday"}]
)
def test_a_replay_of_nothing_is_refused(client, told):
    webhook = make_webhook()

    assert client.post(f"{ADDRESS}/{webhook.pk}/replay", told).status_code == 422


def test_a_webhook_that_is_off_is_not_asked(client):
    webhook = make_webhook(is_active=False)

    answer = client.post(f"{ADDRESS}/{webhook.pk}/test")

    assert (answer.status_code, answer.json()["code"]) == (409, "webhook_switched_off")


def test_a_webhook_is_removed(client):
    webhook = make_webhook()
    make_delivery(webhook, state=DeliveryState.DEAD)

    assert client.delete(f"{ADDRESS}/{webhook.pk}").status_code == 204
    assert client.get(f"{ADDRESS}/{webhook.pk}").status_code == 404
