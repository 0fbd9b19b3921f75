from collections import Counter
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as some
from hypothesis.extra.django import TestCase

from campaigns.enums import Finding, MessageState, Outcome, SkipReason
from campaigns.models import Campaign, Click, Message, Template, TrackedLink
from campaigns.queries.report import steps
from campaigns.queries.results import result, waterfall
from customers.enums import OrderStatus
from customers.models import Customer
from segments.models import Segment
from tests.api import api_client
from tests.factories import NOW, make_customer, make_order

LATER = NOW + timedelta(days=30)
SENT = (Outcome.WILL_SEND, MessageState.SENT)
CONTROL = (Outcome.CONTROL_GROUP, MessageState.HELD)


def make_campaign(**facts):
    return Campaign.objects.create(
        **{
            "name": "Thanks",
            "segment": Segment.objects.create(name="All", rule={}),
            "template": Template.objects.create(name="Hello", subject="", body="", html=""),
            "launched_at": NOW,
            "control_share": Decimal("0.5"),
            "attribution_days": 14,
            **facts,
        }
    )


def decide(campaign, outcome, state, *, reason="", customer=None):
    return Message.objects.create(
        campaign=campaign,
        customer=customer or make_customer(),
        channel="email",
        outcome=outcome,
        state=state,
        skip_reason=reason,
        decided_at=NOW,
    )


def buyer(campaign, verdict, *totals, ordered_at=NOW + timedelta(days=1)):
    message = decide(campaign, *verdict)
    for total in totals:
        make_order(message.customer, total=total, ordered_at=ordered_at)
    return message


def compared(campaign):
    found = result(campaign, at=LATER)
    assert found
    return found


@pytest.mark.django_db
def test_waterfall_shows_where_everybody_went():
    campaign = make_campaign()
    decide(campaign, *SENT)
    decide(campaign, *CONTROL)
    decide(campaign, Outcome.NO_PERMISSION, MessageState.HELD)
    decide(campaign, Outcome.WILL_SEND, MessageState.SKIPPED, reason=SkipReason.SUPPRESSED)
    decide(campaign, Outcome.WILL_SEND, MessageState.UNCERTAIN)

    counted = waterfall(campaign)

    assert counted.adds_up
    assert [(str(step.label), step.people) for step in steps(counted)] == [
        ("In the segment", 5),
        ("Control group", 1),
        ("Never gave permission", 1),
        ("To be sent", 3),
        ("Address is blocked", 1),
        ("Uncertain", 1),
        ("Sent", 1),
        ("Clicked", 0),
        ("Redeemed", 0),
        ("Unsubscribed", 0),
    ]


@pytest.mark.django_db
def test_clicks_of_one_person_are_one_and_those_without_a_name_are_told_apart():
    campaign = make_campaign()
    link = TrackedLink.objects.create(campaign=campaign, url="https://shop.example/")
    message = decide(campaign, *SENT)
    for known in (message, message, None):
        Click.objects.create(link=link, message=known, clicked_at=NOW)

    counted = waterfall(campaign)

    assert (counted.clicked, counted.nameless_clicks) == (1, 1)


@pytest.mark.django_db
def test_result_compares_what_each_side_paid_per_person():
    """Welch by hand: 60 - 10, variances 3200 / 3 and 400 / 3, so 50 give or take 50."""
    campaign = make_campaign()
    for totals in (["60.00"], ["100.00"], ["60.00"], ["20.00"]):
        buyer(campaign, SENT, *totals)
    for totals in ([], ["20.00"], ["20.00"], []):
        buyer(campaign, CONTROL, *totals)

    found = compared(campaign)

    assert (found.treated.people, found.treated.buyers, found.treated.revenue) == (4, 4, 240)
    assert (found.control.people, found.control.buyers, found.control.revenue) == (4, 2, 40)
    assert found.per_person
    assert found.per_person.difference == 50
    assert found.treated.variance == pytest.approx(3200 / 3)
    assert found.total
    assert found.total.difference == 200
    assert found.finding == Finding.PAID


@pytest.mark.django_db
def test_result_counts_whoever_was_meant_to_get_it_and_nobody_else():
    """Intention to treat: a skipped person stays in the comparison, a held-back one never was."""
    campaign = make_campaign()
    buyer(campaign, (Outcome.WILL_SEND, MessageState.SKIPPED), "30.00")
    buyer(campaign, (Outcome.NO_PERMISSION, MessageState.HELD), "999.00")

    found = compared(campaign)

    assert (found.treated.people, found.treated.revenue) == (1, 30)
    assert found.finding == Finding.NO_CONTROL_GROUP


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("ordered_at", "counts"),
    [
        (NOW - timedelta(seconds=1), False),
        (NOW, True),
        (NOW + timedelta(days=14, seconds=-1), True),
        (NOW + timedelta(days=14), False),
    ],
)
def test_result_counts_orders_of_the_attribution_window_alone(ordered_at, counts):
    campaign = make_campaign()
    buyer(campaign, SENT, "30.00", ordered_at=ordered_at)

    assert compared(campaign).treated.orders == counts


@pytest.mark.django_db
def test_result_leaves_out_orders_that_do_not_stand():
    campaign = make_campaign()
    message = decide(campaign, *SENT)
    make_order(message.customer, ordered_at=NOW, status=OrderStatus.CANCELLED)

    assert compared(campaign).treated.orders == 0


@pytest.mark.django_db
def test_result_is_not_proven_when_chance_may_explain_it():
    campaign = make_campaign()
    for total in ("10.00", "90.00", "50.00"):
        buyer(campaign, SENT, total)
        buyer(campaign, CONTROL, total)

    assert compared(campaign).finding == Finding.NOT_PROVEN


@pytest.mark.django_db
def test_result_of_a_broken_split_proves_nothing():
    campaign = make_campaign(control_share=Decimal("0.5"))
    for _ in range(40):
        buyer(campaign, SENT, "100.00")
    buyer(campaign, CONTROL)
    buyer(campaign, CONTROL)

    assert compared(campaign).finding == Finding.SPLIT_BROKEN


@pytest.mark.django_db
def test_result_before_a_launch_is_none():
    assert result(make_campaign(launched_at=None), at=NOW) is None


@pytest.mark.django_db
def test_result_asks_two_thousand_people_in_one_statement(django_assert_num_queries):
    campaign = make_campaign()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")

    with django_assert_num_queries(1):
        compared(campaign)


@pytest.mark.django_db
def test_api_tells_the_result_and_where_everybody_went():
    campaign = make_campaign()
    buyer(campaign, SENT, "30.00")
    buyer(campaign, CONTROL)

    answer = api_client().get(f"/api/v1/campaigns/{campaign.pk}/result").json()

    assert answer["waterfall"]["audience"] == 2
    assert answer["waterfall"]["held"] == {"control_group": 1}
    assert answer["result"]["treated"]["revenue"] == "30.00"
    assert answer["result"]["finding"] == "too_early"


class WaterfallLaw(TestCase):
    """Hypothesis needs a class to roll each example back."""

    @settings(derandomize=True, deadline=None, max_examples=25)
    @given(
        some.lists(
            some.one_of(
                some.sampled_from([o for o in Outcome if o != Outcome.WILL_SEND]).map(
                    lambda outcome: (outcome, MessageState.HELD, "")
                ),
                some.sampled_from(
                    [s for s in MessageState if s not in (MessageState.HELD, MessageState.SKIPPED)]
                ).map(lambda state: (Outcome.WILL_SEND, state, "")),
                some.sampled_from(SkipReason).map(
                    lambda reason: (Outcome.WILL_SEND, MessageState.SKIPPED, reason)
                ),
            ),
            max_size=30,
        )
    )
    def test_waterfall_adds_up_whatever_happened(self, fates):
        campaign = make_campaign()
        people = Customer.objects.bulk_create(Customer() for _ in fates)
        for (outcome, state, reason), customer in zip(fates, people, strict=True):
            decide(campaign, outcome, state, reason=reason, customer=customer)

        counted = waterfall(campaign)

        assert counted.adds_up
        assert counted.audience == len(fates)
        assert counted.held == Counter(
            outcome for outcome, *_ in fates if outcome != Outcome.WILL_SEND
        )
