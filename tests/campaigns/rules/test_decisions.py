from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from campaigns.enums import Effect, Refusal
from campaigns.rules.decisions import Facts, decide, for_the_public, refused
from campaigns.rules.pricing import CartLine, Terms
from campaigns.rules.sentences import for_agent, for_customer, offer_sentence

NOW = datetime(2026, 5, 4, 15, tzinfo=UTC)
ZONE = ZoneInfo("America/Sao_Paulo")
TERMS = Terms(
    Effect.PERCENT, percent=Decimal(20), cap=Decimal("50.00"), minimum_order=Decimal("100.00")
)
FACTS = Facts(
    offer="May",
    terms=TERMS,
    valid_from=NOW - timedelta(days=1),
    # Midnight in São Paulo: the last day is the 9th.
    valid_until=datetime(2026, 5, 10, 3, tzinfo=UTC),
    customer=7,
    offer_use_limit=1000,
    customer_use_limit=1,
)


def cart_of(total):
    return [CartLine("coffee", Decimal(1), Decimal(total))]


def test_voucher_that_meets_every_condition_is_taken():
    decision = decide(FACTS, cart_of("120.00"), at=NOW)

    assert decision.failed is None
    assert for_agent(decision, zone=ZONE) == []
    assert for_customer(decision, zone=ZONE) == "You save R$\u00a024.00."


@pytest.mark.parametrize(
    ("changed", "refusal", "sentence"),
    [
        ({"owner": 8}, Refusal.OTHER_CUSTOMER, "The voucher belongs to another customer."),
        (
            {"customer": None},
            Refusal.CUSTOMER_NEEDED,
            "The offer counts uses per customer, and no customer was given.",
        ),
        ({"is_voided": True}, Refusal.VOUCHER_VOIDED, "The voucher was voided."),
        ({"is_active": False}, Refusal.OFFER_PAUSED, "The offer is not active."),
        (
            {"valid_from": NOW + timedelta(days=2)},
            Refusal.NOT_YET_VALID,
            "The voucher is valid from 05/06/2026.",
        ),
        (
            {"valid_until": datetime(2026, 5, 4, 3, tzinfo=UTC)},
            Refusal.EXPIRED,
            "The voucher was valid until 05/03/2026.",
        ),
        (
            {"use_count": 1},
            Refusal.VOUCHER_USED_UP,
            "Uses allowed of this voucher: 1; so far: 1.",
        ),
        (
            {"customer_use_count": 1},
            Refusal.CUSTOMER_USED_UP,
            "Uses allowed per customer: 1; this one so far: 1.",
        ),
        (
            {"offer_use_count": 1000},
            Refusal.OFFER_USED_UP,
            "Uses allowed of the whole offer: 1000; so far: 1000.",
        ),
        (
            {"terms": replace(TERMS, minimum_order=Decimal("124.10"))},
            Refusal.MINIMUM_NOT_REACHED,
            "The minimum is R$\u00a0124.10, the cart has R$\u00a0120.00; add R$\u00a04.10.",
        ),
        (
            {"terms": Terms(Effect.PERCENT, percent=Decimal("0.001"))},
            Refusal.NO_DISCOUNT,
            "The voucher takes nothing off this cart, so it is kept.",
        ),
    ],
)
def test_voucher_that_fails_a_condition_is_refused_in_plain_words(changed, refusal, sentence):
    decision = decide(replace(FACTS, **changed), cart_of("120.00"), at=NOW)

    assert decision.failed
    assert decision.failed.refusal == refusal
    assert for_agent(decision, zone=ZONE) == [sentence]


def test_adding_what_is_missing_makes_the_voucher_apply():
    miss = decide(FACTS, cart_of("95.90"), at=NOW)
    assert miss.failed
    assert miss.failed.missing == Decimal("4.10")

    richer = [*cart_of("95.90"), CartLine("bread", Decimal(1), miss.failed.missing)]

    assert decide(FACTS, richer, at=NOW).failed is None


def test_agent_reads_everything_that_stands_in_the_way():
    decision = decide(replace(FACTS, use_count=1, is_active=False), cart_of("95.90"), at=NOW)

    assert for_agent(decision, zone=ZONE) == [
        "The offer is not active.",
        "Uses allowed of this voucher: 1; so far: 1.",
        "The minimum is R$\u00a0100.00, the cart has R$\u00a095.90; add R$\u00a04.10.",
    ]


@pytest.mark.parametrize("changed", [{"owner": 8}, {"is_voided": True}, {"is_active": False}])
def test_stranger_gets_one_answer_for_unknown_foreign_and_disabled_codes(changed):
    decision = decide(replace(FACTS, **changed), cart_of("120.00"), at=NOW)

    assert for_the_public(decision, is_owner=False) == refused(Refusal.INVALID_VOUCHER)


def test_owner_is_told_that_the_voucher_was_withdrawn():
    decision = decide(replace(FACTS, owner=7, is_voided=True), cart_of("120.00"), at=NOW)

    told = for_the_public(decision, is_owner=True)

    assert for_customer(told, zone=ZONE) == "This voucher was withdrawn."


def test_holder_of_an_unbound_voucher_is_told_what_is_missing():
    told = for_the_public(decide(FACTS, cart_of("95.90"), at=NOW), is_owner=False)

    assert for_customer(told, zone=ZONE) == (
        "For orders from R$\u00a0100.00: add R$\u00a04.10 to use this voucher."
    )


def test_offer_is_said_in_one_line():
    sentence = offer_sentence(TERMS, valid_days=30, per_customer_limit=1, total_limit=None)

    assert sentence == (
        "20 % off, at most R$\u00a050.00, orders from R$\u00a0100.00, 30 days, once per customer"
    )
