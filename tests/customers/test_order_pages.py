"""An agent sees what came back of an order, and records a return or a cancellation."""

from decimal import Decimal

import pytest
from django.urls import reverse

from common.enums import Role
from common.models import AuditEntry
from customers.models import Order
from customers.rules.returns import Line
from loyalty.operations.orders import settle
from tests.factories import NOW, make_order, make_product, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent(client):
    client.force_login(make_user(role=Role.SUPPORT_AGENT))
    return client


@pytest.fixture
def order():
    lines = [
        Line(make_product(name="Tea").sku, Decimal(3), Decimal("20.00")),
        Line(make_product(name="Cheese").sku, Decimal("0.5"), Decimal("15.00")),
    ]
    order = make_order(lines=lines)
    settle([order.pk], at=NOW)
    return order


def return_page(order):
    return reverse("admin:customers_order_return", args=[order.pk])


def order_page(order):
    return reverse("admin:customers_order_change", args=[order.pk])


def confirmed(agent, order, typed):
    """Post as the page does: first to be shown what it does, then to do it."""
    shown = agent.post(return_page(order), typed).context
    again = {**typed, "seen": shown["seen"], "reference": shown["reference"]}
    return shown["effects"], agent.post(return_page(order), again, follow=True)


def test_agent_is_shown_what_a_return_does_and_then_records_it(agent, order):
    assert return_page(order) in agent.get(order_page(order)).content.decode()

    effects, done = confirmed(agent, order, {"line_1": "1", "line_2": ""})

    assert effects == [
        "R$\u00a06.67 to give back; R$\u00a028.33 of the order stand.",
        "7 points are taken back, as far as the customer still has them.",
    ]
    assert Order.objects.get().net_total == Decimal("28.33")
    assert AuditEntry.objects.filter(action="customers.order_lines_returned").count() == 1
    page = done.content.decode()
    assert "The return is recorded." in page
    assert "Partially returned" in page


def test_a_double_click_is_one_return(agent, order):
    typed = {"line_1": "1"}
    shown = agent.post(return_page(order), typed).context
    again = {**typed, "seen": shown["seen"], "reference": shown["reference"]}

    for _click in range(2):
        agent.post(return_page(order), again)

    assert Order.objects.get().returned_total == Decimal("6.67")


def test_what_was_changed_after_the_preview_is_shown_again(agent, order):
    shown = agent.post(return_page(order), {"line_1": "1"}).context

    answer = agent.post(return_page(order), {"line_1": "2", "seen": shown["seen"]})

    assert "R$\u00a013.33" in answer.context["effects"][0]
    assert Order.objects.get().returned_total == 0


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"line_1": "4"}, "less than or equal to 3"),
        ({"line_1": "-1"}, "greater than or equal to 0"),
        ({"line_1": "0"}, "Say of at least one line how much comes back."),
    ],
)
def test_what_cannot_come_back_is_refused_by_its_line(agent, order, typed, sentence):
    answer = agent.post(return_page(order), typed)

    assert sentence in answer.content.decode()
    assert "effects" not in answer.context
    assert Order.objects.get().returned_total == 0


def test_agent_cancels_an_order_after_being_shown_what_it_does(agent, order):
    address = reverse("admin:customers_order_cancel", args=[order.pk])
    shown = agent.get(address).content.decode()

    done = agent.post(address, follow=True)

    assert "35 points are taken back" in shown
    assert "The order is cancelled." in done.content.decode()
    assert return_page(order) not in done.content.decode()
    assert Order.objects.get().net_total == 0


def test_who_only_reads_is_offered_no_return(client, order):
    client.force_login(make_user(role=Role.ANALYST))

    assert return_page(order) not in client.get(order_page(order)).content.decode()


def test_an_order_page_asks_as_much_for_many_lines_as_for_few(
    agent, django_assert_max_num_queries
):
    sku = make_product().sku
    order = make_order(lines=[Line(sku, Decimal(1), Decimal(1))] * 40)

    with django_assert_max_num_queries(14):
        agent.get(order_page(order))
