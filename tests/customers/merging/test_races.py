"""A merge beside everything else that happens to the same people at the same moment."""

import pytest

from campaigns.models import OfferUse, Redemption
from campaigns.operations.redemptions import VoucherRefused
from campaigns.operations.tracking import unsubscribe
from campaigns.queries.drift import drifted_uses
from consent.models import Permission
from customers.models import Customer, Event, Merge, Order
from customers.operations.merges import MergedAlready, merge, unmerge
from customers.operations.metrics import metric_faults
from loyalty.operations.orders import settle
from loyalty.operations.points import spend
from loyalty.queries import balance, faults
from tests.factories import (
    NOW,
    allow,
    make_customer,
    make_launched,
    make_offer,
    make_order,
    make_product,
    make_redemption,
    make_voucher,
)
from tests.loyalty.factories import make_member
from tests.races import at_once, overlapping

ROUNDS = range(4)


@pytest.mark.parametrize("round_", ROUNDS)
def test_everything_at_once_and_nothing_is_lost(real_db, round_):
    offer = make_offer(per_customer_limit=1)
    ana, twin = make_member(balance=100), make_member(balance=100)
    people = ana.customer, twin.customer
    codes = [make_voucher(offer, customer=person)[1] for person in people]
    product = make_product()
    message = make_launched(allow(people[1])).messages.get()

    def use(person, code):
        return make_redemption(code, customer=person)

    def buy(person, number):
        bought = make_order(person, external_id=f"o{number}", product=product)
        settle([bought.pk], at=NOW)
        return bought

    answers = at_once(
        lambda: merge(*people, by=None, at=NOW),
        *(lambda p=p, c=c: use(p, c) for p, c in zip(people, codes, strict=True)),
        *(lambda p=p, n=n: buy(p, n) for n, p in enumerate(people)),
        *(
            lambda m=m, n=n: spend(m, points=30, reference=f"s{n}", at=NOW)
            for n, m in enumerate((ana, twin))
        ),
        lambda: unsubscribe(message, at=NOW),
    )

    unexpected = [
        answer
        for answer in answers
        if isinstance(answer, Exception) and not isinstance(answer, VoucherRefused)
    ]
    assert unexpected == []
    # A request that was under way may have written to the record that was merged.
    settle(list(Order.objects.values_list("pk", flat=True)), at=NOW)
    assert balance(ana, at=NOW) == 200 + 2 * 100 - 2 * 30
    assert balance(twin, at=NOW) == 0
    assert set(Order.objects.values_list("customer", flat=True)) == {ana.customer_id}
    assert OfferUse.objects.get(customer=ana.customer).use_count == Redemption.objects.count()
    assert (faults(), metric_faults(), list(drifted_uses())) == ([], [], [])
    assert Permission.objects.get(purpose="marketing").channel_email is False


@pytest.mark.parametrize("first", ["merge", "redemption"])
def test_the_limit_of_the_person_holds_at_the_moment_of_the_merge(real_db, first):
    offer = make_offer(per_customer_limit=1)
    ana, twin = make_customer(), make_customer()
    make_redemption(make_voucher(offer, customer=ana)[1], customer=ana)
    code = make_voucher(offer, customer=twin)[1]
    acts = [
        lambda: merge(ana, twin, by=None, at=NOW),
        lambda: make_redemption(code, customer=twin),
    ]

    answers = overlapping(*(acts if first == "merge" else reversed(acts)))

    # Who redeemed before was another person until then.
    refused = [isinstance(answer, VoucherRefused) for answer in answers]
    assert refused == ([False, True] if first == "merge" else [False, False])
    assert not drifted_uses().exists()


def test_two_clerks_merge_the_same_two_at_once_either_way_round(real_db):
    ana, twin = make_customer(), make_customer()

    answers = at_once(
        *[lambda: merge(ana, twin, by=None, at=NOW)] * 3,
        *[lambda: merge(twin, ana, by=None, at=NOW)] * 3,
    )

    assert sum(isinstance(answer, MergedAlready) for answer in answers) == 3
    assert Merge.objects.count() == 1
    assert Event.objects.filter(kind="customers.merged").count() == 1
    assert Customer.objects.present().count() == 1


def test_an_undo_and_a_purchase_at_once(real_db):
    ana, twin = make_member(balance=100), make_member(balance=100)
    record = merge(ana.customer, twin.customer, by=None, at=NOW)

    at_once(
        lambda: unmerge(record, by=None, at=NOW),
        lambda: spend(ana, points=60, reference="a", at=NOW),
        lambda: spend(twin, points=30, reference="t", at=NOW),
        lambda: unmerge(record, by=None, at=NOW),
    )

    assert balance(ana, at=NOW) + balance(twin, at=NOW) == 110
    assert faults() == []
