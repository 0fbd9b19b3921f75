"""What administrators see of the readers of the timeline."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse

from common.enums import Role
from common.models import AuditEntry
from customers.models import ConsumerFault, ConsumerPosition, Event
from loyalty.consumers import ORDERS_READER
from tests.factories import NOW, make_customer, make_order, make_user

pytestmark = pytest.mark.django_db

CONSUMERS = reverse("admin:customers_consumerposition_changelist")
FAULTS = reverse("admin:customers_consumerfault_changelist")


@pytest.fixture(autouse=True)
def _nothing_is_remembered():
    cache.clear()


@pytest.fixture
def admin(client):
    client.force_login(make_user(role=Role.ADMINISTRATOR))
    return client


def reader(**facts) -> ConsumerPosition:
    return ConsumerPosition.objects.create(name=ORDERS_READER.name, **{"updated_at": NOW, **facts})


def fault_of(order) -> ConsumerFault:
    event = Event.objects.get(kind="customers.order_placed", data__order_id=order.pk)
    return ConsumerFault.objects.create(
        consumer=reader(),
        generation=event.generation,
        xid=event.xid,
        event_id=event.pk,
        kind=event.kind,
        error="KeyError: 'order_id'",
        at=NOW,
    )


def troubles(client) -> list[str]:
    states = client.get("/admin/").context["states"]
    return next(state["troubles"] for state in states if state["label"] == "Consumers")


def run(client, page, action, record):
    return client.post(page, {"action": action, "_selected_action": [record.pk]}, follow=True)


def test_the_list_says_what_a_consumer_does_and_what_it_failed_at(admin):
    reader(failures=2, error="KeyError: 'order_id'", retry_at=NOW + timedelta(minutes=1))
    make_order()

    page = admin.get(CONSUMERS).content.decode()

    assert "Points and tiers follow the orders" in page
    assert "loyalty.orders</" not in page
    assert "Fails" in page
    assert "KeyError: &#x27;order_id&#x27;" in page


def test_trying_again_is_a_click_and_is_audited(admin):
    waiting = reader(failures=2, retry_at=NOW + timedelta(days=9999))

    run(admin, CONSUMERS, "wake", waiting)

    waiting.refresh_from_db()
    assert waiting.retry_at is None
    assert AuditEntry.objects.filter(action="customers.consumer_woken").count() == 1


def test_an_event_set_aside_is_replayed_from_its_list(admin):
    fault = fault_of(make_order(make_customer(), total="80.00"))

    page = run(admin, FAULTS, "replay", fault).content.decode()

    fault.refresh_from_db()
    assert "1 event was replayed." in page
    assert fault.replayed_at
    assert fault.consumer.faults.filter(replayed_at=None).count() == 0


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({}, []),
        ({"failures": 1}, ["Points and tiers follow the orders: failing"]),
    ],
)
def test_the_dashboard_tells_administrators_when_a_consumer_fails(admin, facts, said):
    reader(**facts)

    assert troubles(admin) == said


def test_the_dashboard_tells_when_a_consumer_is_far_behind(admin):
    Event.objects.create(
        kind="customers.case_opened", occurred_at=NOW, recorded_at=NOW, reference="case:1"
    )
    reader()

    assert troubles(admin) == ["Points and tiers follow the orders: behind"]


def test_the_state_of_the_system_is_not_shown_to_others(client):
    client.force_login(make_user(role=Role.MARKETING))

    assert "states" not in client.get("/admin/").context


def test_the_probe_reports_a_consumer_that_fails_and_goes_on_serving(client):
    reader(failures=1)

    answer = client.get("/health/ready")

    assert (answer.status_code, answer.json()["consumers"]) == (200, "trouble")
