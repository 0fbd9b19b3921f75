"""What several programs say of the same thing at the same moment."""

import pytest
from django.db import connection

from common.enums import Scope
from consent.enums import Channel
from customers.enums import ContactChannel
from customers.models import Case, Customer, Event, Order
from customers.operations.cases import open_case
from tests.api import client_with
from tests.customers.test_api import order
from tests.factories import (
    NOW,
    make_api_key,
    make_choice,
    make_customer,
    make_order,
    make_product,
)
from tests.races import at_once, overlapping


def test_customer_put_by_many_at_once_is_one(real_db):
    _, credential = make_api_key(Scope.WRITE_CUSTOMERS)

    answers = at_once(
        *[lambda: client_with(credential).put("/api/v1/customers/ana", {"city": "Recife"})] * 8
    )

    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert Customer.objects.get().city == "Recife"
    assert Event.objects.count() == 1


def test_order_claimed_for_two_customers_at_once_belongs_to_one(real_db):
    make_product(sku="milk")
    make_product(sku="tea")
    names = [make_customer(external_id=f"c-{number}").external_id for number in range(6)]
    _, credential = make_api_key(Scope.WRITE_CUSTOMERS)

    answers = at_once(
        *[lambda name=name: order(client_with(credential), customer=name) for name in names]
    )

    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 5
    assert Order.objects.get().lines.count() == 2
    assert Event.objects.filter(kind="customers.order_placed").count() == 1


@pytest.mark.parametrize(
    "write",
    [lambda ana: make_choice(ana, channels=[Channel.EMAIL]), lambda ana: make_order(ana)],
)
def test_what_is_written_about_a_person_holds_up_nothing_else_about_them(real_db, write):
    ana = make_customer()

    def complain():
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '100ms'")
        return open_case(
            ana, channel=ContactChannel.PHONE, subject="Late", reference="call:1", at=NOW
        )

    _written, case = overlapping(lambda: write(ana), complain)

    assert isinstance(case, Case)
