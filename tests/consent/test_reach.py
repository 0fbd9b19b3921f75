from typing import Any

import pytest

from consent.enums import Act, Channel, Verdict
from consent.models import Purpose
from consent.queries.reach import Loss, Reach, funnel, with_remedies
from consent.queries.reach_in_words import Line, held_back
from consent.rules.remedies import REFUSED, REMEDIES
from customers.enums import Category
from customers.models import Customer
from tests.factories import NOW, make_choice, make_customer


@pytest.mark.django_db
def test_a_funnel_counts_everybody_once_by_the_first_reason_in_one_query(
    django_assert_num_queries,
):
    both: dict[str, Any] = {
        "channels": [Channel.EMAIL],
        "categories": [Category.PURCHASE, Category.SEARCH],
    }
    make_choice(make_customer(), **both)
    make_choice(make_customer(email=""), **both)
    make_choice(make_customer(), channels=[Channel.EMAIL], categories=[Category.SEARCH])
    make_choice(make_customer(), act=Act.REFUSED, **both)
    make_customer()

    with django_assert_num_queries(1):
        reach = funnel(
            Customer.objects.all(),
            purpose=Purpose(code="marketing", needs_opt_in=True, adults_only=True),
            channel=Channel.EMAIL,
            using={Category.PURCHASE, Category.SEARCH},
            at=NOW,
        )

    assert reach == Reach(
        allowed=1,
        losses=(
            Loss(Verdict.NO_ADDRESS, 1),
            Loss(Verdict.NO_PERMISSION, 1),
            Loss(Verdict.CHANNEL_REFUSED, 1),
            Loss(Verdict.DATA_NOT_ASKED, 1, Category.PURCHASE),
        ),
    )
    assert (reach.total, reach.held_back) == (5, 4)


@pytest.mark.django_db
def test_remedies_count_whom_they_would_reach_in_one_query(django_assert_num_queries):
    location = Category.LOCATION_COARSE
    everything: dict[str, Any] = {
        "channels": [Channel.EMAIL, Channel.WHATSAPP],
        "categories": [Category.PURCHASE, location],
    }
    phone: dict[str, Any] = {"phone": "+5511987654321"}
    make_choice(make_customer(email="", **phone), **everything)
    make_choice(make_customer(email=""), **everything)
    make_choice(make_customer(), channels=[Channel.EMAIL], categories=[Category.PURCHASE])
    make_choice(
        make_customer(**phone),
        channels=[Channel.WHATSAPP],
        categories=everything["categories"],
    )
    refused = make_customer(**phone)
    make_choice(refused, **everything)
    make_choice(refused, act=Act.REFUSED, channels=[Channel.EMAIL])
    question: dict[str, Any] = {
        "purpose": Purpose(code="marketing", needs_opt_in=True),
        "channel": Channel.EMAIL,
        "using": {Category.PURCHASE, location},
        "at": NOW,
    }
    reach = funnel(Customer.objects.all(), **question)

    with django_assert_num_queries(1):
        helped = with_remedies(reach, Customer.objects.all(), **question)

    assert helped == Reach(
        allowed=0,
        losses=(
            Loss(Verdict.NO_ADDRESS, 2, elsewhere={Channel.WHATSAPP: 1}),
            Loss(Verdict.NO_PERMISSION, 1, elsewhere={Channel.WHATSAPP: 1}),
            Loss(Verdict.CHANNEL_REFUSED, 1),
            Loss(Verdict.DATA_NOT_ASKED, 1, location, without_data=1),
        ),
    )


def test_remedies_are_told_with_numbers_and_none_for_a_refusal():
    reach = Reach(
        allowed=8_000,
        losses=(
            Loss(Verdict.NO_PERMISSION, 1_040, elsewhere={Channel.WHATSAPP: 312}),
            Loss(Verdict.CHANNEL_REFUSED, 700, elsewhere={}),
            Loss(Verdict.DATA_NOT_ASKED, 254, Category.LOCATION_COARSE, without_data=204),
            Loss(Verdict.DATA_REFUSED, 6, Category.LOCATION_COARSE),
        ),
    )
    refused = ["They refused: nothing to do."]

    assert held_back(reach) == [
        Line(
            "Never gave permission",
            "~ 1,040",
            10,
            [
                "Switch to WhatsApp: ~ 310 of them allow it.",
                "Ask at the next order: ~ 1,040 were never asked.",
            ],
        ),
        Line("Refused the channel", "~ 700", 7, refused),
        Line(
            f"Never allowed the use of the data: {Category.LOCATION_COARSE.label}",
            "~ 250",
            2,
            [
                f"Leave out “{Category.LOCATION_COARSE.label}”: ~ 200 more.",
                "Ask at the next order: ~ 250 were never asked.",
            ],
        ),
        Line(f"Refused the use of the data: {Category.LOCATION_COARSE.label}", "< 10", 0, refused),
    ]


def test_every_reason_has_its_remedy():
    assert {*REMEDIES, Verdict.ALLOWED} == set(Verdict)


def test_no_refusal_has_a_remedy():
    refusals = {Verdict.CHANNEL_REFUSED, Verdict.DATA_REFUSED}

    assert {verdict for verdict, text in REMEDIES.items() if text == REFUSED} == refusals
