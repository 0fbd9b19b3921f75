"""What a file brought is taken back, as far as nothing newer has touched it."""

from datetime import timedelta
from decimal import Decimal

import pytest

from common.models import AuditEntry
from customers.models import Cart, Case, Customer, CustomerMetrics, Event, Order, Product
from customers.operations.imports import (
    Foreseen,
    NotNow,
    foresee,
    left_csv,
    undo,
    undoing,
    work_on_imports,
)
from customers.operations.orders import record_order
from customers.operations.profile import save_customer
from customers.rules.returns import Line
from tests.customers.imports.files import brought_in, checked, tables
from tests.factories import NOW, make_customer, make_order, make_product, make_user

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=1)
PEOPLE = "external_id,first_name,email,city,interests,birth_date,shoe\n"
ORDERS = "order,customer,ordered_at,status,sku,quantity,total\n"


def undone(job, *, at=LATER):
    """Return the job after it was taken back."""
    undo(job, by=None, at=at)
    work_on_imports(clock=lambda: at)
    job.refresh_from_db()
    return job


def profile(customer: Customer) -> dict:
    customer = Customer.objects.get(pk=customer.pk)
    names = [field.attname for field in Customer._meta.concrete_fields]
    return {name: getattr(customer, name) for name in names}


def test_new_customers_go_and_changed_ones_are_as_they_were():
    bia = make_customer(
        external_id="C2", email="bia@mail.example", interests=["chá"], attributes={"shoe": "37"}
    )
    before = profile(bia)
    job = brought_in(
        "customers",
        PEOPLE
        + "C1,Ana,ana@mail.example,Recife,,,\nC2,Bea,b@mail.example,Natal,café,1990-02-03,38",
    )
    assert profile(bia) != before
    assert foresee(job, at=LATER) == Foreseen(remove=1, restore=1, leave=0)

    job = undone(job)

    assert (job.state, job.undone) == ("undone", {"removed": 1, "restored": 1})
    assert Customer.objects.get() == bia
    assert profile(bia) == before
    event = Event.objects.get(kind="customers.file_undone")
    assert (event.imported_by_id, event.data) == (
        job.pk,
        {"kind": "customers", "removed": 1, "restored": 1},
    )


def test_what_something_newer_touched_stays_and_is_listed():
    make_customer(external_id="C1", city="Natal")
    job = brought_in("customers", "external_id,city\nC1,Recife\nC2,Recife\nC3,Recife\nC4,Recife\n")
    for name in ("C1", "C2"):
        save_customer(Customer.objects.get(external_id=name), at=LATER)
    make_order(Customer.objects.get(external_id="C3"))
    assert foresee(job, at=LATER) == Foreseen(remove=1, restore=0, leave=3)

    job = undone(job)

    assert job.undone == {"changed": 2, "used": 1, "removed": 1}
    kept = Customer.objects.order_by("external_id").values_list("external_id", "city")
    assert list(kept) == [(name, "Recife") for name in ("C1", "C2", "C3")]
    changed = '"It was changed after the import."\r\n'
    assert "".join(left_csv(job)) == (
        f'"external_id","reason"\r\n"C1",{changed}"C2",{changed}'
        '"C3","Something newer belongs to it, such as an order or a message."\r\n'
    )


def test_orders_go_with_lines_metrics_and_stage():
    ana, bia = (
        make_customer(external_id="C1", stage="visitor"),
        make_customer(external_id="C2"),
    )
    make_product(sku="P1"), make_product(sku="P2")
    line = Line(sku="P1", quantity=Decimal(1), total=Decimal(10))
    record_order(bia, external_id="O2", ordered_at=NOW, lines=[line, line], at=NOW)
    before = tables()
    job = brought_in(
        "orders",
        ORDERS + f"O1,C1,2026-01-05,,P1,1,99\nO2,C2,{NOW.isoformat()},cancelled,P2,3,7\n",
    )
    assert tables() != before

    job = undone(job)

    assert job.undone == {"removed": 1, "restored": 1}
    orders, lines, metrics = tables()
    assert (orders, lines) == before[:2]
    assert metrics == [("C1", 0, Decimal(0), None, None), *before[2]]
    ana.refresh_from_db()
    assert ana.stage == "visitor"


def test_a_customer_with_another_order_keeps_the_stage():
    ana = make_customer(external_id="C1")
    make_product(sku="P1")
    job = brought_in("orders", ORDERS + "O1,C1,2026-01-05,,P1,1,99\n")
    make_order(ana, external_id="O2")

    undone(job)

    ana.refresh_from_db()
    assert (ana.stage, CustomerMetrics.objects.get().order_count) == ("customer", 1)


def test_products_carts_and_cases_are_taken_back():
    make_customer(external_id="C1"), make_product(sku="P1", name="Tea")
    files = [
        brought_in("products", "sku,name\nP1,Chá\nP2,Café\n"),
        brought_in("carts", "cart,customer,updated_at,sku,quantity\nK1,C1,2026-01-02,P1,2\n"),
        brought_in("cases", "case,customer,channel,subject,opened_at\nX1,C1,chat,Oi,2026-01-02\n"),
    ]

    for job in files:
        undone(job)

    assert list(Product.objects.values_list("sku", "name")) == [("P1", "Tea")]
    assert not Cart.objects.exists()
    assert not Case.objects.exists()


def test_a_product_that_was_sold_stays():
    job = brought_in("products", "sku,name\nP1,Chá\n")
    make_order(product=Product.objects.get())

    assert undone(job).undone == {"used": 1}


def test_imports_are_undone_one_after_the_other_the_last_first():
    first = brought_in("customers", "external_id,city\nC1,Recife\n")
    second = brought_in("customers", "external_id,city\nC1,Natal\n", at=NOW + timedelta(minutes=1))
    assert foresee(first, at=LATER) == Foreseen(remove=0, restore=0, leave=1)

    undone(second)
    assert Customer.objects.get().city == "Recife"
    undone(first)

    assert not Customer.objects.exists()


def test_people_and_their_orders_are_undone_the_last_first():
    make_product(sku="P1")
    people = brought_in("customers", "external_id\nC1\n")
    orders = brought_in("orders", ORDERS + "O1,C1,2026-01-05,,P1,1,99\n")

    undone(orders)
    undone(people)

    assert not Order.objects.exists()
    assert not Customer.objects.exists()


def test_an_undo_in_chunks_that_is_asked_for_twice_happens_once(monkeypatch):
    monkeypatch.setattr(undoing, "CHUNK", 2)
    job = brought_in("customers", "external_id\nC1\nC2\nC3\nC4\nC5\n")
    mara = make_user()

    undo(job, by=mara, at=LATER)
    undoing.work_on_undo(job, at=LATER)
    assert Customer.objects.count() == 3
    assert undo(job, by=mara, at=LATER).state == "undoing"
    work_on_imports(clock=lambda: LATER)

    assert not Customer.objects.exists()
    assert undo(job, by=mara, at=LATER).undone == {"removed": 5}
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor, entry.subject_id) == (
        "customers.import_undone",
        mara,
        job.pk,
    )


def test_an_import_that_cannot_be_undone_says_why():
    make_customer(external_id="C1")
    waiting = checked("customers", "external_id\nC2\n")
    events = brought_in(
        "events", "kind,customer,occurred_at,reference\ncustomers.case_opened,C1,2025-05-05,r\n"
    )
    done = brought_in("customers", "external_id\nC3\n")

    with pytest.raises(NotNow, match="has ended and changed something"):
        undo(waiting, by=None, at=LATER)
    with pytest.raises(NotNow, match="written once"):
        undo(events, by=None, at=LATER)
    with pytest.raises(NotNow, match="for 72 hours"):
        foresee(done, at=NOW + timedelta(hours=73))
