import pytest

from common.enums import Scope
from common.models import AuditEntry
from customers.models import AttributeDefinition, Customer
from customers.operations.attributes import retire_attribute
from tests.api import api_client
from tests.factories import NOW, make_attribute, make_customer

pytestmark = pytest.mark.django_db

SHOE = {
    "code": "shoe_size",
    "label": "Shoe size",
    "type": "number",
    "choices": [],
    "category": "demographic",
}


def put(**attributes):
    return api_client(Scope.WRITE_CUSTOMERS).put(
        "/api/v1/customers/ana", {"attributes": attributes}
    )


@pytest.fixture
def declared():
    make_attribute("shoe_size", type="number")
    make_attribute("tier", type="choice", choices=["Gold", "Silver"])
    make_attribute("member_since", type="date")
    make_attribute("teas", type="list")


def test_values_are_kept_in_one_form(declared):
    answer = put(shoe_size=38.0, tier="gold", member_since="31/12/2020", teas=["mate", "mate"])

    kept = {
        "shoe_size": 38,
        "tier": "Gold",
        "member_since": "2020-12-31",
        "teas": ["mate"],
    }
    assert answer.status_code == 201
    assert answer.json()["attributes"] == kept
    assert Customer.objects.get().attributes == kept


def test_what_is_not_named_stays_and_null_takes_away(declared):
    make_customer(external_id="ana", attributes={"shoe_size": 38, "tier": "Gold", "old": "x"})

    answer = put(shoe_size=None, teas=["mate"])

    # What nobody declared is kept, and shown to nobody.
    assert Customer.objects.get().attributes == {"tier": "Gold", "old": "x", "teas": ["mate"]}
    assert answer.json()["attributes"] == {"tier": "Gold", "teas": ["mate"]}


def test_every_wrong_value_is_named_in_its_place(declared):
    answer = put(hat_size=7, shoe_size="big", tier="Bronze", member_since="2020-12-31")

    assert answer.status_code == 422
    assert answer.json()["errors"] == [
        {
            "code": "unknown",
            "message": "There is no attribute with this name.",
            "field": "attributes.hat_size",
        },
        {
            "code": "not_number",
            "message": "This is not a number such as 1.234,50 or 1234.50.",
            "field": "attributes.shoe_size",
        },
        {
            "code": "not_one_of",
            "message": "This is not one of: Gold, Silver.",
            "field": "attributes.tier",
        },
    ]
    assert not Customer.objects.exists()


@pytest.mark.parametrize("wrong", [[], "shoe_size", 3])
def test_attributes_come_by_name(wrong):
    answer = api_client(Scope.WRITE_CUSTOMERS).put("/api/v1/customers/ana", {"attributes": wrong})

    assert (answer.status_code, answer.json()["field"]) == (422, "attributes")


def test_a_retired_attribute_is_unknown_and_its_values_are_not_shown(declared):
    make_customer(external_id="ana", attributes={"shoe_size": 38, "tier": "Gold"})
    retire_attribute(AttributeDefinition.objects.get(code="shoe_size"), by=None, at=NOW)

    shown = api_client(Scope.READ_CUSTOMERS).get("/api/v1/customers/ana").json()

    assert shown["attributes"] == {"tier": "Gold"}
    assert put(shoe_size=40).json()["field"] == "attributes.shoe_size"
    assert Customer.objects.get().attributes["shoe_size"] == 38


def test_attributes_are_declared_once():
    client = api_client(Scope.WRITE_CUSTOMERS)

    first = client.post("/api/v1/attributes", SHOE)
    again = client.post("/api/v1/attributes", SHOE)
    other = client.post("/api/v1/attributes", {**SHOE, "type": "text"})

    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 409)
    assert first.json() == again.json() == {**SHOE, "is_retired": False}
    assert other.json()["code"] == "attribute_exists"
    (entry,) = AuditEntry.objects.filter(action="customers.attribute_declared")
    assert entry.api_key is not None


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"code": "Shoe"}, "code"),
        ({"type": "colour"}, "type"),
        ({"type": "choice"}, "choices"),
        ({"type": "choice", "choices": ["a", ""]}, "choices.1"),
        ({"type": "choice", "choices": ["a|b"]}, "choices.0"),
        ({"category": "secret"}, "category"),
        ({"label": ""}, "label"),
    ],
)
def test_a_wrong_declaration_is_refused_where_it_is_wrong(facts, field):
    answer = api_client(Scope.WRITE_CUSTOMERS).post("/api/v1/attributes", {**SHOE, **facts})

    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert not AttributeDefinition.objects.exists()


def test_attributes_are_listed(declared):
    answer = api_client(Scope.READ_CUSTOMERS).get("/api/v1/attributes?type=choice")

    assert answer.json()["results"] == [
        {
            "code": "tier",
            "label": "Tier",
            "type": "choice",
            "choices": ["Gold", "Silver"],
            "category": "demographic",
            "is_retired": False,
        }
    ]
