"""Pages in any order: together they are the whole list, each row once, whatever comes between."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.models import Offer
from common.models import AuditEntry, Export
from common.ordering import NotACursor, Order, cursor_after, read_cursor
from tests.factories import NOW

pytestmark = pytest.mark.django_db

# Few values, so that many are alike; and some rows have none.
rows = st.tuples(
    st.sampled_from([None, 0, 1, 2_000_000_000]),
    st.sampled_from([0, 1, 2]),
    st.sampled_from(["", "a", "B", "ã", "'; --"]),
)
orders = st.builds(
    Order, st.sampled_from(["row_count", "started_at", "reason", "id"]), st.booleans()
)


def add(told):
    return Export.objects.bulk_create(
        Export(
            row_count=count, started_at=NOW + timedelta(microseconds=late), reason=reason,
            subject_type="a.list", format="csv",
        )
        for count, late, reason in told
    )  # fmt: skip


def pages(order, size):
    """Yield the pages as a program asks for them: each by the cursor of the one before."""
    after = None
    while page := order.first(size, Export.objects.all(), after=after):
        yield page
        after = read_cursor(cursor_after(page[-1], order), order, Export)


@settings(max_examples=150, derandomize=True, deadline=None)
@given(told=st.lists(rows, max_size=25), order=orders, size=st.integers(1, 7))
def test_pages_miss_and_repeat_nothing(told, order, size):
    with transaction.atomic():
        add(told)

        found = [row for page in pages(order, size) for row in page]

        assert found == list(order.whole(Export.objects.all()))
        assert len(found) == len(told)
        transaction.set_rollback(True)


@settings(max_examples=50, derandomize=True, deadline=None)
@given(
    told=st.lists(rows, min_size=1, max_size=15),
    order=orders,
    size=st.integers(1, 4),
    late=st.lists(rows, max_size=3),
)
def test_what_comes_and_goes_meanwhile_moves_nobody_else(told, order, size, late):
    with transaction.atomic():
        stays = add(told)
        goes = add(late)

        found = []
        for number, page in enumerate(pages(order, size)):
            found += page
            if number == 0:
                Export.objects.filter(pk__in=[row.pk for row in goes]).delete()
                add(late)

        assert sorted(row.pk for row in found if row in stays) == [row.pk for row in stays]
        transaction.set_rollback(True)


def test_order_puts_who_has_no_value_last_both_ways():
    add([(None, 0, ""), (7, 0, ""), (3, 0, "")])

    upwards = Order("row_count").whole(Export.objects.all())
    downwards = Order("row_count", falls=True).whole(Export.objects.all())

    assert [row.row_count for row in upwards] == [3, 7, None]
    assert [row.row_count for row in downwards] == [7, 3, None]


def test_page_costs_one_query_and_one_more_where_values_end(django_assert_num_queries):
    add([(None, 0, ""), (7, 0, ""), (3, 0, "")])

    with django_assert_num_queries(1):
        Order("row_count").first(2, Export.objects.all())
    with django_assert_num_queries(2):
        Order("row_count").first(3, Export.objects.all())
    with django_assert_num_queries(1):
        Order("started_at").first(9, Export.objects.all())


def test_cursor_is_of_one_list_and_one_order():
    [row] = add([(7, 0, "")])
    order = Order("row_count")
    cursor = cursor_after(row, order)

    assert read_cursor(cursor, order, Export) == (7, row.pk)
    for other, model in [
        (Order("row_count", falls=True), Export),
        (Order("id"), Export),
        (Order("id"), AuditEntry),
    ]:
        with pytest.raises(NotACursor):
            read_cursor(cursor, other, model)


@pytest.mark.parametrize("forged", ["forged", "WyJhIl0:x", "\0", "é", ":", "a:b:c"])
def test_cursor_that_is_none_is_refused(forged):
    with pytest.raises(NotACursor):
        read_cursor(forged, Order("id"), Export)


def test_cursor_keeps_amounts_exact():
    offer = Offer(pk=1, minimum_order=Decimal("0.10"))
    order = Order("minimum_order")

    assert read_cursor(cursor_after(offer, order), order, Offer) == (Decimal("0.10"), 1)
