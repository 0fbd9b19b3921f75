"""Whoever reads the timeline sees what was committed: these tests commit for real."""

from decimal import Decimal
from functools import partial

import pytest
from django.db import transaction

from customers.enums import OrderStatus
from customers.models import Customer, ImportJob, Order
from customers.operations.consuming import consume
from customers.operations.orders import Returned, return_lines
from customers.operations.timeline import NewEvent, record_events
from loyalty import consumers
from loyalty.models import Member, Transaction
from loyalty.operations.orders import settle_imported
from loyalty.queries import balance, faults
from loyalty.tasks import follow_orders
from tests.factories import NOW, make_customer, make_order, make_product
from tests.races import at_once

pytestmark = pytest.mark.usefixtures("real_db")


def follow(react=consumers.react) -> None:
    while consume("loyalty.orders", partial(react, at=NOW), at=NOW):
        pass


def points(customer: Customer) -> int:
    return balance(Member.objects.get(customer=customer), at=NOW)


def test_a_placed_order_earns_and_a_cancelled_one_gives_back():
    ana = make_customer()
    order = make_order(ana, total="80.00")
    follow()
    earned = points(ana)

    make_order(ana, external_id=order.external_id, status=OrderStatus.CANCELLED)
    follow()

    assert (earned, points(ana)) == (80, 0)


def test_an_order_cancelled_before_anybody_looked_earns_nothing():
    order = make_order()
    make_order(order.customer, external_id=order.external_id, status=OrderStatus.CANCELLED)

    follow()

    assert not Transaction.objects.exists()


def test_a_consumer_killed_before_its_end_goes_on_without_loss_or_repeat():
    ana = make_customer()
    make_order(ana, total="80.00")

    def killed(span, *, at):
        consumers.react(span, at=at)
        raise SystemExit

    with pytest.raises(SystemExit):
        follow(killed)
    nothing_yet = Member.objects.count()
    follow()
    follow()

    assert (nothing_yet, points(ana)) == (0, 80)


def test_two_consumers_at_once_earn_once():
    ana = make_customer()
    make_order(ana, total="80.00")

    at_once(follow, follow, follow)
    follow()

    assert points(ana) == 80


def imported(*totals: str, historic: bool = False) -> ImportJob:
    """Bring orders in as a file does: one event for all of them."""
    job = ImportJob.objects.create(kind="orders", file_name="orders.csv", historic=historic)
    ana = make_customer()
    Order.objects.bulk_create(
        Order(
            external_id=f"{job.pk}-{number}",
            customer=ana,
            ordered_at=NOW,
            total=total,
            imported_by=job,
        )
        for number, total in enumerate(totals)
    )
    done = NewEvent("customers.file_imported", None, NOW, f"import:{job.pk}", {"kind": "orders"})
    record_events([done], historic=historic, job=job)
    return job


def test_a_file_of_orders_earns():
    imported("10.00", "20.50", "30.99")

    follow_orders()

    assert balance(Member.objects.get(), at=NOW) == 60


def test_history_earns_nothing():
    imported("10.00", "20.50", historic=True)

    follow_orders()

    assert not Member.objects.exists()


def test_history_of_which_a_part_comes_back_earns_nothing():
    order = make_order(total="10.00")
    job = ImportJob.objects.create(kind="orders", file_name="orders.csv", historic=True)
    Order.objects.update(imported_by=job)

    return_lines(order, returned=[Returned(1, Decimal("0.5"))], reference="r-1", at=NOW)
    follow()

    assert Order.objects.get().net_total == 5
    assert not Member.objects.exists()


def test_points_follow_an_order_that_changes_comes_back_and_stands_again():
    ana, tea = make_customer(), make_product()
    tell = partial(make_order, ana, external_id="A-1", product=tea)
    seen = []

    for act in (
        partial(tell, total="80.00"),
        partial(tell, total="100.00"),
        lambda: return_lines(
            Order.objects.get(),
            returned=[Returned(1, Decimal("0.5"))],
            reference="r-1",
            at=NOW,
        ),
        partial(tell, total="100.00", status=OrderStatus.CANCELLED),
        partial(tell, total="100.00", status=OrderStatus.PLACED),
    ):
        act()
        follow()
        seen.append(points(ana))

    assert seen == [80, 100, 50, 0, 100]
    assert faults() == []


@transaction.atomic
def settle_and_die() -> None:
    settle_imported(at=NOW, limit=2)
    raise SystemExit


def test_a_file_of_orders_earns_once_though_the_worker_dies_again_and_again():
    imported("10.00", "20.50", "30.99")
    follow()

    with pytest.raises(SystemExit):
        settle_and_die()
    settle_imported(at=NOW, limit=2)
    with pytest.raises(SystemExit):
        settle_and_die()
    while settle_imported(at=NOW, limit=2):
        pass

    assert balance(Member.objects.get(), at=NOW) == 60
    assert Transaction.objects.count() == 3
    assert faults() == []
