"""The withdrawal clock, against messages that were and were not on their way."""

from datetime import timedelta

import pytest

from campaigns.models import Message
from campaigns.operations import sending
from campaigns.operations.claiming import claim
from campaigns.operations.sending import send_until_dry
from campaigns.operations.tracking import unsubscribe
from campaigns.queries.withdrawals import Clock, clock
from consent.enums import Act, Channel
from customers.enums import Category
from tests.factories import NOW, allow, make_choice, make_customer, make_launched

pytestmark = pytest.mark.django_db

BEFORE = NOW - timedelta(days=1)


def seconds(count):
    return NOW + timedelta(seconds=count)


def test_clock_without_withdrawals_stands_still():
    allow(make_customer())

    assert clock(since=BEFORE) == Clock(0, 0, 0, 0.0, 0.0)


def test_nothing_comes_after_a_withdrawal_but_what_was_in_hand(mailbox):
    ana, bia, caio = (allow(make_customer()) for _ in range(3))
    campaign = make_launched(ana, bia, caio)
    (in_hand,) = claim(campaign, at=NOW, limit=1).leased
    for n, person in enumerate((ana, bia)):
        unsubscribe(campaign.messages.get(customer=person), at=seconds(n + 1))
    sending.hand_over(in_hand)
    sending.record_sent(in_hand, at=seconds(3))
    send_until_dry(clock=lambda: seconds(4))

    measured = clock(since=BEFORE)

    assert Message.objects.filter(state="sent").count() == 2
    assert measured == Clock(
        withdrawals=2, messages_after=0, in_hand=1, median_seconds=1.0, worst_seconds=2.0
    )


def test_message_that_went_out_against_a_withdrawal_is_counted(mailbox):
    ana, bia = allow(make_customer()), allow(make_customer())
    campaign = make_launched(ana, bia)
    make_choice(ana, act=Act.WITHDRAWN, channels=[Channel.EMAIL], at=seconds(-10))
    make_choice(bia, act=Act.WITHDRAWN, categories=[Category.PURCHASE], at=seconds(-5))
    Message.objects.update(
        state="sent", allowed_at=NOW, sent_at=NOW, permission_event=1, campaign=campaign
    )

    assert clock(since=BEFORE) == Clock(2, 2, 0, 7.5, 10.0)


def test_what_another_channel_or_a_new_permission_brings_is_no_matter(mailbox):
    ana, bia = allow(make_customer(), Channel.EMAIL, Channel.SMS), allow(make_customer())
    make_choice(ana, act=Act.WITHDRAWN, channels=[Channel.SMS], at=seconds(-10))
    make_choice(bia, act=Act.WITHDRAWN, channels=[Channel.EMAIL], at=seconds(-10))
    make_choice(bia, channels=[Channel.EMAIL], at=seconds(-5))
    make_launched(ana, bia)

    send_until_dry(clock=lambda: NOW)

    assert Message.objects.filter(state="sent").count() == 2
    assert clock(since=BEFORE) == Clock(2, 0, 0, 0.0, 0.0)
