from datetime import timedelta

import pytest

from customers.enums import OrderStatus
from customers.models import Event, ImportJob, Order
from loyalty.models import Member, OrderImport, Transaction
from loyalty.operations.orders import note_imports, settle, settle_imported
from loyalty.operations.points import expire, spend
from loyalty.queries import balance, faults
from tests.factories import NOW, make_customer, make_order
from tests.loyalty.factories import give, make_member
from tests.races import at_once

YEAR = timedelta(days=366)


def change(order: Order, status: OrderStatus) -> None:
    Order.objects.filter(pk=order.pk).update(status=status)


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
