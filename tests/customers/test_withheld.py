"""What programs are not told of a person who said no."""

import csv
from io import StringIO
from typing import Any

import pytest

from common.enums import Scope
from consent.enums import Act
from customers.catalogue import CATALOGUE
from customers.enums import Category
from customers.exports import CUSTOMERS
from customers.models import Customer, CustomerMetrics, DeclaredKind
from customers.operations.timeline import record_event
from customers.queries.timeline import event_kinds
from customers.serializers.people import ALWAYS_TOLD, CustomerSerializer, MetricsSerializer
from tests.api import api_client
from tests.factories import NOW, allow, make_attribute, make_choice, make_customer, make_order

pytestmark = pytest.mark.django_db

ADDRESS = "/api/v1/customers"


def told(external_id="ana"):
    return api_client(Scope.READ_CUSTOMERS).get(f"{ADDRESS}/{external_id}").json()


def object_to(customer, *categories):
    make_choice(customer, act=Act.OBJECTED, purpose="transactional", categories=categories)


def named(model, *categories):
    return {
        name
        for described in CATALOGUE
        if described.model is model
        for name, category in described.named()
        if category in categories
    }


def test_nothing_is_withheld_from_who_said_nothing():
    make_customer(external_id="ana", email="ana@mail.example")

    assert (told()["email"], told()["withheld"]) == ("ana@mail.example", [])


@pytest.mark.parametrize("category", list(Category), ids=lambda category: category.value)
def test_every_field_of_a_category_that_was_refused_is_null_and_named(category):
    """Walks the serializer: a field of the catalogue that is shown cannot be forgotten here."""
    customer = make_customer(external_id="ana", email="ana@mail.example", city="Porto")
    make_order(customer)
    before = told()
    object_to(customer, category)

    after = told()

    facts = (set(CustomerSerializer().fields) & named(Customer, category)) - ALWAYS_TOLD
    metrics = set(MetricsSerializer.Meta.fields) & named(CustomerMetrics, category)
    assert set(after["withheld"]) == facts | {f"metrics.{name}" for name in metrics}
    assert {name for name in facts if after[name] is not None} == set()
    assert {name for name in metrics if after["metrics"][name] is not None} == set()
    others = before.keys() - facts - {"metrics", "withheld"}
    assert {name: after[name] for name in others} == {name: before[name] for name in others}


def test_every_field_is_of_a_category_or_always_told():
    shown = set(CustomerSerializer().fields) - ALWAYS_TOLD - {"withheld"}

    assert shown - named(Customer, *Category) == set()
    assert set(MetricsSerializer.Meta.fields) - named(CustomerMetrics, *Category) == set()


def test_sensitive_attributes_are_told_of_those_alone_who_allow_sensitive_data():
    make_attribute("allergies", category=Category.SENSITIVE)
    make_attribute("shoe_size")
    values = {"allergies": 3, "shoe_size": 38}
    make_customer(external_id="shy", attributes=values)
    allow(make_customer(external_id="open", attributes=values), using=[Category.SENSITIVE])

    shy, open_ = told("shy"), told("open")

    assert (shy["attributes"], shy["withheld"]) == (
        {"allergies": None, "shoe_size": 38},
        ["attributes.allergies"],
    )
    assert (open_["attributes"], open_["withheld"]) == (values, [])


def test_a_list_withholds_row_by_row():
    client = api_client(Scope.READ_CUSTOMERS)
    for number in range(3):
        object_to(make_customer(external_id=f"c-{number}"), Category.CONTACT)
    client.get(ADDRESS)

    answer = client.get(ADDRESS)

    assert [row["email"] for row in answer.json()["results"]] == [None] * 3


def test_the_answer_to_a_change_withholds_as_well():
    object_to(make_customer(external_id="ana"), Category.CONTACT)
    client = api_client(Scope.WRITE_CUSTOMERS)

    answer = client.put(f"{ADDRESS}/ana", {"email": "ana@mail.example"})

    assert answer.json()["email"] is None
    assert Customer.objects.get(external_id="ana").email == "ana@mail.example"


def row_of_file(path="customers"):
    answer: Any = api_client(Scope.READ_CUSTOMERS, Scope.EXPORT).get(
        f"/api/v1/{path}", {"format": "csv", "reason": "Test"}
    )
    [row] = csv.DictReader(StringIO(b"".join(answer.streaming_content).decode()))
    return row


@pytest.mark.parametrize("category", list(Category), ids=lambda category: category.value)
def test_a_file_withholds_what_a_page_withholds(category):
    facts: dict[str, Any] = {
        "email": "ana@mail.example",
        "phone": "+5511987654321",
        "city": "Porto",
    }
    customer = make_customer(external_id="ana", first_name="Ana", **facts)
    make_order(customer)
    before = row_of_file()
    object_to(customer, category)

    after = row_of_file()

    names = {str(column.label): column.reads[0] for column in CUSTOMERS.columns()}
    shown = {name for name, text in before.items() if text}
    withheld = {path.replace(".", "__") for path in told()["withheld"]}
    assert {name for name in shown if not after[name]} == {
        name for name in shown if names[name] in withheld
    }
    assert {name: after[name] for name in shown if names[name] not in withheld} == {
        name: before[name] for name in shown if names[name] not in withheld
    }


def test_a_file_withholds_sensitive_attributes_row_by_row():
    make_attribute("allergies", label="Allergies", category=Category.SENSITIVE)
    customer = make_customer(attributes={"allergies": 3})
    before = row_of_file()["Allergies"]

    allow(customer, using=[Category.SENSITIVE])

    assert (before, row_of_file()["Allergies"]) == ("", "3")


def test_files_of_orders_withhold_the_name_of_who_hides_it():
    customer = make_customer(external_id="ana", first_name="Ana", last_name="Reis")
    make_order(customer)
    before = row_of_file("orders")["Customer"]
    object_to(customer, Category.IDENTITY)

    after = row_of_file("orders")

    assert before == "Ana Reis"
    assert (after["Customer"], after["Customer number"]) == ("", "ana")


def test_the_timeline_withholds_what_happened_of_a_category_that_was_refused():
    """Walks the kinds: whatever is declared is told until its category is refused."""
    ana, bia = make_customer(external_id="ana"), make_customer(external_id="bia")
    kinds = {code: kind for code, kind in event_kinds().items() if code != "customers.registered"}
    for customer in (ana, bia):
        allow(customer, using=[Category.SENSITIVE])
        for code in kinds:
            record_event(customer, kind=code, at=NOW, reference=f"{code}:{customer.pk}:test")
    client = api_client(Scope.READ_CUSTOMERS)

    def told_kinds(external_id):
        answer = client.get(f"{ADDRESS}/{external_id}/timeline", {"page_size": 100}).json()
        return {row["kind"] for row in answer["results"]} & kinds.keys()

    assert told_kinds("ana") == kinds.keys()
    for category in (Category.BROWSING, Category.PURCHASE, Category.CONTACT):
        before = told_kinds("ana")
        object_to(ana, category)
        assert told_kinds("ana") == {it for it in before if kinds[it].category != category}
    assert told_kinds("bia") == kinds.keys()


def test_a_file_of_the_timeline_withholds_as_well():
    ana = make_customer(external_id="ana")
    DeclaredKind.objects.create(code="shop.saved", label="Saved a page", category="browsing")
    for kind in ("customers.page_viewed", "shop.saved", "customers.case_opened"):
        record_event(ana, kind=kind, at=NOW, reference=kind)
    object_to(ana, Category.BROWSING)

    answer: Any = api_client(Scope.READ_CUSTOMERS, Scope.EXPORT).get(
        f"{ADDRESS}/ana/timeline", {"format": "csv", "reason": "Test"}
    )

    content = b"".join(answer.streaming_content).decode()
    assert "Case opened" in content
    assert "Page viewed" not in content
    assert "Saved a page" not in content
