"""How judged rows become customers, products, orders, carts, cases and events."""

import csv
import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.db import connection

from customers.models import (
    Cart,
    Case,
    Customer,
    CustomerMetrics,
    Event,
    ImportJob,
    Order,
    OrderLine,
    Product,
)
from customers.operations.imports import (
    NotNow,
    cancel,
    import_file,
    merging,
    pause,
    resume,
    start,
    work_on,
    work_on_imports,
)
from customers.operations.orders import record_order
from customers.operations.profile import contact_hash
from customers.rules.returns import Line
from tests.customers.imports.files import (
    SLICE,
    SLICE_AT,
    brought_in,
    checked,
    counts,
    reasons,
    tables,
)
from tests.factories import NOW, make_attribute, make_customer, make_product

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(days=1)
ORDERS = "order,customer,ordered_at,status,store,sku,quantity,total,discount\n"


def versions(*models) -> list[tuple[str, int, str]]:
    """Return the writing transaction and the place of every row: a rewritten row has moved."""
    found = []
    with connection.cursor() as cursor:
        for model in models:
            table = model._meta.db_table
            cursor.execute(f"SELECT '{table}', ctid::text, xmin::text FROM {table}")  # noqa: S608
            found += cursor.fetchall()
    return sorted(found)


def test_customers_are_created_updated_or_left_alone():
    make_customer(external_id="C1", first_name="Ana", email="ana@mail.example", city="Recife")
    make_customer(external_id="C2", first_name="Bia", attributes={"shoe": "37"})
    make_attribute("tamanho_da_bota", type="number")

    job = brought_in(
        "customers",
        "external_id,first_name,email,city,interests,registered_at,Tamanho da bota\n"
        "C1,Ana,,Recife,,,\n"
        "C2,Beatriz,BIA@mail.example,,,,38\n"
        "C3,Cid,cid@mail.example,Olinda,chá|café,05/03/2024 09:30,\n",
        at=LATER,
    )

    assert counts(job) == {"created": 1, "updated": 1, "unchanged": 1, "rejected": 0}
    ana, bia, cid = Customer.objects.order_by("external_id")
    # An empty cell leaves what is known.
    assert (ana.email, ana.imported_by, ana.updated_at) == ("ana@mail.example", None, NOW)
    assert (bia.first_name, bia.email, bia.attributes, bia.imported_by, bia.updated_at) == (
        "Beatriz",
        "bia@mail.example",
        {"shoe": "37", "tamanho_da_bota": 38},
        job,
        LATER,
    )
    assert (cid.city, cid.interests, cid.stage, cid.imported_by) == (
        "Olinda",
        ["chá", "café"],
        "prospect",
        job,
    )
    assert cid.registered_at == datetime(2024, 3, 5, 12, 30, tzinfo=UTC)
    assert bytes(cid.email_hash or b"") == contact_hash("cid@mail.example")


def test_the_same_file_again_writes_nothing():
    tables = (Product, Customer, Order, OrderLine, CustomerMetrics, Cart, Case)
    files = ["products", "customers", "orders-recent", "carts", "cases"]
    for name in files:
        import_file(SLICE / f"{name}.csv", name.split("-")[0], at=SLICE_AT)
    before = versions(*tables)

    again = [
        import_file(SLICE / f"{name}.csv", name.split("-")[0], at=SLICE_AT + timedelta(days=1))
        for name in files
    ]

    assert versions(*tables) == before
    assert [(job.state, job.created_count, job.updated_count) for job in again] == [
        ("done", 0, 0)
    ] * len(files)
    assert all(job.unchanged_count > 0 and not job.rejected_count for job in again)
    assert Event.objects.filter(kind="customers.file_imported").count() == len(files)


def test_lines_make_orders_and_metrics():
    ana, bia = make_customer(external_id="C1"), make_customer(external_id="C2")
    make_product(sku="P1"), make_product(sku="P2")

    job = brought_in(
        "orders",
        ORDERS + 'O1,C1,2026-01-05 10:00,,Centro,P2,1,"1.010,50",\n'
        'O2,C2,2026-01-06,cancelado,,P1,1,"5,00",\n'
        'O1,C1,2026-01-05 10:00,,Centro,P1,"2,5","7,25","0,75"\n'
        "O3,C1,2026-01-07T12:00:00Z,placed,,P1,1,1.00,0\n",
        historic=True,
    )

    assert counts(job) == {"created": 3, "updated": 0, "unchanged": 0, "rejected": 0}
    first = Order.objects.get(external_id="O1")
    assert (first.customer, first.total, first.discount, first.store, first.imported_by) == (
        ana,
        Decimal("1017.75"),
        Decimal("0.75"),
        "Centro",
        job,
    )
    assert first.ordered_at == datetime(2026, 1, 5, 13, tzinfo=UTC)
    assert list(
        first.lines.order_by("number").values_list("number", "product__sku", "quantity")
    ) == [
        (1, "P1", Decimal("2.500")),
        (2, "P2", Decimal(1)),
    ]
    metrics = CustomerMetrics.objects.get(customer=ana)
    assert (metrics.order_count, metrics.spend) == (2, Decimal("1018.75"))
    assert CustomerMetrics.objects.get(customer=bia).order_count == 0
    ana.refresh_from_db()
    assert ana.stage == "customer"


def test_an_order_told_again_with_other_lines_is_brought_up_to_date():
    ana, product = make_customer(external_id="C1"), make_product(sku="P1")
    line = Line(sku=product.sku, quantity=Decimal(1), total=Decimal(10))
    record_order(ana, external_id="O1", ordered_at=NOW, lines=[line, line], at=NOW)
    record_order(ana, external_id="O2", ordered_at=NOW, lines=[line], at=NOW)

    job = brought_in(
        "orders",
        ORDERS + f"O1,C1,{NOW.isoformat()},,,P1,1,10,0\nO2,C1,{NOW.isoformat()},,,P1,1,10,0\n",
        at=LATER,
    )

    assert counts(job) == {"created": 0, "updated": 1, "unchanged": 1, "rejected": 0}
    assert list(Order.objects.filter(imported_by=job).values_list("external_id", "total")) == [
        ("O1", Decimal("10.00"))
    ]
    assert CustomerMetrics.objects.get(customer=ana).spend == Decimal(20)


RETURNS = "order,customer,ordered_at,status,sku,quantity,total,Quantidade devolvida\n"


def test_lines_of_a_file_say_what_came_back():
    make_customer(external_id="C1"), make_product(sku="P1"), make_product(sku="P2")

    job = brought_in(
        "orders",
        RETURNS + "O1,C1,2026-01-05,,P1,3,10.00,1\n"
        "O1,C1,2026-01-05,,P2,1,5.00,\n"
        "O2,C1,2026-01-05,devolvido,P1,1,7.00,\n"
        "O3,C1,2026-01-05,parcialmente devolvido,P1,2,8.00,\n"
        "O3,C1,2026-01-05,parcialmente devolvido,P2,1,9.00,1\n"
        "O4,C1,2026-01-05,,P1,2,8.00,2\n"
        "O5,C1,2026-01-05,cancelado,P1,2,8.00,1\n",
    )

    assert counts(job) == {"created": 5, "updated": 0, "unchanged": 0, "rejected": 0}
    told = Order.objects.order_by("external_id")
    assert list(told.values_list("external_id", "status", "returned_total", "net_total")) == [
        ("O1", "partially_returned", Decimal("3.33"), Decimal("11.67")),
        ("O2", "returned", Decimal("7.00"), 0),
        ("O3", "partially_returned", Decimal("9.00"), Decimal("8.00")),
        ("O4", "returned", Decimal("8.00"), 0),
        ("O5", "cancelled", Decimal("4.00"), 0),
    ]
    assert CustomerMetrics.objects.get().spend == Decimal("19.67")


def test_a_file_of_returns_again_writes_nothing():
    make_customer(external_id="C1"), make_product(sku="P1")
    content = (
        RETURNS + "O1,C1,2026-01-05,,P1,3,10.00,1\n"
        "O2,C1,2026-01-05,devolvido,P1,1,7.00,\n"
        "O3,C1,2026-01-05,placed,P1,1,7.00,\n"
    )
    brought_in("orders", content)
    before = versions(Order, OrderLine, CustomerMetrics)

    job = brought_in("orders", "\n".join(content.splitlines()) + "\n\n", at=LATER)

    assert (job.created_count, job.updated_count) == (0, 0)
    assert versions(Order, OrderLine, CustomerMetrics) == before


def test_a_file_that_is_silent_about_returns_keeps_them():
    ana, product = make_customer(external_id="C1"), make_product(sku="P1")
    line = Line(product.sku, Decimal(3), Decimal(10), returned_quantity=Decimal(1))
    record_order(ana, external_id="O1", ordered_at=NOW, lines=[line], at=NOW)
    silent = "order,customer,ordered_at,sku,quantity,total\n"

    same = brought_in("orders", silent + f"O1,C1,{NOW.isoformat()},P1,3,10.00\n", at=LATER)
    dearer = brought_in("orders", silent + f"O1,C1,{NOW.isoformat()},P1,3,12.00\n", at=LATER)

    assert (same.unchanged_count, dearer.updated_count) == (1, 1)
    order = Order.objects.get()
    assert (order.status, order.net_total) == ("partially_returned", Decimal("8.00"))


def test_a_file_can_take_a_return_back():
    ana, product = make_customer(external_id="C1"), make_product(sku="P1")
    line = Line(product.sku, Decimal(3), Decimal(10), returned_quantity=Decimal(1))
    record_order(ana, external_id="O1", ordered_at=NOW, lines=[line], at=NOW)

    brought_in("orders", RETURNS + f"O1,C1,{NOW.isoformat()},placed,P1,3,10.00,\n", at=LATER)

    order = Order.objects.get()
    assert (order.status, order.net_total) == ("placed", Decimal("10.00"))
    assert CustomerMetrics.objects.get().spend == Decimal("10.00")


def test_returns_that_cannot_be_are_rejected():
    make_customer(external_id="C1"), make_product(sku="P1")

    job = brought_in(
        "orders",
        RETURNS + "O1,C1,2026-01-05,,P1,1,10.00,2\n"
        "O2,C1,2026-01-05,devolvido,P1,2,7.00,1\n"
        "O3,C1,2026-01-05,parcialmente devolvido,P1,1,7.00,\n"
        "O4,C1,2026-01-05,,P1,1,7.00,\n",
    )

    assert reasons(job) == [
        (2, "Quantidade devolvida", "2.000", "more_than_bought"),
        (3, "Quantidade devolvida", "1.000", "not_whole"),
        (4, "status", "partially_returned", "which_lines"),
    ]
    assert Order.objects.get().external_id == "O4"


def test_rows_of_one_order_must_agree_and_an_order_keeps_its_customer():
    ana, _bia = make_customer(external_id="C1"), make_customer(external_id="C2")
    make_product(sku="P1")
    record_order(ana, external_id="O1", ordered_at=NOW, lines=[], at=NOW)

    job = brought_in(
        "orders",
        ORDERS + "O1,C2,2026-01-05,,,P1,1,10,0\n"
        "O2,C1,2026-01-05,,,P1,1,10,0\n"
        "O2,C2,2026-01-05,,,P1,1,10,0\n"
        "O3,C1,2026-01-05,,,P1,1,-3,0\n"
        "O3,C1,2026-01-05,,,P1,1,3,0\n",
    )

    assert counts(job) == {"created": 0, "updated": 0, "unchanged": 0, "rejected": 5}
    assert reasons(job) == [
        (2, "customer", "C2", "other_customer"),
        (3, "order", "4", "repeated"),
        (4, "order", "3", "repeated"),
        (5, "total", "-3", "negative"),
        (6, "order", "5", "sibling_rejected"),
    ]


def test_one_event_stands_for_all_rows_of_a_file():
    job = brought_in("customers", "id\nC1\nC2\n", historic=True)

    event = Event.objects.get(kind="customers.file_imported")
    assert (event.customer, event.imported_by_id, event.historic, event.data) == (
        None,
        job.pk,
        True,
        {"kind": "customers", "created": 2, "updated": 0},
    )


def test_events_of_a_historic_file_are_historic_and_written_once():
    ana = make_customer(external_id="C1")
    content = (
        "kind,customer,occurred_at,reference,subject\n"
        "customers.case_opened,C1,2025-05-05,old:1,Late\n"
        "customers.unheard_of,C1,2025-05-05,old:2,\n"
    )

    job = brought_in("events", content, historic=True)
    again = brought_in("events", content, historic=True)

    assert counts(job) == {"created": 1, "updated": 0, "unchanged": 0, "rejected": 1}
    assert counts(again) == {"created": 0, "updated": 0, "unchanged": 1, "rejected": 1}
    event = Event.objects.get(reference="old:1")
    assert (event.customer, event.kind, event.historic, event.data, event.imported_by_id) == (
        ana,
        "customers.case_opened",
        True,
        {"subject": "Late"},
        job.pk,
    )


def test_carts_and_cases_come_in():
    ana = make_customer(external_id="C1")
    make_product(sku="P1", price="2.50")

    carts = brought_in(
        "carts",
        "cart,customer,opened_at,updated_at,sku,quantity\n"
        "K1,C1,2026-01-01,2026-01-02,P1,2\nK1,C1,2026-01-01,2026-01-02,P1,1\n",
    )
    cases = brought_in(
        "cases",
        "case,customer,channel,subject,text,status,opened_at\n"
        "X1,C1,balcão,Atraso,Chegou tarde,resolvido,02/01/2026 10:00\n",
    )

    cart, case = Cart.objects.get(), Case.objects.get()
    assert (cart.customer, cart.total, cart.item_count, cart.state) == (
        ana,
        Decimal("7.50"),
        3,
        "open",
    )
    assert (case.customer, case.channel, case.status) == (ana, "counter", "resolved")
    assert (carts.created_count, cases.created_count) == (1, 1)


def test_rows_in_any_order_and_in_any_chunks_give_the_same_tables(monkeypatch):
    for name in ("products", "customers"):
        import_file(SLICE / f"{name}.csv", name, at=SLICE_AT)
    header, *rows = (SLICE / "orders-recent.csv").read_text().splitlines()
    brought_in("orders", "\n".join([header, *rows]), at=SLICE_AT)
    whole = tables()
    Order.objects.all().delete()
    random.Random(7).shuffle(rows)  # noqa: S311 -- any order will do, the same each time

    monkeypatch.setattr(merging, "CHUNK", 97)
    job = brought_in("orders", "\n".join([header, *rows]), at=SLICE_AT)

    assert tables() == whole
    assert job.merged_rows == job.row_count == len(rows)


def test_a_job_that_was_begun_can_be_stopped_and_what_came_in_stays(monkeypatch):
    monkeypatch.setattr(merging, "CHUNK", 2)
    job = start(checked("customers", "id\nC1\nC2\nC3\nC4\n"), at=NOW)
    work_on(job, at=NOW)

    job = cancel(job, at=NOW)

    assert (job.state, job.created_count) == ("cancelled", 2)
    assert sorted(Customer.objects.values_list("external_id", flat=True)) == ["C1", "C2"]
    assert not work_on(job, at=NOW)
    # Consumers hear of the rows that did come in.
    assert Event.objects.get(kind="customers.file_imported").imported_by_id == job.pk


def test_a_paused_import_rests_and_goes_on_where_it_stopped(monkeypatch):
    monkeypatch.setattr(merging, "CHUNK", 2)
    job = start(checked("customers", "id\nC1\nC2\nC3\nC4\n"), at=NOW)
    work_on(job, at=NOW)

    paused = pause(job)
    work_on_imports(clock=lambda: NOW)

    assert pause(paused).state == "paused"
    assert sorted(Customer.objects.values_list("external_id", flat=True)) == ["C1", "C2"]

    assert resume(job).state == resume(job).state == "merging"
    work_on_imports(clock=lambda: NOW)

    job.refresh_from_db()
    assert (job.state, job.created_count) == ("done", 4)
    with pytest.raises(NotNow):
        pause(job)
    with pytest.raises(NotNow):
        resume(job)


def test_a_file_is_started_once_and_only_when_checked():
    job = checked("customers", "id\nC1\n")
    started = start(job, at=NOW)

    assert start(job, at=LATER).started_at == started.started_at
    brought = ImportJob.objects.get(pk=job.pk)
    work_on_imports(clock=lambda: NOW)
    with pytest.raises(NotNow):
        start(brought, at=NOW)
    with pytest.raises(NotNow):
        cancel(brought, at=NOW)


def test_the_worker_finds_what_waits():
    jobs = [checked("customers", f"id\nC{number}\n") for number in range(3)]
    for job in jobs[:2]:
        start(job, at=NOW)

    work_on_imports(clock=lambda: NOW)

    states = ImportJob.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["done", "done", "ready"]


def test_the_staged_rows_leave_no_table_behind():
    brought_in("customers", "id\nC1\n")
    cancel(checked("customers", "id\nC2\n"), at=NOW)

    left = ("import_staged", "import_rows")
    assert [n for n in connection.introspection.table_names() if n.startswith(left)] == []


def test_a_number_that_a_spreadsheet_wrote_is_read_as_it_was_meant():
    rows = StringIO()
    writer = csv.writer(rows, delimiter=";")
    writer.writerow(["sku", "nome", "preço"])
    prices = ["12,50", "1.234,50", "1,234.50", "0.99", "7"]
    writer.writerows([[f"P{n}", "x", price] for n, price in enumerate(prices)])

    brought_in("products", rows.getvalue())

    found = Product.objects.order_by("sku").values_list("price", flat=True)
    assert list(map(str, found)) == ["12.50", "1234.50", "1234.50", "0.99", "7.00"]
