from datetime import timedelta
from decimal import Decimal

import pytest

from campaigns.enums import RedemptionState, Refusal
from campaigns.models import Offer, OfferUse, Redemption, RedemptionLine, Voucher
from campaigns.operations.offers import save_offer
from campaigns.operations.redemptions import VoucherRefused, redeem, roll_back
from campaigns.operations.vouchers import void
from campaigns.queries.drift import drifted_offers, drifted_uses, drifted_vouchers
from campaigns.rules.pricing import CartLine
from customers.models import Event
from tests.factories import (
    NOW,
    make_cart,
    make_customer,
    make_offer,
    make_redemption,
    make_user,
    make_voucher,
)
from tests.races import at_once, overlapping

THREADS = 50


def drifted():
    return [*drifted_vouchers(), *drifted_offers(), *drifted_uses()]


def refusals(answers):
    return [answer.code for answer in answers if isinstance(answer, VoucherRefused)]


@pytest.mark.django_db
def test_redeem_writes_the_discount_by_article_and_tells_the_timeline():
    customer = make_customer()
    _, code = make_voucher(make_offer(name="May"), customer=customer)
    cart = [
        CartLine("coffee", Decimal(2), Decimal("30.00")),
        CartLine("bread", Decimal(1), Decimal("60.00")),
    ]

    redemption = redeem(
        code, customer=customer, order_reference="A-1", cart=cart, reference="till:1", at=NOW
    )

    assert (redemption.cart_total, redemption.discount) == (Decimal("120.00"), Decimal("24.00"))
    assert list(redemption.lines.order_by("sku").values_list("sku", "total", "discount")) == [
        ("bread", Decimal("60.00"), Decimal("12.00")),
        ("coffee", Decimal("60.00"), Decimal("12.00")),
    ]
    event = Event.objects.get(kind="campaigns.voucher_redeemed")
    assert (event.customer, event.data) == (
        customer,
        {
            "offer_id": redemption.offer_id,
            "offer_name": "May",
            "order": "A-1",
            "discount": "24.00",
        },
    )
    assert drifted() == []


@pytest.mark.django_db
def test_redeem_again_with_the_same_reference_uses_nothing():
    voucher, code = make_voucher(customer=(customer := make_customer()))
    first = make_redemption(code, customer=customer, order="A-1", reference="till:1")

    again = make_redemption(code, customer=customer, order="A-1", reference="till:1")

    assert again == first
    voucher.refresh_from_db()
    assert voucher.use_count == 1
    assert Event.objects.filter(kind="campaigns.voucher_redeemed").count() == 1


@pytest.mark.django_db
def test_redeem_below_the_minimum_says_what_is_missing_and_writes_nothing():
    _, code = make_voucher(customer=(customer := make_customer()))

    with pytest.raises(VoucherRefused, match=r"add R\$\u00a04\.10") as refused:
        make_redemption(code, customer=customer, total="95.90")

    assert refused.value.code == Refusal.MINIMUM_NOT_REACHED
    assert refused.value.details["missing"] == "4.10"
    assert not Redemption.objects.exists()


@pytest.mark.django_db
def test_used_voucher_is_refused_on_another_order():
    _, code = make_voucher(customer=(customer := make_customer()))
    make_redemption(code, customer=customer)

    with pytest.raises(VoucherRefused) as refused:
        make_redemption(code, customer=customer)

    assert refused.value.code == Refusal.VOUCHER_USED_UP


@pytest.mark.django_db
def test_limit_per_customer_holds_over_different_codes_of_one_offer():
    offer, customer = make_offer(per_customer_limit=1), make_customer()
    make_redemption(make_voucher(offer, customer=customer)[1], customer=customer)

    with pytest.raises(VoucherRefused) as refused:
        make_redemption(make_voucher(offer, customer=customer)[1], customer=customer)

    assert refused.value.code == Refusal.CUSTOMER_USED_UP
    make_redemption(make_voucher(offer)[1], customer=make_customer())


@pytest.mark.django_db
def test_total_limit_of_an_offer_holds_over_all_customers():
    offer = make_offer(total_limit=1)
    make_redemption(make_voucher(offer)[1])

    with pytest.raises(VoucherRefused) as refused:
        make_redemption(make_voucher(offer)[1])

    assert refused.value.code == Refusal.OFFER_USED_UP


@pytest.mark.django_db
def test_offer_without_limits_touches_no_counter():
    offer = make_offer(per_customer_limit=None)

    make_redemption(make_voucher(offer)[1])

    offer.refresh_from_db()
    assert offer.use_count == 0
    assert not OfferUse.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("whose", ["unknown", "somebody else's", "voided", "paused"])
def test_stranger_gets_one_and_the_same_answer(whose):
    stranger, owner = make_customer(), make_customer()
    _, foreign = make_voucher(customer=owner)
    codes = {
        "unknown": "NATAL10",
        "somebody else's": foreign,
        "voided": make_voucher(voided_at=NOW)[1],
        "paused": make_voucher(make_offer(is_active=False))[1],
    }

    with pytest.raises(VoucherRefused) as refused:
        make_redemption(codes[whose], customer=stranger)

    assert (refused.value.code, refused.value.message, refused.value.details) == (
        "invalid_voucher",
        "This code is not valid.",
        {},
    )


@pytest.mark.django_db
def test_voided_voucher_is_worthless_and_its_owner_is_told():
    customer = make_customer()
    voucher, code = make_voucher(customer=customer)

    void(voucher, by=make_user(), at=NOW)

    with pytest.raises(VoucherRefused, match="withdrawn"):
        make_redemption(code, customer=customer)


@pytest.mark.django_db
def test_roll_back_returns_every_use_once():
    offer, customer = make_offer(per_customer_limit=1, total_limit=1), make_customer()
    voucher, code = make_voucher(offer, customer=customer)
    redemption = make_redemption(code, customer=customer, order="A-1")

    rolled_back = roll_back(redemption, at=NOW + timedelta(hours=1))
    again = roll_back(redemption, at=NOW + timedelta(hours=2))

    assert again.rolled_back_at == rolled_back.rolled_back_at == NOW + timedelta(hours=1)
    assert again.state == RedemptionState.ROLLED_BACK
    for counter in (voucher, offer, OfferUse.objects.get()):
        counter.refresh_from_db()
        assert counter.use_count == 0
    assert Event.objects.filter(kind="campaigns.redemption_rolled_back").count() == 1
    assert make_redemption(code, customer=customer, order="A-1").pk != redemption.pk
    assert drifted() == []


@pytest.mark.django_db
def test_limit_that_is_set_later_counts_what_was_redeemed_before():
    offer, customer = make_offer(per_customer_limit=None), make_customer()
    make_redemption(make_voucher(offer, customer=customer)[1], customer=customer)
    offer.total_limit, offer.per_customer_limit = 5, 1

    save_offer(offer, at=NOW)

    assert Offer.objects.get(pk=offer.pk).use_count == 1
    with pytest.raises(VoucherRefused) as refused:
        make_redemption(make_voucher(offer, customer=customer)[1], customer=customer)
    assert refused.value.code == Refusal.CUSTOMER_USED_UP
    assert drifted() == []


@pytest.mark.django_db
def test_drift_is_found():
    offer = make_offer(total_limit=5)
    redemption = make_redemption(make_voucher(offer)[1])
    assert drifted() == []

    Voucher.objects.update(use_count=0)
    Offer.objects.filter(pk=offer.pk).update(use_count=2)
    OfferUse.objects.update(use_count=0)

    assert drifted() == [redemption.voucher, offer, OfferUse.objects.get()]


# Races: three rounds each, because a race that is lost once in a while is lost.


def attempts(count, redeem_number):
    return at_once(*[lambda number=number: redeem_number(number) for number in range(count)])


@pytest.mark.parametrize("round_number", range(3))
def test_voucher_with_ten_uses_is_redeemed_ten_times_by_fifty(real_db, round_number):
    voucher, code = make_voucher(make_offer(per_customer_limit=None), use_limit=10)

    answers = attempts(
        THREADS, lambda number: make_redemption(code, customer=None, order=f"A-{number}")
    )

    assert refusals(answers) == ["voucher_used_up"] * 40
    assert Redemption.objects.filter(voucher=voucher).count() == 10
    assert drifted() == []


@pytest.mark.parametrize("round_number", range(3))
def test_offer_with_ten_uses_is_redeemed_ten_times_over_fifty_codes(real_db, round_number):
    offer = make_offer(total_limit=10)
    people = [make_customer() for _ in range(THREADS)]
    codes = [make_voucher(offer, customer=person)[1] for person in people]

    answers = attempts(
        THREADS, lambda number: make_redemption(codes[number], customer=people[number])
    )

    assert refusals(answers) == ["offer_used_up"] * 40
    assert Redemption.objects.count() == 10
    assert RedemptionLine.objects.count() == 10
    assert drifted() == []


@pytest.mark.parametrize("round_number", range(3))
def test_customer_with_fifty_codes_uses_the_offer_as_often_as_allowed(real_db, round_number):
    offer, customer = make_offer(per_customer_limit=3), make_customer()
    codes = [make_voucher(offer, customer=customer)[1] for _ in range(THREADS)]

    answers = attempts(THREADS, lambda number: make_redemption(codes[number], customer=customer))

    assert refusals(answers) == ["customer_used_up"] * 47
    assert Redemption.objects.count() == 3
    assert drifted() == []


@pytest.mark.parametrize("round_number", range(3))
def test_order_gets_a_voucher_once_however_many_tills_ask(real_db, round_number):
    _, code = make_voucher(make_offer(per_customer_limit=None), use_limit=50)
    customer = make_customer()

    answers = attempts(
        10,
        lambda number: make_redemption(
            code, customer=customer, order="A-1", reference=f"till:{number}"
        ),
    )

    assert refusals(answers) == ["already_on_order"] * 9
    assert drifted() == []


@pytest.mark.parametrize("round_number", range(3))
def test_one_request_sent_ten_times_at_once_redeems_once(real_db, round_number):
    _, code = make_voucher(customer=(customer := make_customer()))

    answers = attempts(
        10,
        lambda _: make_redemption(code, customer=customer, order="A-1", reference="till:1"),
    )

    assert len({answer.pk for answer in answers}) == 1
    assert drifted() == []


@pytest.mark.parametrize("round_number", range(3))
def test_redemption_rolled_back_ten_times_at_once_gives_back_one_use(real_db, round_number):
    voucher, code = make_voucher(make_offer(per_customer_limit=None, total_limit=9), use_limit=9)
    redemptions = [make_redemption(code) for _ in range(3)]

    attempts(10, lambda _: roll_back(Redemption.objects.get(pk=redemptions[0].pk), at=NOW))

    voucher.refresh_from_db()
    assert voucher.use_count == 2
    assert drifted() == []


@pytest.mark.parametrize("round_number", range(3))
def test_counters_stay_true_while_limits_change_under_redemptions(real_db, round_number):
    offer = make_offer(per_customer_limit=None)
    people = [make_customer() for _ in range(20)]
    codes = [make_voucher(offer, customer=person)[1] for person in people]
    first = make_redemption(make_voucher(offer)[1])

    def limit(number):
        fresh = Offer.objects.get(pk=offer.pk)
        fresh.total_limit, fresh.per_customer_limit = number or None, number or None
        return save_offer(fresh, at=NOW)

    at_once(
        *[lambda n=n: make_redemption(codes[n], customer=people[n]) for n in range(20)],
        lambda: limit(500),
        lambda: limit(0),
        lambda: limit(700),
        lambda: roll_back(first, at=NOW),
    )

    assert Redemption.objects.filter(state=RedemptionState.REDEEMED).count() == 20
    assert drifted() == []


@pytest.mark.django_db
def test_redemption_of_an_unbound_voucher_needs_a_customer_where_uses_are_counted():
    _, code = make_voucher()

    with pytest.raises(VoucherRefused, match="Sign in"):
        redeem(code, customer=None, order_reference="A", cart=make_cart(), reference="t", at=NOW)


def test_voucher_that_is_voided_at_the_same_moment_is_not_taken(real_db):
    (voucher, code), agent = make_voucher(), make_user()

    _voided, answer = overlapping(
        lambda: void(voucher, by=agent, at=NOW), lambda: make_redemption(code)
    )

    assert (answer.code, Redemption.objects.count()) == ("invalid_voucher", 0)


def test_offer_that_is_paused_at_the_same_moment_is_not_taken(real_db):
    offer = make_offer()
    _voucher, code = make_voucher(offer)
    offer.is_active = False

    _paused, answer = overlapping(lambda: save_offer(offer, at=NOW), lambda: make_redemption(code))

    assert (answer.code, Redemption.objects.count()) == ("invalid_voucher", 0)
