from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from common.enums import Scope
from common.models import AuditEntry
from customers.enums import OrderStatus, Stage
from customers.models import Customer, Event, Order
from tests.api import api_client
from tests.factories import NOW, make_customer, make_order, make_product

pytestmark = pytest.mark.django_db


def audited() -> list[tuple[str, int | None, list[str]]]:
    entries = AuditEntry.objects.filter(api_key__isnull=False).order_by("id")
    return [(entry.action, entry.subject_id, entry.fields) for entry in entries]


# Reading


def test_list_shows_who_came_last_first():
    for external_id in ("ana", "bia", "caio"):
        make_customer(external_id=external_id)

    answer = api_client(Scope.READ_CUSTOMERS).get("/api/v1/customers")

    assert [row["external_id"] for row in answer.json()["results"]] == ["caio", "bia", "ana"]
    assert answer.json()["next"] is None


def test_list_goes_on_where_it_was_while_others_come_in():
    client = api_client(Scope.READ_CUSTOMERS)
    for external_id in ("ana", "bia", "caio"):
        make_customer(external_id=external_id)
    first = client.get("/api/v1/customers?page_size=2").json()
    make_customer(external_id="dora")

    second = client.get(first["next"]).json()

    assert [row["external_id"] for row in first["results"]] == ["caio", "bia"]
    assert [row["external_id"] for row in second["results"]] == ["ana"]
    assert second["next"] is None


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("email=%20ANA@Mail.example", ["ana"]),
        ("phone=%2B5511987654321", ["ana"]),
        ("external_id=bia", ["bia"]),
        ("city=Recife", ["bia"]),
        ("country=BR", ["bia", "ana"]),
        ("country=BR&city=Recife", ["bia"]),
        ("stage=lapsed", []),
        ("registered_after=2026-02-01T03:00:00Z", ["bia"]),
        ("registered_before=2026-02-01", ["ana"]),  # midnight where the shop is
    ],
)
def test_list_is_filtered(query, found):
    make_customer(
        external_id="ana",
        email="ana@mail.example",
        phone="+5511987654321",
        country="BR",
        registered_at=datetime(2026, 2, 1, 2, tzinfo=UTC),
    )
    make_customer(
        external_id="bia",
        country="BR",
        city="Recife",
        registered_at=datetime(2026, 2, 1, 3, tzinfo=UTC),
    )

    answer = api_client(Scope.READ_CUSTOMERS).get(f"/api/v1/customers?{query}")

    assert [row["external_id"] for row in answer.json()["results"]] == found


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("emial=ana@mail.example", "emial"),
        ("registered_after=yesterday", "registered_after"),
        ("stage=none", "stage"),
        ("page_size=0", "page_size"),
        ("page_size=501", "page_size"),
        ("page_size=99999999999999999999", "page_size"),
        ("cursor=forged", "cursor"),
        ("email=a%00b", "email"),
    ],
)
def test_wrong_filter_is_refused_by_name(query, field):
    answer = api_client(Scope.READ_CUSTOMERS).get(f"/api/v1/customers?{query}")

    assert answer.status_code == 422
    assert answer.json()["field"] == field


def test_list_costs_the_same_for_one_and_for_many(django_assert_num_queries):
    client = api_client(Scope.READ_CUSTOMERS)
    for _ in range(30):
        make_order()

    # Key, its last use, throttle; the page; what is withheld, for which purpose; the audit entry.
    with django_assert_num_queries(7):
        answer = client.get("/api/v1/customers")

    assert len(answer.json()["results"]) == 30


def test_list_leaves_one_audit_entry_without_values():
    make_customer(email="ana@mail.example")

    api_client(Scope.READ_CUSTOMERS).get("/api/v1/customers?email=ana@mail.example")

    assert audited() == [("customers.listed", None, ["email"])]


def test_profile_shows_the_allowed_fields_alone():
    customer = make_customer(
        external_id="ana", email="ana@mail.example", birth_date=date(1990, 5, 1), country="BR"
    )
    make_order(customer, total="120.50")

    answer = api_client(Scope.READ_CUSTOMERS).get("/api/v1/customers/ana")

    assert answer.json() == {
        "external_id": "ana",
        "email": "ana@mail.example",
        "phone": "",
        "tax_id": "",
        "first_name": "Ana",
        "last_name": "Souza",
        "birth_date": "1990-05-01",
        "gender": "",
        "language": "",
        "timezone": "",
        "country": "BR",
        "state": "",
        "city": "",
        "postal_code": "",
        "stage": "customer",
        "interests": [],
        "tags": [],
        "attributes": {},
        "registered_at": "2026-03-02T09:00:00-03:00",
        "updated_at": "2026-03-02T09:00:00-03:00",
        "metrics": {
            "order_count": 1,
            "spend": "120.50",
            "average": "120.50",
            "first_order_at": "2026-03-02T09:00:00-03:00",
            "last_order_at": "2026-03-02T09:00:00-03:00",
            "days_between_orders": None,
            "last_seen_at": "2026-03-02T09:00:00-03:00",
            "last_open_at": None,
            "last_click_at": None,
            "rfm_group": None,
            "year_spend": None,
            "growth_potential": None,
            "growth_share": None,
            "buys": [],
        },
        "withheld": [],
    }
    assert audited() == [("customers.viewed", customer.pk, [])]


def test_profile_without_an_order_has_no_metrics():
    make_customer(external_id="ana")

    answer = api_client(Scope.READ_CUSTOMERS).get("/api/v1/customers/ana")

    assert answer.json()["metrics"] is None


@pytest.mark.parametrize("external_id", ["nobody", "erased", "a%00b", "x" * 65])
def test_unknown_and_erased_profiles_are_not_found(external_id):
    make_customer(external_id="erased", erased_at=NOW)

    answer = api_client(Scope.READ_CUSTOMERS).get(f"/api/v1/customers/{external_id}")

    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"


# Writing a profile


def put(external_id: str = "ana", **facts):
    return api_client(Scope.WRITE_CUSTOMERS).put(f"/api/v1/customers/{external_id}", facts)


def test_put_creates_a_customer_with_normal_addresses():
    answer = put(email=" Ana@BÜCHER.example ", phone="(11) 98765-4321", country="br")

    ana = Customer.objects.get()
    assert answer.status_code == 201
    assert (ana.external_id, ana.email) == ("ana", "ana@xn--bcher-kva.example")
    assert (ana.phone, ana.country, ana.stage) == ("+5511987654321", "BR", Stage.PROSPECT)
    assert ana.email_hash
    assert Event.objects.get().kind == "customers.registered"
    assert audited() == [("customers.created", ana.pk, ["country", "email", "phone"])]


def test_put_changes_what_is_said_and_leaves_the_rest():
    ana = make_customer(external_id="ana", city="Recife", state="PE", interests=["tea"])

    answer = put(city="Olinda", interests=[])

    ana.refresh_from_db()
    assert answer.status_code == 200
    assert (ana.city, ana.state, ana.first_name, ana.interests) == ("Olinda", "PE", "Ana", [])
    assert audited() == [("customers.changed", ana.pk, ["city", "interests"])]


def test_put_again_changes_nothing():
    put(email="ana@mail.example")

    answer = put(email="ana@mail.example")

    assert answer.status_code == 200
    assert Event.objects.count() == 1


def test_put_ignores_what_a_program_may_not_set():
    put(stage="customer", erased_at="2026-01-01T00:00:00Z", id=7)

    ana = Customer.objects.get()
    assert (ana.stage, ana.erased_at) == (Stage.PROSPECT, None)


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("email", "ana", "invalid"),
        ("phone", "123", "not_a_phone"),
        ("country", "Brazil", "invalid"),
        ("timezone", "Recife", "invalid"),
        ("birth_date", "2999-01-01", "invalid"),
        ("birth_date", "31/12/1990", "invalid"),
        ("gender", "x", "invalid_choice"),
        ("language", "português", "invalid"),
        ("first_name", "x" * 101, "max_length"),
        ("first_name", "a\0b", "null_characters_not_allowed"),
        ("interests", "tea", "not_a_list"),
        ("registered_at", "0001-01-01T00:00:00+14:00", "overflow"),
    ],
)
def test_wrong_fact_is_refused_by_field(field, value, code):
    answer = put(**{field: value})

    assert answer.status_code == 422
    assert (answer.json()["field"], answer.json()["code"]) == (field, code)
    assert not Customer.objects.exists()


def test_half_a_character_is_refused():
    answer = api_client(Scope.WRITE_CUSTOMERS).put(
        "/api/v1/customers/ana", r'{"city": "\ud800"}', content_type="application/json"
    )

    assert (answer.status_code, answer.json()["field"]) == (422, "city")


def test_all_wrong_facts_are_told_at_once():
    answer = put(email="ana", phone="123", interests=["ok", "x" * 65])

    assert [wrong["field"] for wrong in answer.json()["errors"]] == [
        "email",
        "phone",
        "interests.1",
    ]


def test_erased_customer_does_not_come_back():
    make_customer(external_id="ana", erased_at=NOW)

    answer = put(email="ana@mail.example")

    assert answer.status_code == 409
    assert answer.json()["code"] == "customer_erased"


# Timeline


def test_timeline_tells_what_happened_newest_first_in_the_language_asked_for():
    ana = make_customer(external_id="ana", at=datetime(2026, 1, 1, 12, tzinfo=UTC))
    make_order(
        ana, external_id="A-1", total="50.00", ordered_at=datetime(2026, 2, 1, 12, tzinfo=UTC)
    )

    answer = api_client(Scope.READ_CUSTOMERS).get("/api/v1/customers/ana/timeline")

    assert [
        (event["kind"], event["occurred_at"][:10], event["details"])
        for event in answer.json()["results"]
    ] == [
        ("customers.order_placed", "2026-02-01", {"order": "A-1", "total": "50.00"}),
        ("customers.registered", "2026-01-01", {}),
    ]
    assert answer.json()["results"][1]["sentence"] == "Became known to the shop"
    assert audited() == [("customers.viewed", ana.pk, ["timeline"])]


def test_timeline_pages_through_events_of_the_same_moment():
    ana = make_customer(external_id="ana")
    for number in range(5):
        make_order(ana, external_id=f"A-{number}")
    client = api_client(Scope.READ_CUSTOMERS)

    seen, address = [], "/api/v1/customers/ana/timeline?page_size=2&kind=customers.order_placed"
    while address:
        page = client.get(address).json()
        seen += [event["details"]["order"] for event in page["results"]]
        address = page["next"]

    assert seen == ["A-4", "A-3", "A-2", "A-1", "A-0"]


def test_timeline_costs_the_same_for_one_and_for_many(django_assert_num_queries):
    ana = make_customer(external_id="ana")
    client = api_client(Scope.READ_CUSTOMERS)
    for _ in range(20):
        make_order(ana)

    # Key, its last use, throttle; customer, what is withheld of theirs (2), page; the audit entry.
    with django_assert_num_queries(8):
        client.get("/api/v1/customers/ana/timeline")


# Orders


def order(client=None, **facts):
    told = {
        "external_id": "A-1",
        "customer": "ana",
        "ordered_at": "2026-03-01T10:00:00-03:00",
        "lines": [
            {"sku": "milk", "quantity": "2", "total": "9.80"},
            {"sku": "tea", "quantity": "0.250", "total": "10.20", "discount": "1.00"},
        ],
    }
    client = client or api_client(Scope.WRITE_CUSTOMERS)
    return client.post("/api/v1/orders", {**told, **facts})


@pytest.fixture
def ana(db) -> Customer:
    make_product(sku="milk")
    make_product(sku="tea")
    return make_customer(external_id="ana")


def test_order_is_recorded_with_its_lines_and_metrics(ana):
    answer = order()

    assert answer.status_code == 201
    assert answer.json() == {
        "external_id": "A-1",
        "customer": "ana",
        "ordered_at": "2026-03-01T10:00:00-03:00",
        "status": "placed",
        "store": "",
        "lines": [
            {
                "number": 1,
                "sku": "milk",
                "quantity": "2.000",
                "total": "9.80",
                "discount": "0.00",
                "returned_quantity": "0.000",
                "returned_total": "0.00",
            },
            {
                "number": 2,
                "sku": "tea",
                "quantity": "0.250",
                "total": "10.20",
                "discount": "1.00",
                "returned_quantity": "0.000",
                "returned_total": "0.00",
            },
        ],
        "total": "20.00",
        "discount": "1.00",
        "returned_total": "0.00",
        "net_total": "20.00",
    }
    ana.refresh_from_db()
    assert (ana.stage, ana.metrics.spend) == (Stage.CUSTOMER, Decimal("20.00"))
    assert audited() == [("customers.order_recorded", ana.pk, [])]


def test_order_told_again_is_the_same_order(ana):
    order()

    again = order()

    assert again.status_code == 200
    assert Order.objects.count() == 1
    assert ana.metrics.order_count == 1
    assert Event.objects.filter(kind="customers.order_placed").count() == 1


def test_order_told_with_a_new_status_is_brought_up_to_date(ana):
    order()

    answer = order(status="returned")

    assert answer.json()["status"] == OrderStatus.RETURNED
    assert ana.metrics.spend == 0
    assert Event.objects.filter(kind="customers.order_returned").count() == 1


@pytest.mark.parametrize(
    ("facts", "field", "code"),
    [
        ({"customer": "nobody"}, "customer", "unknown"),
        ({"customer": None}, "customer", "null"),
        ({"lines": []}, "lines", "empty"),
        (
            {"lines": [{"sku": "cheese", "quantity": 1, "total": 1}]},
            "lines.0.sku",
            "unknown_product",
        ),
        ({"lines": [{"sku": "milk", "quantity": 0, "total": 1}]}, "lines.0.quantity", "min_value"),
        ({"lines": [{"sku": "milk", "quantity": 1, "total": -1}]}, "lines.0.total", "min_value"),
        (
            {"lines": [{"sku": "milk", "quantity": 1, "total": "999999999999.99"}] * 2},
            "lines",
            "invalid",
        ),
        ({"lines": [{"sku": "milk", "quantity": 1, "total": 1}] * 1001}, "lines", "max_length"),
        ({"status": "lost"}, "status", "invalid_choice"),
        ({"status": "partially_returned"}, "lines", "status_contradicted"),
        (
            {"lines": [{"sku": "milk", "quantity": 1, "total": 1, "returned_quantity": 2}]},
            "lines.0.returned_quantity",
            "more_than_was_bought",
        ),
        (
            {"lines": [{"sku": "milk", "quantity": 1, "total": 1, "returned_quantity": -1}]},
            "lines.0.returned_quantity",
            "min_value",
        ),
        ({"ordered_at": "yesterday"}, "ordered_at", "invalid"),
        ({"external_id": ""}, "external_id", "blank"),
        ({"store": "a\0"}, "store", "null_characters_not_allowed"),
    ],
)
def test_wrong_order_is_refused_by_field(ana, facts, field, code):
    answer = order(**facts)

    assert answer.status_code == 422
    assert (answer.json()["field"], answer.json()["code"]) == (field, code)
    assert not Order.objects.exists()


def test_order_says_in_its_lines_what_came_back(ana):
    order()

    answer = order(
        lines=[
            {"sku": "milk", "quantity": "2", "total": "9.80", "returned_quantity": "1"},
            {"sku": "tea", "quantity": "0.250", "total": "10.20", "discount": "1.00"},
        ]
    ).json()

    assert [line["returned_total"] for line in answer["lines"]] == ["4.90", "0.00"]
    assert [answer[name] for name in ("status", "total", "returned_total", "net_total")] == [
        "partially_returned",
        "20.00",
        "4.90",
        "15.10",
    ]


def returns(*lines, reference="rma-1", number="A-1"):
    client = api_client(Scope.WRITE_CUSTOMERS)
    told = [{"line": line, "quantity": quantity} for line, quantity in lines]
    return client.post(f"/api/v1/orders/{number}/returns", {"reference": reference, "lines": told})


def test_lines_come_back_once_a_reference(ana):
    order()

    answers = [returns((1, "1"), (2, "0.1")), returns((1, "1"), (2, "0.1"))]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert [answer.json()["net_total"] for answer in answers] == ["11.02", "11.02"]
    assert ana.metrics.spend == Decimal("11.02")
    assert audited()[-1] == ("customers.order_lines_returned", ana.pk, [])


@pytest.mark.parametrize(
    ("lines", "field", "code"),
    [
        ([(1, "2.5")], "lines.0.quantity", "more_than_was_bought"),
        ([(1, "1"), (3, "1")], "lines.1.line", "no_such_line"),
        ([(1, "0")], "lines.0.quantity", "min_value"),
        ([], "lines", "empty"),
    ],
)
def test_wrong_return_is_refused_by_field(ana, lines, field, code):
    order()

    answer = returns(*lines)

    assert answer.status_code == 422
    assert (answer.json()["field"], answer.json()["code"]) == (field, code)
    assert Order.objects.get().status == OrderStatus.PLACED


def test_nothing_comes_back_of_an_order_that_is_cancelled_or_unknown(ana):
    order()
    client = api_client(Scope.WRITE_CUSTOMERS)

    cancelled = [client.post("/api/v1/orders/A-1/cancel") for _ in range(2)]

    assert [(answer.status_code, answer.json()["status"]) for answer in cancelled] == [
        (200, "cancelled")
    ] * 2
    refused = returns((1, "1"))
    assert (refused.status_code, refused.json()["code"]) == (409, "order_is_cancelled")
    assert returns((1, "1"), number="B-2").status_code == 404
    assert client.post("/api/v1/orders/B-2/cancel").status_code == 404


def test_good_orders_of_a_batch_are_kept_and_bad_ones_named(ana):
    line = {"sku": "milk", "quantity": "2", "total": "9.80"}
    facts = {"customer": "ana", "ordered_at": "2026-03-01T10:00:00Z"}
    back = {**line, "returned_quantity": "3"}
    told = [
        {**facts, "external_id": "B-1", "lines": [line]},
        {**facts, "external_id": "B-2", "lines": [line, back]},
        {**facts, "external_id": "B-3", "lines": [{**line, "total": "x"}], "store": None},
        "B-4",
        {**facts, "external_id": "B-5", "lines": [line], "status": "cancelled"},
    ]

    answer = api_client(Scope.WRITE_CUSTOMERS).post("/api/v1/orders", {"orders": told})

    assert answer.status_code == 207
    report = answer.json()
    assert report["accepted"] == 2
    assert [(wrong["index"], wrong["field"], wrong["code"]) for wrong in report["errors"]] == [
        (1, "orders.1.lines.1.returned_quantity", "more_than_was_bought"),
        (2, "orders.2.store", "null"),
        (2, "orders.2.lines.0.total", "invalid"),
        (3, "orders.3", "invalid"),
    ]
    kept = Order.objects.order_by("external_id").values_list("external_id", "status")
    assert list(kept) == [("B-1", "placed"), ("B-5", "cancelled")]


@pytest.mark.parametrize(
    ("orders", "code"), [([], "min_length"), ([{}] * 101, "max_length"), ("A-1", "not_a_list")]
)
def test_what_is_no_batch_is_refused_whole(ana, orders, code):
    answer = api_client(Scope.WRITE_CUSTOMERS).post("/api/v1/orders", {"orders": orders})

    assert answer.status_code == 422
    assert (answer.json()["field"], answer.json()["code"]) == ("orders", code)


def test_order_of_somebody_else_is_not_taken_over(ana):
    make_customer(external_id="bia")
    order()

    answer = order(customer="bia")

    assert answer.status_code == 409
    assert answer.json()["code"] == "order_of_somebody_else"
    assert Order.objects.get().customer == ana
