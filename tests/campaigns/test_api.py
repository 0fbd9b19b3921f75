from decimal import Decimal

import pytest
from django.utils.timezone import now

from campaigns.enums import RedemptionState
from campaigns.models import Redemption, Voucher
from campaigns.queries.drift import drifted_offers, drifted_uses, drifted_vouchers
from common.enums import Scope
from common.models import AuditEntry
from tests import factories
from tests.api import api_client, client_with
from tests.factories import make_api_key, make_customer, make_offer, make_redemption
from tests.races import at_once

CART = [
    {"sku": "coffee", "quantity": "2", "unit_price": "30.00"},
    {"sku": "bread", "quantity": "0.500", "unit_price": "120.00"},
]


def make_voucher(offer=None, **facts):
    """Return a voucher that is valid while the test runs: a door asks the real clock."""
    return factories.make_voucher(offer, at=now(), **facts)


def asked(code, customer=None, **facts):
    named = {"customer": customer.external_id} if customer else {}
    return {"code": code, "lines": CART, **named, **facts}


def redeem(client, code, customer, *, key="till-1", order="A-1", **facts):
    return client.post(
        "/api/v1/redemptions",
        asked(code, customer, order=order, **facts),
        headers={"Idempotency-Key": key},
    )


@pytest.mark.django_db
def test_quote_says_what_the_code_takes_off_and_writes_nothing():
    customer = make_customer()
    _, code = make_voucher(make_offer(name="May"), customer=customer)

    answer = api_client(Scope.REDEEM).post("/api/v1/quotes", asked(code.lower(), customer))

    assert (answer.status_code, answer.json()) == (
        200,
        {
            "accepted": True,
            "code": "",
            "message": "You save R$\u00a024.00.",
            "missing": None,
            "offer": "May",
            "total": "120.00",
            "discount": "24.00",
            "articles": [
                {"sku": "bread", "total": "60.00", "discount": "12.00"},
                {"sku": "coffee", "total": "60.00", "discount": "12.00"},
            ],
        },
    )
    assert not Redemption.objects.exists()


@pytest.mark.django_db
def test_quote_below_the_minimum_says_what_is_missing():
    customer = make_customer()
    offer = make_offer(minimum_order=Decimal("124.10"))
    _, code = make_voucher(offer, customer=customer)

    answer = api_client(Scope.REDEEM).post("/api/v1/quotes", asked(code, customer))

    assert answer.json() == {
        "accepted": False,
        "code": "minimum_not_reached",
        "message": "For orders from R$\u00a0124.10: add R$\u00a04.10 to use this voucher.",
        "missing": "4.10",
        "offer": offer.name,
        "total": None,
        "discount": None,
        "articles": [],
    }


@pytest.mark.django_db
def test_quote_answers_a_stranger_the_same_for_every_code_that_is_not_theirs():
    stranger = make_customer()
    codes = [
        "NATAL10",
        make_voucher(customer=make_customer())[1],
        make_voucher(make_offer(is_active=False))[1],
    ]
    client = api_client(Scope.REDEEM)

    answers = [client.post("/api/v1/quotes", asked(code, stranger)).json() for code in codes]

    assert answers[0] == answers[1] == answers[2]
    assert answers[0]["code"] == "invalid_voucher"


@pytest.mark.django_db
def test_quote_tells_a_typing_error_from_an_unknown_code():
    _, code = make_voucher()
    typed = code[:-1] + ("0" if code[-1] != "0" else "1")

    answer = api_client(Scope.REDEEM).post("/api/v1/quotes", asked(typed)).json()

    assert (answer["code"], answer["message"]) == (
        "mistyped_code",
        "Please check the code: something was mistyped.",
    )


@pytest.mark.django_db
def test_redeem_answers_with_the_redemption():
    customer = make_customer(external_id="ana")
    voucher, code = make_voucher(make_offer(name="May"), customer=customer)

    answer = redeem(api_client(Scope.REDEEM), code, customer)

    redemption = Redemption.objects.get()
    body = answer.json()
    assert answer.status_code == 201
    assert body | {"redeemed_at": None} == {
        "id": redemption.pk,
        "order": "A-1",
        "customer": "ana",
        "offer": "May",
        "voucher": voucher.code_ending,
        "cart_total": "120.00",
        "discount": "24.00",
        "articles": [
            {"sku": "bread", "total": "60.00", "discount": "12.00"},
            {"sku": "coffee", "total": "60.00", "discount": "12.00"},
        ],
        "state": "redeemed",
        "redeemed_at": None,
        "rolled_back_at": None,
        "note": "",
    }
    assert AuditEntry.objects.filter(action="voucher.redeemed").exists()


@pytest.mark.django_db
def test_redeem_repeated_with_its_key_answers_the_same_and_uses_nothing():
    customer = make_customer()
    _, code = make_voucher(customer=customer)
    client = api_client(Scope.REDEEM)
    first = redeem(client, code, customer)

    again = redeem(client, code, customer)

    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["Idempotency-Replayed"] == "true"
    assert Redemption.objects.count() == 1


@pytest.mark.django_db
def test_redeem_without_a_key_is_refused():
    customer = make_customer()
    _, code = make_voucher(customer=customer)

    answer = api_client(Scope.REDEEM).post(
        "/api/v1/redemptions", asked(code, customer, order="A-1")
    )

    assert (answer.status_code, answer.json()["field"]) == (422, "Idempotency-Key")


@pytest.mark.django_db
def test_refused_redemption_says_why_and_may_be_tried_again_with_more_in_the_cart():
    customer = make_customer()
    _, code = make_voucher(customer=customer)
    client = api_client(Scope.REDEEM)

    refused = redeem(client, code, customer, lines=CART[:1])

    assert refused.status_code == 409
    assert refused.json() == {
        "code": "minimum_not_reached",
        "message": "For orders from R$\u00a0100.00: add R$\u00a040.00 to use this voucher.",
        "field": "code",
        "details": {"needed": "100.00", "actual": "60.00", "missing": "40.00"},
    }
    assert redeem(client, code, customer).status_code == 201


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"lines": []}, "lines"),
        ({"lines": [{"sku": "a", "quantity": "-1", "unit_price": "1"}]}, "lines.0.quantity"),
        ({"customer": "nobody"}, "customer"),
        ({"code": ""}, "code"),
    ],
)
def test_input_that_is_wrong_is_named(wrong, field):
    answer = api_client(Scope.REDEEM).post("/api/v1/quotes", asked("X") | wrong)

    assert (answer.status_code, answer.json()["field"]) == (422, field)


@pytest.mark.django_db
def test_rollback_gives_the_use_back_once():
    customer = make_customer()
    voucher, code = make_voucher(customer=customer)
    client = api_client(Scope.REDEEM)
    redeemed = redeem(client, code, customer).json()

    answers = [client.post(f"/api/v1/redemptions/{redeemed['id']}/rollback") for _ in range(2)]

    assert [answer.json()["state"] for answer in answers] == ["rolled_back"] * 2
    assert Voucher.objects.get(pk=voucher.pk).use_count == 0
    assert redeem(client, code, customer, key="till-2").status_code == 201


@pytest.mark.django_db
def test_redemptions_are_listed_newest_first_and_by_order(django_assert_max_num_queries):
    for order in ("A-1", "A-2", "A-3"):
        make_redemption(order=order)
    client = api_client(Scope.READ_CAMPAIGNS)

    with django_assert_max_num_queries(6):
        listed = client.get("/api/v1/redemptions").json()["results"]
    found = client.get("/api/v1/redemptions?order=A-2").json()["results"]

    assert [row["order"] for row in listed] == ["A-3", "A-2", "A-1"]
    assert [row["order"] for row in found] == ["A-2"]


@pytest.mark.django_db
def test_offers_are_listed_with_their_sentence():
    make_offer(name="May")

    [offer, apology] = api_client(Scope.READ_CAMPAIGNS).get("/api/v1/offers").json()["results"]

    assert (offer["name"], offer["sentence"]) == (
        "May",
        "20 % off, at most R$\u00a050.00, orders from R$\u00a0100.00, 30 days, once per customer",
    )
    assert apology["name"] == "Apology voucher"


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["quotes", "redemptions", "redemptions/1/rollback"])
def test_key_without_the_scope_may_not(path):
    answer = api_client(Scope.READ_CAMPAIGNS).post(f"/api/v1/{path}", {})

    assert answer.status_code == 403


@pytest.mark.parametrize("round_number", range(3))
def test_limit_holds_over_http_under_fifty_attempts(real_db, round_number):
    offer = make_offer(total_limit=10)
    people = [make_customer() for _ in range(50)]
    codes = [make_voucher(offer, customer=person)[1] for person in people]
    _, credential = make_api_key(Scope.REDEEM)

    answers = at_once(
        *[
            lambda n=n: redeem(
                client_with(credential), codes[n], people[n], key=f"till-{n}", order=f"A-{n}"
            )
            for n in range(50)
        ]
    )

    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [201] * 10 + [409] * 40
    assert Redemption.objects.filter(state=RedemptionState.REDEEMED).count() == 10
    assert [*drifted_vouchers(), *drifted_offers(), *drifted_uses()] == []
