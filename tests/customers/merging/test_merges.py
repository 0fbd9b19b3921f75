"""Two records that are one person, and two again."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from common.enums import Role
from common.models import AuditEntry
from customers.enums import ContactChannel, Gender, Pick, Stage
from customers.models import Cart, Customer, Event, Merge, Order
from customers.operations.cases import open_case
from customers.operations.imports import import_file
from customers.operations.merges import (
    CannotUndo,
    CustomerErased,
    MergedAlready,
    NobodyElse,
    bring_latecomers,
    merge,
    unmerge,
)
from customers.operations.metrics import metric_faults
from customers.queries.holdings import holdings
from customers.queries.search import find
from loyalty.models import Account, Member
from tests.api import api_client
from tests.factories import NOW, make_customer, make_order, make_product, make_user

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(days=1)


def join(survivor, loser, **picks) -> Merge:
    return merge(survivor, loser, picks=picks, by=None, at=NOW)


def now_of(customer) -> Customer:
    return Customer.objects.get(pk=customer.pk)


def test_what_happened_to_both_happened_to_one():
    ana, twin = make_customer(), make_customer()
    make_order(ana, total="10.00")
    make_order(twin, total="32.00")

    join(ana, twin)

    ana, twin = now_of(ana), now_of(twin)
    assert (ana.metrics.order_count, ana.metrics.spend) == (2, Decimal("42.00"))
    assert (twin.metrics.order_count, twin.metrics.spend) == (0, Decimal(0))
    assert set(Order.objects.values_list("customer", flat=True)) == {ana.pk}
    assert set(Event.objects.values_list("customer", flat=True)) == {ana.pk}
    assert twin.merged_into == ana
    assert list(Customer.objects.present()) == [ana]
    assert metric_faults() == []


def test_every_table_that_names_a_person_says_what_becomes_of_it():
    """A new one needs a line in its app's personal_data.py."""
    people = (Customer, Member, Account)
    naming = {
        (model, field.name)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.related_model in people
    }

    told = {(holding.model, holding.person.split("__")[0]) for holding in holdings()}

    assert {(model.__name__, name) for model, name in naming - told} == set()


def test_the_timeline_and_the_audit_tell_of_it():
    ana, twin = make_customer(external_id="ana"), make_customer(external_id="twin")
    clerk = make_user()

    merge(ana, twin, by=clerk, at=NOW)

    event = Event.objects.get(kind="customers.merged")
    assert (event.customer_id, event.data) == (ana.pk, {"customer": "twin"})
    assert set(AuditEntry.objects.values_list("action", "subject_id", "actor")) == {
        ("customers.merged", ana.pk, clerk.pk),
        ("customers.merged_away", twin.pk, clerk.pk),
    }


# Whose value stays.


def test_what_is_known_stays_before_what_is_not():
    ana = make_customer(phone="", birth_date=date(1990, 5, 1), city="")
    twin = make_customer(phone="+5511987654321", birth_date=None, city="Recife", state="PE")

    join(ana, twin)

    ana = now_of(ana)
    assert (ana.phone, ana.birth_date, ana.city, ana.state) == (
        "+5511987654321",
        date(1990, 5, 1),
        "Recife",
        "PE",
    )


def test_of_two_known_values_the_newer_stays_but_names_and_addresses_to_write_to():
    ana = make_customer(email="ana@mail.example", gender=Gender.OTHER, city="Olinda", state="PE")
    twin = make_customer(
        email="twin@mail.example", gender=Gender.FEMALE, city="Recife", postal_code="1", at=LATER
    )

    join(ana, twin)

    ana = now_of(ana)
    assert (ana.email, ana.gender) == ("ana@mail.example", Gender.FEMALE)
    assert (ana.city, ana.state, ana.postal_code) == ("Recife", "", "1")


def test_lists_are_put_together_and_whoever_bought_is_a_customer():
    ana = make_customer(interests=["tea", "milk"], attributes={"size": 38, "pet": "cat"}, at=LATER)
    twin = make_customer(
        interests=["milk", "bread"], attributes={"size": 40, "car": True}, stage=Stage.LAPSED
    )

    join(ana, twin)

    ana = now_of(ana)
    assert ana.interests == ["tea", "milk", "bread"]
    assert ana.attributes == {"size": 38, "pet": "cat", "car": True}
    assert (ana.stage, ana.registered_at) == (Stage.LAPSED, NOW)


def test_somebody_may_decide_otherwise_field_by_field():
    ana = make_customer(email="ana@mail.example", interests=["tea"])
    twin = make_customer(email="twin@mail.example", interests=["milk"])

    join(ana, twin, email=Pick.LOSER, interests=Pick.SURVIVOR)

    ana = now_of(ana)
    assert (ana.email, ana.interests) == ("twin@mail.example", ["tea"])
    assert ana.email_hash == now_of(twin).email_hash


# Who is refused.


def test_nobody_is_merged_with_themselves():
    ana = make_customer()

    with pytest.raises(NobodyElse):
        join(ana, ana)


def test_the_erased_are_left_alone():
    with pytest.raises(CustomerErased):
        join(make_customer(), make_customer(erased_at=NOW))


def test_a_record_is_merged_once_and_a_repeat_changes_nothing():
    ana, twin, other = make_customer(), make_customer(), make_customer()
    first = join(ana, twin)

    assert join(ana, twin) == first
    with pytest.raises(MergedAlready):
        join(other, twin)
    with pytest.raises(MergedAlready):
        join(twin, other)
    assert Merge.objects.count() == 1


# The old name still means the person.


def test_what_found_the_loser_finds_the_survivor():
    ana = make_customer(first_name="Ana")
    twin = make_customer(
        external_id="H-77",
        first_name="Anna Clara",
        email="twin@mail.example",
        phone="+5511987654321",
        tax_id="52998224725",
    )
    join(ana, twin, email=Pick.SURVIVOR, phone=Pick.SURVIVOR, tax_id=Pick.SURVIVOR)

    asked = ("H-77", "TWIN@mail.example", "(11) 8765-4321", "529.982.247-25")
    assert {text: find(text) for text in asked} == {text: [ana] for text in asked}
    assert find("clara") == []


def test_programs_may_go_on_using_the_old_number():
    client = api_client()
    make_product(sku="milk")
    ana = make_customer(external_id="ana")
    join(ana, make_customer(external_id="twin"))

    told = client.put("/api/v1/customers/twin", {"city": "Recife"})
    order = {
        "external_id": "A-1",
        "customer": "twin",
        "ordered_at": "2026-03-02T09:00:00Z",
        "lines": [{"sku": "milk", "quantity": 1, "total": "8.00"}],
    }
    ordered = client.post("/api/v1/orders", order)
    event = {
        "kind": "campaigns.campaign_received",
        "customer": "twin",
        "occurred_at": "2026-03-02T09:00:00Z",
        "reference": "1",
    }
    visited = {**event, "kind": "customers.store_visited", "data": {"store": "Centro"}}
    client.post("/api/v1/events", {"events": [visited]})

    assert told.json()["external_id"] == "ana"
    assert client.get("/api/v1/customers/twin").json()["city"] == "Recife"
    assert ordered.status_code == 201
    assert Order.objects.get().customer == ana
    assert [it["external_id"] for it in client.get("/api/v1/customers").json()["results"]] == [
        "ana"
    ]


def test_files_may_go_on_using_the_old_number(tmp_path):
    ana = make_customer(external_id="ana")
    twin = make_customer(external_id="twin", city="Olinda")
    join(ana, twin)
    people, cases = tmp_path / "people.csv", tmp_path / "cases.csv"
    people.write_text("external_id,city\ntwin,Recife\n")
    cases.write_text("case,customer,channel,subject,opened_at\n1,twin,chat,Late,2026-03-02\n")

    import_file(people, "customers", at=NOW)
    import_file(cases, "cases", at=NOW)

    assert (now_of(ana).city, now_of(twin).city) == ("Recife", "Olinda")
    assert ana.cases.get().subject == "Late"
    assert Customer.objects.count() == 2


def test_the_old_page_leads_to_the_new_one(client):
    ana, twin = make_customer(), make_customer()
    join(ana, twin)
    client.force_login(make_user(role=Role.ANALYST))

    answer = client.get(reverse("admin:customers_customer_profile", args=[twin.pk]))

    assert answer.headers["Location"] == reverse("admin:customers_customer_profile", args=[ana.pk])


def test_whoever_was_merged_before_is_the_new_survivors():
    first, second, third = make_customer(external_id="1"), make_customer(), make_customer()
    join(second, first)
    join(third, second)

    assert now_of(first).merged_into == third
    assert find("1") == [third]


def test_what_comes_in_late_under_the_old_record_follows():
    ana, twin = make_customer(), make_customer()
    record = join(ana, twin)
    # A request that began before the merge.
    Cart.objects.create(external_id="c", customer=twin, total=8, changed_at=NOW)
    Order.objects.create(external_id="o", customer=twin, total=8, ordered_at=NOW)

    bring_latecomers(at=LATER)
    bring_latecomers(at=LATER)

    assert Cart.objects.get().customer == ana
    assert now_of(ana).metrics.order_count == 1
    unmerge(record, by=None, at=LATER)
    assert Cart.objects.get().customer == twin
    assert now_of(twin).metrics.order_count == 1


# Two again.


def test_undone_both_are_who_they_were():
    ana = make_customer(city="Olinda", interests=["tea"])
    twin = make_customer(city="Recife", interests=["milk"], stage=Stage.LAPSED, at=LATER)
    make_order(twin)
    before = [
        Customer.objects.filter(pk=person.pk).values().get() | {"updated_at": None}
        for person in (ana, twin)
    ]

    unmerge(join(ana, twin), by=None, at=LATER)

    assert [
        Customer.objects.filter(pk=person.pk).values().get() | {"updated_at": None}
        for person in (ana, twin)
    ] == before
    assert Order.objects.get().customer == twin
    assert now_of(twin).metrics.order_count == 1
    assert {event.customer for event in Event.objects.filter(kind="customers.order_placed")} == {
        twin
    }
    assert metric_faults() == []


def test_what_happened_since_stays_with_the_survivor():
    ana, twin = make_customer(), make_customer()
    make_order(twin, external_id="before")
    record = join(ana, twin)
    make_order(ana, external_id="since")
    ana = now_of(ana)
    ana.city = "Recife"
    ana.save()

    unmerge(record, by=None, at=LATER)

    assert dict(Order.objects.values_list("external_id", "customer")) == {
        "before": twin.pk,
        "since": ana.pk,
    }
    assert now_of(ana).city == "Recife"
    assert unmerge(record, by=None, at=LATER).undone_at == LATER


def test_a_field_that_was_changed_since_stays_changed():
    ana = make_customer(phone="", city="")
    twin = make_customer(phone="+5511987654321", city="Recife")
    record = join(ana, twin)
    Customer.objects.filter(pk=ana.pk).update(phone="+5511912345678")

    unmerge(record, by=None, at=LATER)

    ana = now_of(ana)
    assert (ana.phone, ana.city) == ("+5511912345678", "")


def test_what_is_gone_cannot_be_divided():
    ana, twin, third = make_customer(), make_customer(), make_customer()
    record = join(ana, twin)

    further = join(third, ana)
    with pytest.raises(CannotUndo, match="undo that first"):
        unmerge(record, by=None, at=LATER)
    unmerge(further, by=None, at=LATER)
    assert now_of(twin).merged_into == ana

    Customer.objects.filter(pk=ana.pk).update(erased_at=LATER)
    with pytest.raises(CannotUndo, match="erased"):
        unmerge(record, by=None, at=LATER)


def test_merged_again_after_an_undo():
    ana, twin = make_customer(), make_customer()
    unmerge(join(ana, twin), by=None, at=LATER)

    again = merge(ana, twin, by=None, at=LATER)

    assert now_of(twin).merged_into == ana
    assert again.undone_at is None


# The timeline is written once: only the name may change, and only by the one function.


def test_moving_changes_the_name_and_nothing_else():
    ana, twin = make_customer(), make_customer()
    open_case(twin, channel=ContactChannel.CHAT, subject="?", reference="1", at=NOW)
    names = ("id", "kind", "occurred_at", "recorded_at", "data", "reference", "xid", "generation")
    before = set(Event.objects.values_list(*names[:4], "reference", "xid", "generation"))

    join(ana, twin)

    after = set(Event.objects.values_list(*names[:4], "reference", "xid", "generation"))
    assert before < after


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE customers_event SET customer_id = NULL",
        "SELECT move_rows('customers_event', 'kind', array_agg(id), 7) FROM customers_event",
        "SELECT set_config('clientela.moving', 'customers_event', true);"
        " UPDATE customers_event SET kind = 'x'",
        "SELECT set_config('clientela.moving', 'customers_event', true);"
        " DELETE FROM customers_event",
    ],
)
def test_nothing_else_moves(sql):
    make_customer()

    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)
