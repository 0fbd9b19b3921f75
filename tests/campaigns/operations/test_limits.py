"""Permitted, and held back all the same: quiet hours, and what people wish of messages."""

from datetime import timedelta

import pytest

from campaigns.enums import CampaignState, MessageState, Outcome, SkipReason
from campaigns.models import Campaign
from campaigns.operations.sending import send_until_dry
from campaigns.queries.audience import forecast
from campaigns.queries.report import sleeping
from campaigns.queries.results import waterfall
from consent.enums import Occasion, TopicKind
from consent.models import PrivacySettings, Purpose
from consent.operations.wishes import mute, wish
from consent.queries.reach import Loss, Reach
from consent.rules.wishes import Topic
from tests.factories import (
    NOW,
    allow,
    make_campaign,
    make_customer,
    make_launched,
    make_product,
    make_segment,
)

pytestmark = pytest.mark.django_db

# NOW is nine in the morning of a Monday in São Paulo, nine in the evening in Tokyo.
TOKYO = "Asia/Tokyo"
MORNING_IN_TOKYO = NOW + timedelta(hours=12)


def send(at=NOW):
    return send_until_dry(clock=lambda: at)


def state_of(campaign, person):
    return campaign.messages.get(customer=person).state


def test_message_waits_for_the_morning_of_whoever_sleeps(mailbox):
    PrivacySettings.objects.create()
    ana = allow(make_customer())
    yuki, kenji, odd = (
        allow(make_customer(timezone=zone)) for zone in (TOKYO, TOKYO, "Nowhere/At_All")
    )
    campaign = make_launched(yuki, ana, kenji, odd)

    send()

    assert [state_of(campaign, person) for person in (yuki, ana, kenji, odd)] == [
        MessageState.READY,
        MessageState.SENT,
        MessageState.READY,
        MessageState.SENT,
    ]
    assert campaign.messages.get(customer=yuki).ready_at == MORNING_IN_TOKYO
    assert sleeping(campaign, at=NOW) == 2
    assert waterfall(campaign).adds_up
    assert waterfall(campaign).waiting == 2
    assert Campaign.objects.get().state == CampaignState.SENDING
    assert send(MORNING_IN_TOKYO - timedelta(minutes=1)) == 0

    send(MORNING_IN_TOKYO)

    assert Campaign.objects.get().state == CampaignState.FINISHED
    assert len(mailbox.names()) == 4


def test_message_about_a_contract_waits_for_no_morning(mailbox):
    PrivacySettings.objects.create()
    yuki = make_customer(timezone=TOKYO)
    segment = make_segment(yuki, purpose=Purpose.objects.get(pk="transactional"))

    campaign = make_launched(segment=segment)
    send()

    assert state_of(campaign, yuki) == MessageState.SENT


def test_mail_that_leaves_the_house_is_quiet_before_anybody_chose(mailbox, settings):
    yuki = allow(make_customer(timezone=TOKYO))
    campaign = make_launched(yuki)
    settings.EMAIL_URL = "smtp://mail.example"

    send()
    assert state_of(campaign, yuki) == MessageState.READY

    settings.EMAIL_URL = ""
    send(MORNING_IN_TOKYO - timedelta(hours=1))
    assert state_of(campaign, yuki) == MessageState.READY


def test_whoever_wants_a_message_a_month_gets_no_second(mailbox):
    ana, bia = allow(make_customer()), allow(make_customer())
    wish(ana, at_most_every_days=30, at=NOW)
    first = make_launched(ana, bia)
    send()

    soon = make_campaign(ana, bia)
    foreseen = forecast(soon, at=NOW + timedelta(days=29))
    assert foreseen == Reach(allowed=1, losses=(Loss(Outcome.WANTS_LESS, 1),))
    second = make_launched(ana, bia, at=NOW + timedelta(days=29))
    third = make_launched(ana, bia, at=NOW + timedelta(days=31))

    assert state_of(first, ana) == MessageState.SENT
    assert second.messages.get(customer=ana).outcome == Outcome.WANTS_LESS
    assert third.messages.get(customer=ana).outcome == Outcome.WILL_SEND
    assert waterfall(second).held == {Outcome.WANTS_LESS: 1}
    assert waterfall(second).adds_up


def test_wish_is_asked_again_when_the_message_leaves(mailbox):
    ana = allow(make_customer())
    one, other = make_launched(ana), make_launched(ana)
    wish(ana, at_most_every_days=7, at=NOW)

    send()

    assert state_of(one, ana) == MessageState.SENT
    skipped = other.messages.get(customer=ana)
    assert (skipped.state, skipped.skip_reason) == (MessageState.SKIPPED, SkipReason.WANTS_LESS)
    assert waterfall(other).adds_up


def test_campaign_about_a_muted_topic_leaves_the_person_out(mailbox):
    make_product(category="Grocery > Dairy")
    ana, bia, caio = (allow(make_customer()) for _ in range(3))
    mute(ana, [Topic(TopicKind.CATEGORY, "Grocery")], at=NOW)
    mute(bia, [Topic(TopicKind.OCCASION, Occasion.MOTHERS_DAY)], at=NOW)

    dairy = make_launched(ana, bia, caio, about_category="Grocery > Dairy")
    mothers = make_launched(ana, bia, caio, about_occasion=Occasion.MOTHERS_DAY)
    plain = make_launched(ana, bia, caio)

    held = {
        campaign: set(
            campaign.messages.filter(outcome=Outcome.MUTED_TOPIC).values_list(
                "customer", flat=True
            )
        )
        for campaign in (dairy, mothers, plain)
    }
    assert held == {dairy: {ana.pk}, mothers: {bia.pk}, plain: set()}
