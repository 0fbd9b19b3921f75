from datetime import timedelta

import pytest

from campaigns.operations.redemptions import roll_back
from consent.models import Purpose
from customers.enums import Category
from segments.compiler import matching
from segments.queries import traits
from segments.rules import read_rule
from tests.factories import (
    NOW,
    allow,
    make_customer,
    make_offer,
    make_redemption,
    make_voucher,
)

pytestmark = pytest.mark.django_db


def who(**condition):
    rule = read_rule({"all": [{"trait": "campaigns.redeemed", **condition}]}, traits())
    return set(matching(rule, purpose=Purpose.objects.get(pk="marketing"), at=NOW))


def somebody_who_redeemed(offer, *, at=NOW):
    customer = allow(make_customer())
    _, code = make_voucher(offer, customer=customer, at=at)
    return customer, make_redemption(code, customer=customer, at=at)


def test_rule_asks_who_redeemed_which_offer_within_days():
    may, june = make_offer(name="May"), make_offer(name="June")
    ana, _ = somebody_who_redeemed(may, at=NOW - timedelta(days=10))
    bia, _ = somebody_who_redeemed(may, at=NOW - timedelta(days=40))
    caio, _ = somebody_who_redeemed(june, at=NOW - timedelta(days=10))
    allow(make_customer())

    assert who(operator="did") == {ana, bia, caio}
    assert who(operator="did", window={"days": 30}) == {ana, caio}
    assert who(operator="did", window={"days": 30}, where={"offer": "May"}) == {ana}


def test_redemption_that_was_rolled_back_did_not_happen():
    _, redemption = somebody_who_redeemed(make_offer())

    roll_back(redemption, at=NOW)

    assert who(operator="did") == set()


def test_redemptions_are_read_only_with_permission_for_purchases():
    customer = allow(make_customer(), using=[Category.IDENTITY])
    _, code = make_voucher(customer=customer)
    make_redemption(code, customer=customer)

    assert who(operator="did") == set()
