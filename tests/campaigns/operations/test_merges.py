"""Vouchers, limits and messages of two records that are one person."""

from datetime import timedelta

import pytest

from campaigns.models import OfferUse, Redemption, Voucher
from campaigns.operations.redemptions import VoucherRefused, roll_back
from campaigns.queries.drift import drifted_uses
from customers.operations.merges import merge, unmerge
from segments.models import Membership
from tests.factories import (
    NOW,
    allow,
    make_apology,
    make_customer,
    make_launched,
    make_offer,
    make_redemption,
    make_segment,
    make_voucher,
)

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(days=1)


def uses(offer):
    return dict(OfferUse.objects.filter(offer=offer).values_list("customer", "use_count"))


def used_once(customer, offer):
    return make_redemption(make_voucher(offer, customer=customer)[1], customer=customer)


def test_once_per_customer_is_once_for_the_person():
    offer = make_offer(per_customer_limit=1)
    ana, twin = make_customer(), make_customer()
    used_once(ana, offer)
    used_once(twin, offer)

    record = merge(ana, twin, by=None, at=NOW)

    assert uses(offer) == {ana.pk: 2, twin.pk: 0}
    with pytest.raises(VoucherRefused):
        used_once(ana, offer)
    assert not drifted_uses().exists()

    unmerge(record, by=None, at=LATER)
    assert uses(offer) == {ana.pk: 1, twin.pk: 1}
    assert not drifted_uses().exists()


def test_a_use_of_one_counts_for_the_other():
    offer = make_offer(per_customer_limit=1)
    ana, twin = make_customer(), make_customer()
    used_once(twin, offer)

    merge(ana, twin, by=None, at=NOW)

    with pytest.raises(VoucherRefused):
        used_once(ana, offer)


def test_what_is_rolled_back_is_given_back_to_whoever_has_it_by_now():
    offer = make_offer(per_customer_limit=1)
    ana, twin = make_customer(), make_customer()
    redemption = used_once(twin, offer)
    record = merge(ana, twin, by=None, at=NOW)

    # As read before the merge.
    roll_back(redemption, at=NOW)

    assert uses(offer) == {ana.pk: 0, twin.pk: 0}
    unmerge(record, by=None, at=LATER)
    assert uses(offer) == {ana.pk: 0, twin.pk: 0}


def test_the_survivor_may_use_the_losers_voucher():
    ana, twin = make_customer(), make_customer()
    _voucher, code = make_voucher(customer=twin)
    apology = make_apology(twin)

    merge(ana, twin, by=None, at=NOW)

    assert make_redemption(code, customer=ana).customer == ana
    # A program that has not heard of the merge.
    apology.refresh_from_db()
    assert apology.customer == ana
    assert set(Voucher.objects.values_list("customer", flat=True)) == {ana.pk}


def test_whoever_redeems_as_the_loser_is_the_survivor():
    ana, twin = make_customer(), make_customer()
    _voucher, code = make_voucher(customer=twin)
    merge(ana, twin, by=None, at=NOW)

    assert make_redemption(code, customer=twin).customer == ana
    assert Redemption.objects.get().customer == ana


def test_of_two_verdicts_on_one_campaign_each_record_keeps_its_own():
    ana, twin, other = allow(make_customer()), allow(make_customer()), allow(make_customer())
    both, one = make_launched(ana, twin), make_launched(twin, other)

    record = merge(ana, twin, by=None, at=NOW)

    assert set(both.messages.values_list("customer", flat=True)) == {ana.pk, twin.pk}
    assert set(one.messages.values_list("customer", flat=True)) == {ana.pk, other.pk}
    unmerge(record, by=None, at=LATER)
    assert set(one.messages.values_list("customer", flat=True)) == {twin.pk, other.pk}


def test_the_person_is_in_a_segment_once():
    ana, twin = make_customer(), make_customer()
    both, one = make_segment(ana, twin), make_segment(twin)
    before = list(Membership.objects.order_by("pk").values())

    record = merge(ana, twin, by=None, at=LATER)

    standing = Membership.objects.filter(left_at=None)
    assert set(standing.values_list("segment", "customer")) == {
        (both.pk, ana.pk),
        (one.pk, ana.pk),
    }
    unmerge(record, by=None, at=LATER)
    assert list(Membership.objects.order_by("pk").values()) == before
