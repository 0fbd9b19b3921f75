"""What this app shows on a customer's page."""

from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from common.templatetags.clientela import money, whole
from customers.models import Customer
from customers.rules import Headline, Panel, ProfileAction

ROWS = 8


def _orders(customer: Customer) -> dict[str, Any]:
    return {"orders": customer.orders.order_by("-ordered_at", "-id")[:ROWS]}


def _carts_and_cases(customer: Customer) -> dict[str, Any]:
    return {
        "carts": customer.carts.order_by("-changed_at")[:ROWS],
        "cases": customer.cases.order_by("-opened_at")[:ROWS],
    }


def _spend(customer: Customer) -> str:
    return money(customer.metrics.spend) if hasattr(customer, "metrics") else money("0")


def _order_count(customer: Customer) -> str:
    return whole(customer.metrics.order_count if hasattr(customer, "metrics") else 0)


def _last_order(customer: Customer) -> str:
    last = customer.metrics.last_order_at if hasattr(customer, "metrics") else None
    return date_format(localtime(last), "SHORT_DATE_FORMAT") if last else "—"


PANELS = [
    Panel(
        code="orders",
        title=_("Orders"),
        template="customers/panels/orders.html",
        context=_orders,
        order=10,
        permission="customers.view_order",
    ),
    Panel(
        code="cases",
        title=_("Carts and cases"),
        template="customers/panels/cases.html",
        context=_carts_and_cases,
        order=60,
        permission="customers.view_case",
    ),
]

HEADLINES = [
    Headline("spend", _("Spend"), _spend, order=10, permission="customers.view_order"),
    Headline("orders", _("Orders"), _order_count, order=20, permission="customers.view_order"),
    Headline("last_order", _("Last order"), _last_order, order=30),
]

PROFILE_ACTIONS = [
    ProfileAction(
        code="open_case",
        label=_("Open a case"),
        url_name="admin:customers_case_open",
        icon="support_agent",
        order=20,
        permission="customers.add_case",
    ),
    ProfileAction(
        code="edit",
        label=_("Edit"),
        url_name="admin:customers_customer_change",
        icon="edit",
        order=90,
        permission="customers.change_customer",
    ),
]
