"""Points and tiers of two records that are one person."""

from datetime import timedelta

import pytest

from customers.operations.merges import merge, unmerge
from customers.operations.orders import cancel_order
from loyalty.models import Member, Tier
from loyalty.operations.merges import PointsSpent
from loyalty.operations.orders import settle
from loyalty.operations.points import expire, spend
from loyalty.queries import balance, faults
from tests.factories import NOW, make_customer, make_order
from tests.loyalty.factories import give, make_member

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(days=1)


def two(mine=0, others=0):
    return make_member(balance=mine), make_member(balance=others)


def balances(*members, at=LATER):
    return tuple(balance(member, at=at) for member in members)


def test_points_of_both_are_the_survivors_and_go_back():
    ana, twin = two(100, 30)

    record = merge(ana.customer, twin.customer, by=None, at=NOW)
    together = balances(ana, twin)
    spend(ana, points=110, reference="till:1", at=NOW)
    give(ana, 200)

    assert together == (130, 0)
    assert faults() == []
    unmerge(record, by=None, at=LATER)
    # 110 were spent since, of which 30 may have been the other's: they are made good.
    assert balances(ana, twin) == (190, 30)
    assert faults() == []


def test_points_that_are_gone_cannot_go_back():
    ana, twin = two(0, 30)
    record = merge(ana.customer, twin.customer, by=None, at=NOW)
    spend(ana, points=20, reference="till:1", at=NOW)

    with pytest.raises(PointsSpent, match="20 points"):
        unmerge(record, by=None, at=LATER)

    assert balances(ana, twin) == (10, 0)
    give(ana, 20)
    unmerge(record, by=None, at=LATER)
    assert balances(ana, twin) == (0, 30)
    assert faults() == []


def test_points_that_expired_since_were_the_losers_own():
    ana, twin = two(100, 30)
    record = merge(ana.customer, twin.customer, by=None, at=NOW)
    give(ana, 5, at=NOW + timedelta(days=200))
    much_later = NOW + timedelta(days=400)
    while expire(at=much_later):
        pass

    unmerge(record, by=None, at=much_later)

    assert balances(ana, twin, at=much_later) == (5, 0)
    assert faults() == []


def test_an_order_that_came_back_since_goes_with_its_points():
    ana, twin = two(100)
    order = make_order(twin.customer, total="50.00")
    settle([order.pk], at=NOW)
    record = merge(ana.customer, twin.customer, by=None, at=NOW)
    cancel_order(order, at=NOW)
    settle([order.pk], at=NOW)
    assert balances(ana, twin) == (100, 0)

    unmerge(record, by=None, at=LATER)

    assert balances(ana, twin) == (100, 0)
    assert faults() == []
    assert ana.transactions.count() == 1


def test_an_order_that_earned_since_gives_back_from_the_right_hands():
    ana, twin = two(0)
    order = make_order(twin.customer, total="50.00")
    record = merge(ana.customer, twin.customer, by=None, at=NOW)
    settle([order.pk], at=NOW)
    unmerge(record, by=None, at=LATER)
    assert balances(ana, twin) == (0, 50)

    cancel_order(order, at=LATER)
    settle([order.pk], at=LATER)

    assert balances(ana, twin) == (0, 0)
    assert faults() == []


def test_whoever_was_no_member_becomes_one_and_is_none_again():
    ana, twin = make_customer(), make_member(balance=30)

    record = merge(ana, twin.customer, by=None, at=NOW)

    assert balances(Member.objects.get(customer=ana), twin) == (30, 0)
    unmerge(record, by=None, at=LATER)
    assert not Member.objects.filter(customer=ana).exists()
    assert balances(twin) == (30,)
    assert faults() == []


def test_a_till_that_knows_the_loser_spends_the_persons_points():
    ana, twin = two(100, 30)
    merge(ana.customer, twin.customer, by=None, at=NOW)

    spend(twin, points=110, reference="till:1", at=NOW)

    assert balances(ana, twin) == (20, 0)
    assert faults() == []


def test_the_higher_tier_is_kept_and_goes_back():
    low, high = Tier.objects.order_by("rank")[:2]
    ana, twin = two()
    Member.objects.filter(pk=ana.pk).update(tier=low, tier_since=NOW, tier_until=LATER)
    Member.objects.filter(pk=twin.pk).update(
        tier=high, tier_since=NOW - timedelta(days=9), tier_until=LATER
    )
    before = list(Member.objects.order_by("pk").values())

    record = merge(ana.customer, twin.customer, by=None, at=LATER)

    assert Member.objects.get(pk=ana.pk).tier == high
    unmerge(record, by=None, at=LATER)
    assert list(Member.objects.order_by("pk").values()) == before
