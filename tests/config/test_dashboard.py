from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from common.enums import Role
from consent.queries.reach_in_words import Line
from customers.enums import OrderStatus
from customers.queries.figures import sales, sales_by_week
from tests.factories import NOW, allow, make_apology, make_customer, make_order, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_is_remembered():
    cache.clear()


def figures(client, role):
    client.force_login(make_user(role=role))
    answer = client.get("/admin/")
    return {figure["label"]: figure["value"] for figure in answer.context["figures"]}


def test_the_dashboard_counts_what_happened(client):
    customer = make_customer()
    allow(make_customer())
    make_order(customer, total="150.50", ordered_at=now() - timedelta(days=3))
    make_order(customer, total="99.00", ordered_at=now() - timedelta(days=40))

    shown = figures(client, Role.ANALYST)

    assert shown["Customers"] == "2"
    assert shown["Reachable by e-mail"] == "1"
    assert shown["Orders in 30 days"] == "1"
    assert shown["Revenue in 30 days"] == "R$\u00a0150.50"


def test_the_dashboard_leads_to_why_the_others_cannot_be_reached(client):
    allow(make_customer())
    make_customer(email="")
    client.force_login(make_user(role=Role.ANALYST))
    shown = client.get("/admin/").context["figures"]
    (link,) = (figure["link"] for figure in shown if figure["label"] == "Reachable by e-mail")

    answer = client.get(link)

    ask_for_it = "Ask for the address at the next order."
    assert answer.context["lines"] == [
        Line("Customers", "< 10", 100),
        Line("No address for the channel", "< 10", 100, [ask_for_it]),
        Line("Reachable by E-mail", "1", 50),
    ]
    assert client.get(link, {"purpose": "none"}).status_code == 404


def test_the_dashboard_shows_each_role_its_own(client):
    assert "Open cases" in figures(client, Role.SUPPORT_AGENT)
    assert "Campaigns planned or running" not in figures(client, Role.SUPPORT_AGENT)


def test_the_dashboard_offers_only_what_one_may_do(client):
    client.force_login(make_user(role=Role.ANALYST))

    assert client.get("/admin/").context["starts"] == []


def test_the_dashboard_of_an_empty_shop_says_how_to_start(client):
    client.force_login(make_user(role=Role.MARKETING))

    assert "No orders in the last thirteen weeks" in client.get("/admin/").content.decode()


def test_the_dashboard_asks_as_much_for_many_as_for_few(client):
    client.force_login(make_user(role=Role.ADMINISTRATOR))
    make_order()
    # What a process remembers for good is known after the first page, whatever ran before.
    asked(client)
    for_few = asked(client)
    for _ in range(20):
        make_order()

    assert asked(client) == for_few
    assert for_few <= 26


def asked(client) -> int:
    """Return how many queries the first page needs when no figure is remembered."""
    cache.clear()
    with CaptureQueriesContext(connection) as queries:
        client.get("/admin/")
    return len(queries)


def test_the_sidebar_tells_how_many_apologies_wait(client):
    make_apology(agent=make_user(apology_limit=10), amount="80.00")
    client.force_login(make_user(is_superuser=True))

    items = client.get("/admin/").context["sidebar_navigation"]

    badges = [item["badge"] for section in items for item in section["items"] if "badge" in item]
    assert badges == [1]


def test_sales_leave_out_what_was_cancelled_or_returned():
    make_order(total="10.00")
    make_order(total="20.00", status=OrderStatus.CANCELLED)
    make_order(total="40.00", status=OrderStatus.RETURNED)

    assert sales(since=NOW - timedelta(days=1)).revenue == Decimal("10.00")


def test_sales_by_week_begin_on_monday_by_the_shops_clock():
    # 2 March 2026 is a Monday. In São Paulo, 02:30 UTC is still Sunday evening.
    make_order(total="10.00", ordered_at=NOW.replace(hour=2, minute=30))
    make_order(total="20.00", ordered_at=NOW.replace(hour=3, minute=30))

    weeks = sales_by_week(at=NOW, weeks=3)

    assert [(week.since.isoformat(), week.orders, week.revenue) for week in weeks] == [
        ("2026-02-16", 0, Decimal(0)),
        ("2026-02-23", 1, Decimal("10.00")),
        ("2026-03-02", 1, Decimal("20.00")),
    ]
