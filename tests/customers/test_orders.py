"""Orders as they are placed, changed, returned line by line, cancelled and placed again."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from customers.enums import OrderStatus
from customers.models import CustomerMetrics, Event, Order
from customers.operations.metrics import metric_faults
from customers.operations.orders import (
    MoreThanWasBought,
    NoSuchLine,
    OrderIsCancelled,
    OrderIsReturned,
    Returned,
    ReturnReferenceUsed,
    StatusContradicted,
    cancel_order,
    facts_of,
    record_order,
    return_lines,
)
from customers.rules.returns import Line, given_back, status_of, worth
from tests.factories import NOW, make_customer, make_order, make_product

LATER = NOW + timedelta(days=3)


def line(quantity, total, *, sku="tea", returned=None):
    return Line(
        sku,
        Decimal(quantity),
        Decimal(total),
        returned_quantity=None if returned is None else Decimal(returned),
    )


def make_lines(*lines):
    for sku in {it.sku for it in lines}:
        make_product(sku=sku)
    return make_order(lines=lines)


def happened():
    found = Event.objects.filter(kind__startswith="customers.order").order_by("pk")
    return [
        (event.kind.removeprefix("customers.order_"), event.data.get("amount")) for event in found
    ]


# The share that is given back


@pytest.mark.parametrize(
    ("quantity", "total", "returned", "back"),
    [
        # Three for 300.00 less 10 %: two of them are 180.00, not 200.00 (promotions.md §2.14).
        ("3", "270.00", "2", "180.00"),
        # Three for 20.00: the first is 6.67, the second 6.66, and the third takes the rest.
        ("3", "20.00", "1", "6.67"),
        ("3", "20.00", "2", "13.33"),
        ("3", "20.00", "3", "20.00"),
        # Half a cent goes to the customer.
        ("2", "0.01", "1", "0.01"),
        ("0.750", "10.20", "0.250", "3.40"),
        ("0", "5.00", "0", "0"),
    ],
)
def test_what_is_given_back_is_the_share_of_what_was_paid(quantity, total, returned, back):
    assert worth(Decimal(returned), of=line(quantity, total)) == Decimal(back)


@pytest.mark.parametrize(
    ("returned", "status"),
    [
        (("0", "0"), OrderStatus.PLACED),
        (("1", "0"), OrderStatus.PARTIALLY_RETURNED),
        (("2", "0"), OrderStatus.PARTIALLY_RETURNED),
        (("2", "1"), OrderStatus.RETURNED),
    ],
)
def test_an_order_is_what_its_lines_make_it(returned, status):
    first, second = returned

    assert status_of([line(2, 10, returned=first), line(1, 5, returned=second)]) == status


# Returns


@pytest.mark.django_db
def test_units_that_come_back_are_given_back_with_their_share():
    order = make_lines(line(3, "20.00"), line(1, "5.00", sku="milk"))

    order = return_lines(order, returned=[Returned(1, Decimal(1))], reference="r-1", at=LATER)

    assert (order.status, order.total, order.returned_total, order.net_total) == (
        OrderStatus.PARTIALLY_RETURNED,
        Decimal("25.00"),
        Decimal("6.67"),
        Decimal("18.33"),
    )
    assert [it.returned_quantity for it in order.lines.order_by("number")] == [1, 0]
    assert CustomerMetrics.objects.get().spend == Decimal("18.33")
    assert happened() == [("placed", None), ("partly_returned", "6.67")]


@pytest.mark.django_db
def test_the_last_return_takes_the_rest():
    order = make_lines(line(3, "20.00"))

    for number in range(3):
        order = return_lines(
            order, returned=[Returned(1, Decimal(1))], reference=f"{number}", at=LATER
        )

    assert (order.status, order.returned_total, order.net_total) == (
        OrderStatus.RETURNED,
        Decimal("20.00"),
        0,
    )
    assert CustomerMetrics.objects.get().order_count == 0
    assert [amount for _kind, amount in happened()] == [None, "6.67", "6.66", "6.67"]


@pytest.mark.django_db
def test_a_return_with_the_same_reference_is_the_same_return():
    order = make_lines(line(3, "20.00"))
    first = return_lines(order, returned=[Returned(1, Decimal(1))], reference="r-1", at=NOW)

    again = return_lines(
        order, returned=[Returned(1, Decimal("1.000"))], reference="r-1", at=LATER
    )

    assert facts_of(again) == facts_of(first)
    with pytest.raises(ReturnReferenceUsed):
        return_lines(order, returned=[Returned(1, Decimal(2))], reference="r-1", at=LATER)
    assert Event.objects.filter(kind="customers.order_partly_returned").count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("returned", "refusal", "field"),
    [
        ([Returned(1, Decimal(3))], MoreThanWasBought, "lines.0.quantity"),
        (
            [Returned(2, Decimal(1)), Returned(1, Decimal("2.001"))],
            MoreThanWasBought,
            "lines.1.quantity",
        ),
        (
            [Returned(1, Decimal(2)), Returned(1, Decimal(1))],
            MoreThanWasBought,
            "lines.1.quantity",
        ),
        ([Returned(3, Decimal(1))], NoSuchLine, "lines.0.line"),
        ([Returned(0, Decimal(1))], NoSuchLine, "lines.0.line"),
    ],
)
def test_what_was_not_bought_cannot_come_back(returned, refusal, field):
    order = make_lines(line(2, "10.00"), line(1, "5.00", sku="milk"))

    with pytest.raises(refusal) as refused:
        return_lines(order, returned=returned, reference="r-1", at=LATER)

    assert refused.value.field == field
    assert Order.objects.get().status == OrderStatus.PLACED


# Cancelling


@pytest.mark.django_db
def test_a_cancelled_order_counts_no_more_and_is_cancelled_once():
    order = make_lines(line(2, "10.00"))
    return_lines(order, returned=[Returned(1, Decimal(1))], reference="r-1", at=LATER)

    order = cancel_order(order, at=LATER)
    again = cancel_order(order, at=LATER)

    assert (again.status, again.net_total, again.revision) == (OrderStatus.CANCELLED, 0, 3)
    assert CustomerMetrics.objects.get().spend == 0
    assert happened() == [("placed", None), ("partly_returned", "5.00"), ("cancelled", "5.00")]
    with pytest.raises(OrderIsCancelled):
        return_lines(order, returned=[Returned(1, Decimal(1))], reference="r-2", at=LATER)


@pytest.mark.django_db
def test_what_has_come_back_whole_cannot_be_cancelled():
    order = make_lines(line(2, "10.00"))
    return_lines(order, returned=[Returned(1, Decimal(2))], reference="r-1", at=LATER)

    with pytest.raises(OrderIsReturned):
        cancel_order(order, at=LATER)


# Told again


def told_again(order, *, lines=None, status=None, ordered_at=None):
    return record_order(
        order.customer,
        external_id=order.external_id,
        ordered_at=ordered_at or order.ordered_at,
        lines=facts_of(order).lines if lines is None else lines,
        status=status,
        at=LATER,
    )


@pytest.mark.django_db
def test_an_order_that_says_the_same_changes_nothing():
    order = make_lines(line(2, "10.00"))

    again = told_again(order, lines=[line("2.000", "10")], status=OrderStatus.PLACED)

    assert (again.revision, again.updated_at) == (1, NOW)
    assert happened() == [("placed", None)]


@pytest.mark.django_db
def test_a_changed_order_is_an_event_each_time_it_changes():
    order = make_lines(line(2, "10.00"))

    for total in ("12.00", "10.00", "12.00", "12.00"):
        told_again(order, lines=[line(2, total)])

    assert Order.objects.get().net_total == CustomerMetrics.objects.get().spend == Decimal("12.00")
    assert happened() == [
        ("placed", None),
        ("changed", "-2.00"),
        ("changed", "2.00"),
        ("changed", "-2.00"),
    ]


@pytest.mark.django_db
def test_an_order_can_be_cancelled_placed_again_and_cancelled_once_more():
    order = make_lines(line(2, "10.00"))

    for status in (OrderStatus.CANCELLED, OrderStatus.PLACED, OrderStatus.CANCELLED):
        told_again(order, status=status, lines=[line(2, "10.00")])

    assert [kind for kind, _ in happened()] == ["placed", "cancelled", "reinstated", "cancelled"]


@pytest.mark.django_db
@pytest.mark.parametrize("status", [OrderStatus.CANCELLED, OrderStatus.PARTIALLY_RETURNED])
def test_what_an_order_does_not_say_stays(status):
    order = make_lines(line(3, "20.00"), line(1, "5.00", sku="milk"))
    return_lines(order, returned=[Returned(1, Decimal(2))], reference="r-1", at=LATER)
    if status == OrderStatus.CANCELLED:
        cancel_order(order, at=LATER)

    # The till repeats what it told first, and knows nothing of the return; one line is new.
    order = told_again(
        order, lines=[line(3, "20.00"), line(1, "5.00", sku="milk"), line(1, "1.00")]
    )

    assert order.status == status
    assert [it.returned for it in facts_of(order).lines] == [2, 0, 0]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("lines", "status", "refusal", "field"),
    [
        ([line(2, 10, returned=3)], None, MoreThanWasBought, "lines.0.returned_quantity"),
        (
            [line(2, 10), line(2, 10, returned=1)],
            OrderStatus.RETURNED,
            StatusContradicted,
            "lines.1.returned_quantity",
        ),
        ([line(2, 10)], OrderStatus.PARTIALLY_RETURNED, StatusContradicted, "lines"),
        ([line(2, 10, returned=2)], OrderStatus.PARTIALLY_RETURNED, StatusContradicted, "lines"),
    ],
)
def test_an_order_that_contradicts_itself_is_refused(lines, status, refusal, field):
    make_product(sku="tea")

    with pytest.raises(refusal) as refused:
        record_order(
            make_customer(), external_id="A-1", ordered_at=NOW, lines=lines, status=status, at=NOW
        )

    assert refused.value.field == field
    assert not Order.objects.exists()


# Whatever happens to orders, what is kept is what they add up to

CENTS = st.integers(0, 100_00).map(lambda cents: Decimal(cents) / 100)
UNITS = st.integers(1, 4000).map(lambda thousandths: Decimal(thousandths) / 1000)
LINES = st.lists(
    st.builds(lambda quantity, total: line(quantity, total), UNITS, CENTS), min_size=1, max_size=3
)
SHARES = st.lists(st.integers(0, 4), min_size=3, max_size=3)
ACTS = st.one_of(
    st.tuples(st.just("tell"), LINES, st.sampled_from([None, *OrderStatus])),
    st.tuples(st.just("return"), SHARES, st.none()),
    st.tuples(st.just("cancel"), st.none(), st.none()),
)


def act(order, number, what, with_what, status):
    try:
        if what == "tell":
            told_again(order, lines=with_what, status=status)
        elif what == "return":
            lines = facts_of(order).lines
            parts = [
                Returned(place, (it.left * share / 4).quantize(Decimal("0.001")))
                for place, (it, share) in enumerate(zip(lines, with_what, strict=False), start=1)
            ]
            return_lines(order, returned=parts, reference=str(number), at=LATER)
        else:
            cancel_order(order, at=LATER)
    except (StatusContradicted, OrderIsCancelled, OrderIsReturned, MoreThanWasBought):
        pass


class OrderLaws(TestCase):
    @settings(derandomize=True, deadline=None, max_examples=40)
    @given(orders=st.lists(LINES, min_size=1, max_size=2), acts=st.lists(ACTS, max_size=8))
    def test_sums_are_those_of_the_lines_whatever_happened(self, orders, acts):
        ana = make_customer()
        make_product(sku="tea")
        bought = [make_order(ana, lines=lines) for lines in orders]

        for number, (what, with_what, status) in enumerate(acts):
            act(
                Order.objects.get(pk=bought[number % len(bought)].pk),
                number,
                what,
                with_what,
                status,
            )

        assert metric_faults() == []
        stood = []
        for order in Order.objects.all():
            facts = facts_of(order)
            assert order.total == facts.total
            assert order.returned_total == given_back(facts.lines)
            assert order.returned_total == sum(it.returned_total for it in order.lines.all())
            assert order.net_total == facts.net_total
            assert order.status == status_of(facts.lines, told=facts.status)
            stood += [facts.net_total] if order.status in ("placed", "partially_returned") else []
        metrics = CustomerMetrics.objects.get(customer=ana)
        assert (metrics.order_count, metrics.spend) == (len(stood), sum(stood))

    @settings(derandomize=True, deadline=None, max_examples=40)
    @given(bought=LINES, shares=st.lists(SHARES, max_size=4))
    def test_returns_in_parts_end_where_one_return_of_all_ends(self, bought, shares):
        make_product(sku="tea")
        in_parts, at_once = make_order(lines=bought), make_order(lines=bought)

        for number, with_what in enumerate([*shares, [4, 4, 4]]):
            act(in_parts, number, "return", with_what, None)
        whole = [Returned(place, it.quantity) for place, it in enumerate(bought, start=1)]
        at_once = return_lines(at_once, returned=whole, reference="all", at=LATER)

        in_parts.refresh_from_db()
        assert replace(facts_of(in_parts)) == facts_of(at_once)
        assert (in_parts.returned_total, in_parts.net_total) == (at_once.total, 0)
