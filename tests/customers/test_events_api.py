import json
from typing import Any

import pytest
from django.urls import reverse

from common.enums import Role, Scope
from customers.enums import Category, FieldType
from customers.models import DeclaredField, DeclaredKind, Event
from customers.operations.ingesting import COPY_FROM
from tests.api import api_client
from tests.factories import NOW, allow, make_choice, make_customer, make_product, make_user

pytestmark = pytest.mark.django_db

ADDRESS = "/api/v1/events"


def page(customer="ana", *, reference="view-1", kind="customers.page_viewed", **facts):
    told = {
        "kind": kind,
        "customer": customer,
        "reference": reference,
        "occurred_at": NOW.isoformat(),
        "data": {"page": "/coffee"},
    }
    return {name: value for name, value in {**told, **facts}.items() if value is not None}


def tell(*events, client=None):
    client = client or api_client(Scope.WRITE_CUSTOMERS)
    return client.post(ADDRESS, {"events": events})


def send(body: Any):
    return api_client().generic("POST", ADDRESS, body, content_type="application/json")


def told():
    events = Event.objects.filter(reference__startswith="api:").order_by("id")
    return list(events.values_list("kind", "customer__external_id", "data"))


def make_kind(*fields, category=Category.PURCHASE):
    kind = DeclaredKind.objects.create(
        code="shop.recipe_saved", label="Recipe saved", category=category
    )
    for name, field_type, required in fields:
        DeclaredField.objects.create(kind=kind, name=name, type=field_type, required=required)
    return kind


def test_behaviour_is_kept_with_the_customer_who_permits_it():
    allow(make_customer(external_id="ana"))

    answer = tell(page())

    assert answer.status_code == 200
    assert answer.json() == {"accepted": 1, "repeated": 0, "unnamed": 0, "errors": []}
    assert told() == [("customers.page_viewed", "ana", {"page": "/coffee"})]


def test_behaviour_without_permission_is_counted_and_nothing_else():
    make_customer(external_id="ana")
    bia = make_customer(external_id="bia")
    make_choice(bia, categories=[Category.SEARCH])

    answer = tell(page("ana"), page("bia", reference="view-2"), page(None, reference="view-3"))

    assert answer.json() == {"accepted": 3, "repeated": 0, "unnamed": 3, "errors": []}
    assert told() == [("customers.page_viewed", None, {})] * 3
    assert not Event.objects.filter(reference__contains="view").exists()


def test_what_needs_no_permission_is_kept_with_the_customer():
    make_customer(external_id="ana")
    make_kind()

    tell(page(kind="shop.recipe_saved", data={}))

    assert told() == [("shop.recipe_saved", "ana", {})]


@pytest.mark.parametrize("count", [2, COPY_FROM + 5])
def test_a_repeat_is_harmless(count):
    client = api_client(Scope.WRITE_CUSTOMERS)
    allow(make_customer(external_id="ana"))
    events = [page(reference=f"view-{number}") for number in range(count)]
    tell(*events[1:], client=client)

    answer = tell(*events, events[0], client=client)

    assert answer.json() == {"accepted": 1, "repeated": count, "unnamed": 0, "errors": []}
    assert len(told()) == count


def test_references_of_two_programs_do_not_meet():
    allow(make_customer(external_id="ana"))

    answers = [tell(page()).json()["accepted"] for _program in range(2)]

    assert answers == [1, 1]


def test_the_good_ones_of_a_batch_are_kept():
    allow(make_customer(external_id="ana"))
    wrong = [
        page(kind="customers.nobody_knows"),
        page(kind="customers.order_placed"),
        page("nobody"),
        page("no\0body"),
        page(occurred_at="2026-01-01T00:00:00"),
        page(occurred_at="2999-01-01T00:00:00Z"),
        page(occurred_at="0001-01-01T00:00:00+14:00"),
        page(data={}),
        page(data={"page": 1}),
        page(data={"page": "/", "more": 1}),
        page(data={"page": "/\0"}),
        page(data=[]),
        page(reference=""),
        page(colour="red"),
        7,
    ]

    answer = tell(*wrong, page(reference="good"))

    errors = answer.json().pop("errors")
    assert answer.status_code == 207
    assert answer.json()["accepted"] == 1
    assert [(error["code"], error["field"]) for error in errors] == [
        ("unknown_event_kind", "events.0.kind"),
        ("unknown_event_kind", "events.1.kind"),
        ("unknown", "events.2.customer"),
        ("unknown", "events.3.customer"),
        ("invalid", "events.4.occurred_at"),
        ("not_plausible", "events.5.occurred_at"),
        ("not_plausible", "events.6.occurred_at"),
        ("invalid", "events.7.data"),
        ("invalid", "events.8.data.page"),
        ("invalid", "events.9.data"),
        ("invalid", "events.10.data"),
        ("invalid", "events.11.data"),
        ("invalid", "events.12.reference"),
        ("invalid", "events.13"),
        ("invalid", "events.14"),
    ]
    assert len(told()) == 1


@pytest.mark.parametrize("count", [1, COPY_FROM])
def test_details_come_back_as_they_went(count):
    allow(make_customer(external_id="ana"))
    strange = 'a\\b "c"\ttab\nline \\N \\. 🦜 ç'

    tell(*(page(reference=f"{number}", data={"page": strange}) for number in range(count)))

    assert told() == [("customers.page_viewed", "ana", {"page": strange})] * count


@pytest.mark.parametrize("space", ["\n", "\t", "\r\n", " "])
def test_json_may_be_written_with_any_spaces(space):
    allow(make_customer(external_id="ana"))
    batch = {"events": [page(reference=f"{number}") for number in range(COPY_FROM)]}
    text = json.dumps(batch, indent=1).replace("\n", space)

    answer = send(text)

    assert answer.json()["accepted"] == COPY_FROM


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "parse_error"),
        (b"{", 400, "parse_error"),
        (b"\xff", 400, "parse_error"),
        (b'{"events": [{"data": "\\ud800"}]}', 400, "parse_error"),
        (b'{"events": [{"data": ' + b"[" * 100_000, 400, "parse_error"),
        (b"[]", 422, "invalid"),
        (b'{"events": []}', 422, "invalid"),
        (b'{"events": [' + b"1," * 1000 + b"1]}", 422, "invalid"),
        (b" " * 3_000_000, 413, "too_large"),
    ],
    ids=range(9),
)
def test_what_is_no_batch_is_refused_whole(body, status, code):
    answer = send(body)

    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_only_json_is_read_and_only_by_post():
    client = api_client(Scope.WRITE_CUSTOMERS)

    assert client.generic("POST", ADDRESS, "x", content_type="text/xml").status_code == 415
    assert client.get(ADDRESS).status_code == 405


def test_staff_declare_a_kind_and_programs_tell_it(client):
    client.force_login(make_user(role=Role.MARKETING))
    details = {"TOTAL_FORMS": 2, "INITIAL_FORMS": 0}
    rows = [
        {"name": "recipe", "type": FieldType.TEXT, "required": "on"},
        {"name": "portions", "type": FieldType.NUMBER},
    ]
    form: dict[str, Any] = {f"fields-{name}": value for name, value in details.items()}
    for number, row in enumerate(rows):
        form |= {f"fields-{number}-{name}": value for name, value in row.items()}
    facts = {"code": "shop.recipe_saved", "label": "Recipe saved", "category": "browsing"}
    client.post(reverse("admin:customers_declaredkind_add"), {**facts, **form})
    ana = allow(make_customer(external_id="ana"))

    answer = tell(
        page(kind="shop.recipe_saved", data={"recipe": "Feijoada", "portions": 4}),
        page(kind="shop.recipe_saved", data={"portions": 4}, reference="2"),
    )

    assert [error["field"] for error in answer.json()["errors"]] == ["events.1.data"]
    profile = client.get(reverse("admin:customers_customer_profile", args=[ana.pk]))
    assert "Recipe saved" in profile.content.decode()
    assert "Feijoada" in profile.content.decode()
    timeline = api_client().get("/api/v1/customers/ana/timeline").json()["results"]
    assert timeline[0]["sentence"] == "Feijoada"


@pytest.mark.parametrize("code", ["shop.Recipe", "recipe", "customers.order_placed", "shop.a\n"])
def test_a_kind_of_the_staff_cannot_take_the_name_of_ours(client, code):
    client.force_login(make_user(role=Role.MARKETING))
    form = {"code": code, "label": "X", "category": "browsing"}
    form |= {"fields-TOTAL_FORMS": 0, "fields-INITIAL_FORMS": 0}

    client.post(reverse("admin:customers_declaredkind_add"), form)

    assert not DeclaredKind.objects.exclude(code="shop.a").exists()


def test_a_detail_may_be_called_as_python_calls_something_else():
    make_customer(external_id="ana")
    make_kind(("class", FieldType.TEXT, True), ("if", FieldType.BOOLEAN, False))

    answer = tell(page(kind="shop.recipe_saved", data={"class": "A", "if": True}))

    assert answer.json()["accepted"] == 1


def view(sku, *, reference="view-1", customer="ana"):
    facts = {"kind": "customers.product_viewed", "data": {"sku": sku}}
    return page(customer, reference=reference, **facts)


def test_what_names_sensitive_goods_keeps_neither_customer_nor_details():
    allow(make_customer(external_id="ana"), using=[Category.BROWSING, Category.SEARCH])
    make_product(sku="test-1", name="Teste de gravidez")
    make_product(sku="milk-1", name="Milk")
    search = page(
        reference="search-1", kind="customers.searched", data={"words": "Teste de GRAVIDEZ"}
    )

    answer = tell(view("test-1"), view("milk-1", reference="view-2"), search)

    assert answer.json() == {"accepted": 3, "repeated": 0, "unnamed": 2, "errors": []}
    assert told() == [
        ("customers.product_viewed", None, {}),
        ("customers.product_viewed", "ana", {"sku": "milk-1"}),
        ("customers.searched", None, {}),
    ]


def test_whoever_allows_sensitive_data_is_kept_with_what_they_looked_at():
    allow(make_customer(external_id="ana"), using=[Category.BROWSING, Category.SENSITIVE])
    make_product(sku="test-1", name="Teste de gravidez")

    tell(view("test-1"))

    assert told() == [("customers.product_viewed", "ana", {"sku": "test-1"})]


def test_an_event_of_the_shops_own_that_names_sensitive_goods_is_held_to_the_same():
    make_customer(external_id="ana")
    make_kind(("category", FieldType.TEXT, False))
    saved = {"kind": "shop.recipe_saved", "customer": "ana"}

    tell(
        page(**{**saved, "data": {"category": "Farmácia > Emagrecimento"}}, reference="1"),
        page(**{**saved, "data": {"category": "Mercearia"}}, reference="2"),
        page(**{**saved, "data": {"category": "Emagrecimento"}, "customer": ""}, reference="3"),
    )

    assert told() == [
        ("shop.recipe_saved", None, {}),
        ("shop.recipe_saved", "ana", {"category": "Mercearia"}),
        ("shop.recipe_saved", None, {}),
    ]
