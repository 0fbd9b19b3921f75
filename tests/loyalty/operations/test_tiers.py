from datetime import timedelta

import pytest

from customers.enums import OrderStatus
from customers.models import Event, Order
from loyalty.operations.tiers import set_all_tiers, set_tiers
from loyalty.queries import the_programme
from tests.factories import NOW, make_order
from tests.loyalty.factories import make_member

pytestmark = pytest.mark.django_db

LONG_AGO = NOW - timedelta(days=400)
NEXT_YEAR = NOW + timedelta(days=400)


def tier_of(member) -> str:
    set_tiers(the_programme(), customers=[member.customer_id], at=NOW)
    member.refresh_from_db()
    return str(member.tier)


def test_a_tier_follows_the_spend():
    member = make_member()
    make_order(member.customer, total="400.00")
    make_order(member.customer, total="100.00")

    assert tier_of(member) == "Prata"
    assert member.tier_since == NOW


@pytest.mark.parametrize(
    ("ordered_at", "status"),
    [
        (LONG_AGO, OrderStatus.PLACED),
        (NOW + timedelta(hours=1), OrderStatus.PLACED),
        (NOW, OrderStatus.CANCELLED),
        (NOW, OrderStatus.RETURNED),
    ],
)
def test_only_orders_that_stand_within_the_window_count(ordered_at, status):
    member = make_member()
    make_order(member.customer, total="9000.00", ordered_at=ordered_at, status=status)

    assert tier_of(member) == "Bronze"


def test_joining_at_the_lowest_tier_is_no_news():
    member = make_member()

    assert tier_of(member) == "Bronze"
    assert not Event.objects.filter(kind="loyalty.tier_reached").exists()


def test_a_new_tier_is_told_once():
    member = make_member()
    make_order(member.customer, total="500.00")

    tier_of(member)
    tier_of(member)

    assert Event.objects.get(kind="loyalty.tier_reached").data == {"tier": "Prata"}


def test_a_tier_falls_when_its_term_is_over_and_not_before():
    member = make_member()
    make_order(member.customer, total="500.00")
    tier_of(member)
    Order.objects.update(status=OrderStatus.RETURNED)

    assert tier_of(member) == "Prata"
    set_tiers(the_programme(), customers=[member.customer_id], at=NEXT_YEAR)

    member.refresh_from_db()
    assert (str(member.tier), member.tier_since) == ("Bronze", NEXT_YEAR)
    assert Event.objects.get(kind="loyalty.tier_lowered").data == {"tier": "Bronze"}


def test_a_tier_that_is_earned_again_is_renewed():
    member = make_member()
    make_order(member.customer, total="500.00")
    tier_of(member)
    make_order(member.customer, total="500.00", ordered_at=NEXT_YEAR)

    set_tiers(the_programme(), customers=[member.customer_id], at=NEXT_YEAR)

    member.refresh_from_db()
    assert (str(member.tier), member.tier_since) == ("Prata", NOW)
    assert member.tier_until
    assert member.tier_until > NEXT_YEAR
    assert not Event.objects.filter(kind="loyalty.tier_lowered").exists()


def test_all_members_are_seen_chunk_by_chunk():
    members = [make_member() for _ in range(5)]

    reached: int | None = 0
    while reached is not None:
        reached = set_all_tiers(at=NOW, after=reached, limit=2)

    for member in members:
        member.refresh_from_db()
    assert {str(member.tier) for member in members} == {"Bronze"}
