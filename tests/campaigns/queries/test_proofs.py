"""The nightly proof of what was made of people: a message without permission is found."""

from datetime import timedelta

import pytest

from campaigns.models import Click, Message
from campaigns.operations.sending import send_until_dry
from campaigns.operations.tracking import record_click, unsubscribe
from consent.enums import Act, Channel
from consent.models import Purpose
from consent.operations.proofs import prove
from customers.enums import Category
from customers.operations.merges import merge
from tests.factories import (
    NOW,
    allow,
    make_choice,
    make_customer,
    make_launched,
    make_segment,
    make_template,
    make_user,
)

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=1)


def make_sent(*people, **facts):
    campaign = make_launched(*people, **facts)
    send_until_dry(clock=lambda: NOW)
    return campaign


def messages(run):
    return run.messages_checked, run.messages_without_permission, run.details["messages"]


def test_what_was_sent_was_permitted_whatever_people_said_since(mailbox):
    ana, bia = (allow(make_customer()) for _ in range(2))
    campaign = make_sent(ana, bia)
    unsubscribe(campaign.messages.get(customer=ana), at=NOW + timedelta(seconds=1))
    make_choice(bia, act=Act.WITHDRAWN, categories=[Category.PURCHASE])

    run = prove(at=LATER)

    assert (messages(run), run.faults) == ((2, 0, []), 0)


def test_message_that_no_permission_was_behind_is_found(mailbox):
    ana, bia, caio, dora = (allow(make_customer()) for _ in range(4))
    campaign = make_sent(ana, bia, caio, dora)
    # Each says another lie about what stood when the message left.
    refusal = make_choice(bia, act=Act.WITHDRAWN, channels=[Channel.EMAIL])[0]
    Message.objects.filter(customer=bia).update(permission_event=refusal.pk)
    Message.objects.filter(customer=caio).update(permission_event=None)
    only_the_channel = dora.consent_events.get(channel=Channel.EMAIL)
    Message.objects.filter(customer=dora).update(permission_event=only_the_channel.pk)

    run = prove(at=LATER)

    planted = campaign.messages.filter(customer__in=[bia, caio, dora]).values_list("pk", flat=True)
    assert (run.messages_checked, run.messages_without_permission) == (4, 3)
    assert sorted(run.details["messages"]) == sorted(planted)
    assert run.faults == 3


def test_proof_looks_at_what_was_sent_since_the_last_one(mailbox):
    make_sent(allow(make_customer()))
    prove(at=LATER)

    assert messages(prove(at=LATER + timedelta(days=1))) == (0, 0, [])


def test_purpose_that_needs_no_opt_in_is_fine_until_somebody_objects(mailbox):
    ana, bia = make_customer(), make_customer()
    make_sent(segment=make_segment(ana, bia, purpose=Purpose.objects.get(pk="transactional")))
    objection = make_choice(
        bia, act=Act.OBJECTED, purpose="transactional", channels=[Channel.EMAIL]
    )[0]
    Message.objects.filter(customer=bia).update(permission_event=objection.pk)

    run = prove(at=LATER)

    assert (run.messages_checked, run.messages_without_permission) == (2, 1)


def test_merge_does_not_make_old_messages_wrong(mailbox):
    ana, twin = allow(make_customer()), make_customer()
    make_choice(twin, act=Act.REFUSED, channels=[Channel.EMAIL])
    make_choice(twin, act=Act.REFUSED, categories=[Category.PURCHASE])
    late = allow(make_customer())
    make_sent(ana, late)

    merge(ana, twin, by=make_user(), at=LATER)
    merge(twin_of(late), late, by=make_user(), at=LATER)

    assert messages(prove(at=LATER)) == (2, 0, [])


def twin_of(person):
    twin = make_customer()
    make_choice(twin, act=Act.REFUSED, channels=[Channel.EMAIL])
    return twin


def test_click_that_is_kept_with_a_name_was_permitted(mailbox):
    ana, bia = allow(make_customer()), allow(make_customer())
    template = make_template('<a href="https://shop.example/">Ver</a>')
    campaign = make_sent(ana, bia, template=template)
    make_choice(bia, act=Act.WITHDRAWN, categories=[Category.BROWSING])
    for message in campaign.messages.all():
        record_click(message, campaign.links.get(), at=NOW + timedelta(minutes=1))
    make_choice(ana, act=Act.WITHDRAWN, categories=[Category.BROWSING])

    fine = prove(at=LATER)
    Click.objects.update(
        clicked_at=LATER + timedelta(hours=1), message=campaign.messages.get(customer=bia)
    )
    planted = prove(at=LATER + timedelta(days=1))

    assert (fine.clicks_checked, fine.clicks_without_permission) == (1, 0)
    assert (planted.clicks_checked, planted.clicks_without_permission) == (2, 2)
