"""What several programs say of the same thing at the same moment."""

from common.enums import Scope
from customers.models import Customer, Event, Order
from tests.api import client_with
from tests.customers.test_api import order
from tests.factories import make_api_key, make_customer, make_product
from tests.races import at_once


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
