"""Orders, carts, cases and answers as programs read them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common.enums import Scope
from common.models import AuditEntry, Export
from customers.enums import ContactChannel, OrderStatus
from customers.operations.cases import open_case
from tests.api import api_client
from tests.factories import NOW, make_customer, make_order

pytestmark = pytest.mark.django_db


def listed(path, *, scopes=(Scope.READ_CUSTOMERS,), **asked):
    return api_client(*scopes).get(f"/api/v1/{path}", asked)


def test_orders_are_listed_with_their_lines_by_customer_status_and_day():
    ana = make_customer(external_id="ana")
    make_order(ana, external_id="A-1", total="12.50")
    make_order(ana, external_id="A-2", status=OrderStatus.CANCELLED)
    make_order(external_id="B-1")

    found = listed("orders", customer="ana", status="placed", ordered_after=NOW.isoformat())

    (order,) = found.json()["results"]
    assert (order["external_id"], order["customer"], order["net_total"]) == ("A-1", "ana", "12.50")
    assert [line["total"] for line in order["lines"]] == ["12.50"]
    assert listed("orders/A-1").json() == order
    assert AuditEntry.objects.filter(action="customers.listed").count() == 1


def test_a_page_of_orders_costs_the_same_for_one_and_for_ten():
    program = api_client(Scope.READ_CUSTOMERS)
    # The first request also takes a share of the key's minute.
    program.get("/api/v1/orders")
    counts = []
    for wanted in (1, 10):
        for number in range(wanted):
            make_order(external_id=f"{wanted}-{number}")
        with CaptureQueriesContext(connection) as asked:
            program.get("/api/v1/orders")
        counts.append(len(asked))

    assert counts[0] == counts[1]


def test_orders_of_the_erased_are_not_told():
    order = make_order(external_id="A-1")
    type(order.customer).objects.filter(pk=order.customer_id).update(erased_at=NOW)

    assert listed("orders").json()["results"] == []
    assert listed("orders/A-1").status_code == 404


def test_cases_are_listed_by_status():
    ana = make_customer(external_id="ana")
    open_case(ana, channel=ContactChannel.CHAT, subject="Late", reference="c-1", at=NOW)

    assert [case["subject"] for case in listed("cases", status="open").json()["results"]] == [
        "Late"
    ]
    assert listed("cases", status="resolved").json()["results"] == []


@pytest.mark.parametrize("path", ["carts", "surveys"])
def test_carts_and_answers_have_lists(path):
    assert listed(path).json()["results"] == []
    assert listed(path, unknown="1").status_code == 422


@pytest.mark.parametrize("path", ["orders", "carts", "cases", "surveys"])
def test_whoever_only_writes_reads_no_list(path):
    assert listed(path, scopes=(Scope.WRITE_CUSTOMERS,)).status_code == 403


def test_orders_leave_as_a_file_for_a_reason():
    make_order(external_id="A-1")

    scopes = (Scope.READ_CUSTOMERS, Scope.EXPORT)
    refused = listed("orders", scopes=scopes, format="csv")
    answer = listed("orders", scopes=scopes, format="csv", reason="Audit of the year")

    assert refused.status_code == 422
    assert b"A-1" in answer.getvalue()
    assert Export.objects.get().reason == "Audit of the year"
