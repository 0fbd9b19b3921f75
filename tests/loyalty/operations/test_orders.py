from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from common.errors import DomainError
from customers.enums import OrderStatus
from customers.models import Event, ImportJob, Order
from customers.operations.imports import undo, work_on_imports
from customers.operations.orders import Returned, cancel_order, facts_of, return_lines
from customers.rules.returns import Line
from loyalty.models import (
    Entry,
    Member,
    OrderImport,
    OrderPoints,
    OrderUndo,
    Programme,
    Transaction,
)
from loyalty.operations.orders import (
    note_imports,
    note_undone,
    settle,
    settle_imported,
    settle_undone,
)
from loyalty.operations.points import expire, spend
from loyalty.queries import balance, faults
from tests.customers.imports.files import brought_in
from tests.factories import NOW, make_customer, make_order, make_product
from tests.loyalty.factories import give, make_member
from tests.races import at_once

YEAR = timedelta(days=366)


def change(order: Order, status: OrderStatus) -> None:
    Order.objects.filter(pk=order.pk).update(status=status)


def comes_back(order: Order, units: int, *, reference: str) -> None:
    return_lines(order, returned=[Returned(1, Decimal(units))], reference=reference, at=NOW)


def told(order: Order, *, total: str, status: OrderStatus | None = None) -> None:
    line = facts_of(order).lines[0]
    make_order(
        order.customer,
        external_id=order.external_id,
        lines=[replace(line, total=Decimal(total), returned_quantity=None)],
        status=status,
    )


@pytest.mark.django_db
def test_an_order_makes_a_member_who_earns():
    order = make_order(total="199.90")

    settle([order.pk], at=NOW)

    member = Member.objects.get(customer=order.customer)
    earned = member.transactions.get()
    assert (earned.reference, earned.occurred_at) == (
        f"order:{order.external_id}:earned",
        order.ordered_at,
    )
    assert balance(member, at=NOW) == 199
    assert str(member.tier) == "Bronze"
    assert Event.objects.get(kind="loyalty.points_earned").data == {"points": 199}


@pytest.mark.django_db
def test_an_order_earns_once():
    order = make_order(total="100.00")

    settle([order.pk], at=NOW)
    settle([order.pk], at=NOW + YEAR)

    assert Transaction.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("status", [OrderStatus.CANCELLED, OrderStatus.RETURNED])
def test_an_order_that_does_not_stand_earns_nothing_and_makes_no_member(status):
    order = make_order(status=status)

    settle([order.pk], at=NOW)

    assert not Member.objects.exists()


@pytest.mark.django_db
def test_an_order_too_small_for_a_point_makes_a_member_all_the_same():
    order = make_order(total="0.99")

    settle([order.pk], at=NOW)

    assert balance(Member.objects.get(customer=order.customer), at=NOW) == 0


@pytest.mark.django_db
@pytest.mark.parametrize("status", [OrderStatus.CANCELLED, OrderStatus.RETURNED])
def test_an_order_gives_back_what_it_earned_once(status):
    order = make_order(total="100.00")
    settle([order.pk], at=NOW)
    member = Member.objects.get()
    give(member, 30)
    change(order, status)

    settle([order.pk], at=NOW)
    settle([order.pk], at=NOW)

    assert balance(member, at=NOW) == 30
    assert Event.objects.get(kind="loyalty.points_taken_back").data == {"points": 100}
    assert faults() == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("spent", "other", "left"),
    [
        # 40 of the order's 100 points are spent: another lot stands in for them.
        (40, 50, 10),
        # The other lot holds 10 alone: the rest is let go, nobody owes points.
        (40, 10, 0),
        (100, 0, 0),
    ],
)
def test_points_that_were_spent_come_out_of_the_other_lots(spent, other, left):
    order = make_order(total="100.00")
    settle([order.pk], at=NOW)
    member = Member.objects.get()
    spend(member, points=spent, reference="reward:7", at=NOW)
    if other:
        give(member, other)
    change(order, OrderStatus.RETURNED)

    settle([order.pk], at=NOW)

    assert balance(member, at=NOW) == left
    assert faults() == []


@pytest.mark.django_db
@pytest.mark.parametrize("night_has_come", [False, True])
def test_points_that_expired_are_not_taken_from_other_lots(night_has_come):
    order = make_order(total="100.00", ordered_at=NOW - YEAR)
    settle([order.pk], at=NOW - YEAR)
    member = Member.objects.get()
    spend(member, points=40, reference="reward:7", at=NOW - YEAR)
    give(member, 500, at=NOW)
    if night_has_come:
        expire(at=NOW)
    change(order, OrderStatus.RETURNED)

    settle([order.pk], at=NOW)

    # 60 of the order's points expired by themselves; the 40 that were spent are owed.
    assert balance(member, at=NOW) == 460


@pytest.mark.django_db
def test_two_orders_that_come_back_together_give_back_both():
    ana = make_customer()
    bought = [make_order(ana, total="100.00") for _ in range(2)]
    settle([order.pk for order in bought], at=NOW)
    member = Member.objects.get()
    spend(member, points=50, reference="reward:7", at=NOW)
    give(member, 80)
    for order in bought:
        change(order, OrderStatus.RETURNED)

    settle([order.pk for order in bought], at=NOW)

    assert balance(member, at=NOW) == 30
    assert faults() == []


# Orders that change


def make_settled(units: int, total: str) -> tuple[Order, Member]:
    line = Line(make_product().sku, Decimal(units), Decimal(total))
    order = make_order(lines=[line])
    settle([order.pk], at=NOW)
    return order, Member.objects.get(customer=order.customer)


def moved(member: Member) -> list[tuple[str, int]]:
    found = member.transactions.with_points().order_by("pk")
    return [(it.reference.split(":", 2)[2], it.points) for it in found]


@pytest.mark.django_db
def test_an_order_gives_back_what_came_back_of_it():
    """Three articles for 100.00: 100 points. 33.33 back leave 66.67, that is 66 points."""
    order, member = make_settled(3, "100.00")
    balances = []

    for number in range(3):
        comes_back(order, 1, reference=f"r-{number}")
        settle([order.pk], at=NOW)
        settle([order.pk], at=NOW)
        balances.append(balance(member, at=NOW))

    assert balances == [66, 33, 0]
    assert moved(member) == [
        ("earned", 100),
        ("reversed:2", -34),
        ("reversed:3", -33),
        ("reversed:4", -33),
    ]
    assert faults() == []


@pytest.mark.django_db
def test_a_changed_total_earns_or_gives_back_the_difference():
    order, member = make_settled(1, "100.00")

    for total in ("150.00", "120.00"):
        told(order, total=total)
        settle([order.pk], at=NOW)

    assert moved(member) == [("earned", 100), ("earned:2", 50), ("reversed:3", -30)]
    assert faults() == []


@pytest.mark.django_db
def test_an_order_that_is_placed_again_earns_again():
    order, member = make_settled(1, "100.00")
    cancel_order(order, at=NOW)
    settle([order.pk], at=NOW)

    told(order, total="100.00", status=OrderStatus.PLACED)
    settle([order.pk], at=NOW)
    cancel_order(order, at=NOW)
    settle([order.pk], at=NOW)

    assert moved(member) == [
        ("earned", 100),
        ("reversed:2", -100),
        ("earned:3", 100),
        ("reversed:4", -100),
    ]
    assert faults() == []


@pytest.mark.django_db
def test_an_order_keeps_the_rate_at_which_it_earned():
    order, member = make_settled(2, "100.00")
    Programme.objects.update(points_per_unit=3)

    settle([order.pk], at=NOW)
    comes_back(order, 1, reference="r-1")
    settle([order.pk], at=NOW)

    assert moved(member) == [("earned", 100), ("reversed:2", -50)]


@pytest.mark.django_db
@pytest.mark.parametrize("units", [(2,), (1, 1)])
def test_points_that_expired_are_not_asked_back_however_the_order_comes_back(units):
    line = Line(make_product().sku, Decimal(2), Decimal(100))
    order = make_order(lines=[line], ordered_at=NOW - YEAR)
    settle([order.pk], at=NOW - YEAR)
    member = Member.objects.get()
    spend(member, points=40, reference="reward:7", at=NOW - YEAR)
    give(member, 500, at=NOW)
    expire(at=NOW)

    for number, part in enumerate(units):
        comes_back(order, part, reference=f"r-{number}")
        settle([order.pk], at=NOW)

    # 60 expired by themselves; the 40 that were spent are asked back.
    assert balance(member, at=NOW) == 460
    assert faults() == []


class SettledOrders(TestCase):
    @settings(derandomize=True, deadline=None, max_examples=30)
    @given(
        acts=st.lists(
            st.one_of(
                st.tuples(st.just("return"), st.integers(1, 3)),
                st.tuples(st.just("tell"), st.integers(0, 200_00)),
                st.tuples(st.just("cancel"), st.none()),
                st.tuples(st.just("settle"), st.none()),
            ),
            max_size=8,
        )
    )
    def test_points_are_those_of_the_order_as_it_stands(self, acts):
        order, member = make_settled(4, "100.00")

        for number, (what, amount) in enumerate(acts):
            order.refresh_from_db()
            follow(order, what, amount, number=number)
        settle([order.pk], at=NOW)

        order.refresh_from_db()
        assert balance(member, at=NOW) == OrderPoints.objects.get().points == int(order.net_total)
        assert sum(Entry.objects.values_list("points", flat=True)) == 0
        assert faults() == []


def follow(order: Order, what: str, amount: int, *, number: int) -> None:
    try:
        if what == "return":
            comes_back(order, amount, reference=str(number))
        elif what == "tell":
            told(order, total=f"{Decimal(amount) / 100}", status=OrderStatus.PLACED)
        elif what == "cancel":
            cancel_order(order, at=NOW)
        else:
            settle([order.pk], at=NOW)
    except DomainError:
        pass  # what cannot be is not


@pytest.mark.django_db
def test_many_orders_cost_as_many_statements_as_one(django_assert_max_num_queries):
    bought = [make_order(total="600.00").pk for _ in range(40)]

    with django_assert_max_num_queries(40):
        settle(bought, at=NOW)

    assert Transaction.objects.count() == 40


def test_settling_and_spending_at_once_lose_nothing(real_db):
    member = make_member(balance=100)
    bought = [make_order(member.customer, total="10.00").pk for _ in range(6)]

    answers = at_once(
        *(lambda order=order: settle([order], at=NOW) for order in bought),
        *(lambda order=order: settle([order], at=NOW) for order in bought),
        *(
            lambda till=till: spend(member, points=20, reference=f"till:{till}", at=NOW)
            for till in range(4)
        ),
    )

    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert balance(member, at=NOW) == 100 + 60 - 80
    assert faults() == []


# Orders that came in by a file


def make_job(**facts) -> ImportJob:
    return ImportJob.objects.create(**{"kind": "orders", "file_name": "orders.csv", **facts})


@pytest.mark.django_db
def test_orders_of_a_file_are_settled_in_chunks():
    job = make_job()
    bought = [make_order(total="100.00").pk for _ in range(7)]
    Order.objects.filter(pk__in=bought).update(imported_by=job)
    note_imports([job.pk])

    chunks = 0
    while settle_imported(at=NOW, limit=3):
        chunks += 1

    assert chunks == 3 + 1
    assert Transaction.objects.count() == 7
    assert OrderImport.objects.get().finished_at == NOW
    assert not Event.objects.filter(kind="loyalty.points_earned").exists()


@pytest.mark.django_db
def test_a_file_is_noted_once():
    job = make_job()
    note_imports([job.pk])
    settle_imported(at=NOW)

    note_imports([job.pk])

    assert not settle_imported(at=NOW)


ORDERS = "order,customer,ordered_at,sku,quantity,total\n"


def settle_files() -> None:
    while settle_imported(at=NOW, limit=2) or settle_undone(at=NOW, limit=2):
        pass


@pytest.mark.django_db
def test_an_import_that_is_undone_gives_back_its_points_and_earns_when_it_comes_again():
    ana = make_customer(external_id="C1")
    make_product(sku="P1")
    rows = "".join(f"O{number},C1,2026-01-05,P1,1,100\n" for number in range(3))
    for _ in range(2):
        job = brought_in("orders", ORDERS + rows)
        note_imports([job.pk])
        settle_files()
        assert balance(ana.member, at=NOW) == 300

        undo(job, by=None, at=NOW)
        work_on_imports(clock=lambda: NOW)
        note_undone([job.pk])
        settle_files()
        assert balance(ana.member, at=NOW) == 0

    assert Transaction.objects.filter(kind="reversed").count() == 6
    assert not Order.objects.exists()
    assert faults() == []


@pytest.mark.django_db
def test_points_are_taken_back_only_after_the_import_has_earned_them():
    job = make_job()
    note_imports([job.pk])
    note_undone([job.pk])

    assert not settle_undone(at=NOW)
    settle_imported(at=NOW)
    settle_undone(at=NOW)

    assert OrderUndo.objects.get().finished_at == NOW
