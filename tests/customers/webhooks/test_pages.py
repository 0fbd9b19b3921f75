from datetime import timedelta

import pytest
from django.urls import reverse

from common.enums import PostOutcome, Role
from customers.enums import DeliveryState, DisabledReason
from customers.models import WebhookDelivery, WebhookSubscription
from tests.customers.webhooks.factories import make_delivery, make_webhook
from tests.factories import NOW, make_user

pytestmark = pytest.mark.django_db

LIST = "admin:customers_webhooksubscription_changelist"
LOG = "admin:customers_webhookdelivery_changelist"
FORM = {
    "name": "ERP",
    "url": "https://erp.example/hooks",
    "kinds": ["customers.order_placed"],
    "content": "details",
    "is_active": "on",
}


@pytest.fixture
def client(client):
    client.force_login(make_user(role=Role.ADMINISTRATOR))
    return client


def page_of(client, record):
    meta = record._meta
    return client.get(
        reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[record.pk])
    )


def act(client, webhook, **told):
    address = reverse("admin:customers_webhooksubscription_act", args=[webhook.pk])
    return client.post(address, told, follow=True).content.decode()


def test_an_empty_list_says_what_it_is_for(client):
    assert "A webhook tells another server" in client.get(reverse(LIST)).content.decode()


def test_a_webhook_is_made_with_kinds_chosen_by_name_and_its_secret_shown_once(client):
    add = reverse("admin:customers_webhooksubscription_add")
    form = client.get(add).content.decode()

    made = client.post(add, FORM).content.decode()

    webhook = WebhookSubscription.objects.get()
    (secret,) = webhook.secrets_at(webhook.created_at)
    assert "Order placed" in form
    assert secret in made
    assert secret not in page_of(client, webhook).content.decode()


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"url": "http://erp.example/"}, "must begin with https://"),
        ({"url": "https://127.0.0.1/"}, "private network"),
        ({"kinds": []}, "Choose at least one kind"),
    ],
)
def test_what_is_wrong_stands_at_the_field(client, facts, words):
    answer = client.post(reverse("admin:customers_webhooksubscription_add"), FORM | facts)

    assert words in answer.content.decode()
    assert not WebhookSubscription.objects.exists()


def test_the_list_says_how_each_is(client):
    make_webhook(last_success_at=NOW)
    make_webhook()
    failing = make_webhook(failing_since=NOW)
    make_delivery(failing, state=DeliveryState.FAILED)
    make_delivery(failing, state=DeliveryState.DEAD)
    make_webhook(is_active=False, disabled_reason=DisabledReason.GONE)

    page = client.get(reverse(LIST)).content.decode()

    for words in ("Works", "Not tried yet", "Fails", "waiting: 1, given up: 1", "Switched off"):
        assert words in page


def test_the_list_asks_as_much_for_many_as_for_few(client, django_assert_max_num_queries):
    for _ in range(20):
        make_delivery(make_webhook(), state=DeliveryState.FAILED)

    with django_assert_max_num_queries(12):
        client.get(reverse(LIST))


def test_a_webhook_that_we_switched_off_says_why_and_what_to_do(client):
    webhook = make_webhook(is_active=False, disabled_reason=DisabledReason.FAILING)

    page = page_of(client, webhook).content.decode()

    assert "Nothing got through for five days" in page
    assert "tick “active” and save" in page


def test_the_buttons_of_the_page(client):
    webhook = make_webhook()
    make_delivery(webhook, state=DeliveryState.DEAD)
    former = webhook.secret

    tested = act(client, webhook, act="test")
    secret = act(client, webhook, act="secret")
    since = (NOW - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    again = act(client, webhook, act="replay", since=since)
    wrong = act(client, webhook, act="replay", since="2026-99-99T00:00")

    assert "The test is on its way" in tested
    assert "whsec_" in secret
    assert former not in secret
    assert "1 delivery is sent again" in again
    assert "Say since when" in wrong


def test_the_log_is_filtered_by_state_and_kind(client):
    dead = make_delivery(make_webhook(name="ERP"), state=DeliveryState.DEAD)
    make_delivery(make_webhook(name="Helpdesk"), state=DeliveryState.DELIVERED)

    page = client.get(reverse(LOG), {"state__exact": "dead", "kind": dead.kind})

    assert list(page.context["cl"].result_list) == [dead]


def test_deliveries_are_sent_again_from_the_log_and_from_their_page(client):
    one, two = (make_delivery(make_webhook(), state=DeliveryState.DEAD) for _ in "12")

    client.post(reverse(LOG), {"action": "replay", "_selected_action": [one.pk]})
    client.post(reverse("admin:customers_webhookdelivery_replay", args=[two.pk]))

    assert set(WebhookDelivery.objects.filter(state=DeliveryState.READY)) == {one, two}


def test_a_delivery_shows_its_tries_in_words(client):
    entry = {"at": NOW.isoformat(), "outcome": "too_slow", "status": None, "seconds": 15.0}
    delivery = make_delivery(make_webhook(), state=DeliveryState.FAILED, log=[entry])

    page = page_of(client, delivery).content.decode()

    assert str(PostOutcome.TOO_SLOW.label) in page
    assert "(&#x27;" not in page


def test_a_webhook_is_deleted_with_its_log(client):
    webhook = make_webhook()
    make_delivery(webhook, state=DeliveryState.DEAD)

    address = reverse("admin:customers_webhooksubscription_delete", args=[webhook.pk])
    asked = client.get(address)
    client.post(address, {"post": "yes"})

    assert asked.status_code == 200
    assert not WebhookSubscription.objects.exists()


def test_who_may_only_look_sees_names_and_no_buttons(client):
    client.force_login(make_user(role=Role.PRIVACY_OFFICER))
    webhook = make_webhook(kinds=["customers.order_placed"])

    page = page_of(client, webhook).content.decode()

    assert "Order placed" in page
    assert "Replace the secret" not in page
