from collections import Counter
from decimal import Decimal

import pytest
from django.db.models import F

from campaigns.enums import CampaignState, MessageState, Outcome
from campaigns.models import Campaign, Message, Voucher
from campaigns.operations import launching
from campaigns.operations.launching import launch
from campaigns.operations.planning import CampaignNotReady, TooLateForThat, go_on, stop
from campaigns.operations.sending import send_until_dry
from campaigns.queries.audience import categories_used, purpose_of
from campaigns.tasks import launch_due
from consent.enums import Act, Channel, SuppressionReason
from consent.models import Purpose
from consent.operations.suppressions import suppress
from customers.enums import Category
from customers.models import Customer
from tests.factories import (
    NOW,
    allow,
    make_campaign,
    make_choice,
    make_customer,
    make_launched,
    make_offer,
    make_segment,
    make_template,
    make_user,
)

pytestmark = pytest.mark.django_db


def outcomes(campaign):
    return dict(campaign.messages.values_list("customer", "outcome"))


def make_people(count):
    return [allow(make_customer()) for _ in range(count)]


def test_launch_decides_on_everybody_in_the_segment():
    allowed = allow(make_customer(city="Recife"))
    unreachable = allow(make_customer(email=""))
    blocked = allow(make_customer(email="gone@mail.example"))
    suppress(blocked.email, channel=Channel.EMAIL, reason=SuppressionReason.HARD_BOUNCE, at=NOW)
    never_asked = make_customer()
    refused = allow(make_customer())
    make_choice(refused, act=Act.WITHDRAWN, channels=[Channel.EMAIL])
    private = allow(make_customer())
    make_choice(private, act=Act.REFUSED, categories=[Category.DEMOGRAPHIC])
    unasked = make_customer()
    make_choice(unasked, channels=[Channel.EMAIL], categories=[Category.PURCHASE])
    people = [allowed, unreachable, blocked, never_asked, refused, private, unasked]
    outsider = allow(make_customer())

    campaign = make_launched(
        *people, template=make_template('{{ customer.city | default: "Brasil" }}')
    )

    assert outcomes(campaign) == {
        allowed.pk: Outcome.WILL_SEND,
        unreachable.pk: Outcome.NO_ADDRESS,
        blocked.pk: Outcome.SUPPRESSED,
        never_asked.pk: Outcome.NO_PERMISSION,
        refused.pk: Outcome.CHANNEL_REFUSED,
        private.pk: Outcome.DATA_REFUSED,
        unasked.pk: Outcome.DATA_NOT_ASKED,
    }
    assert outsider.pk not in outcomes(campaign)
    ready = campaign.messages.get(state=MessageState.READY)
    assert (ready.customer, ready.decided_at, ready.channel) == (allowed, NOW, "email")
    assert (campaign.state, campaign.launched_at) == (CampaignState.SENDING, NOW)


def test_launch_asks_permission_for_the_data_of_the_rule_and_of_the_message():
    campaign = make_campaign(template=make_template('{{ customer.first_name | default: "a" }}'))

    # The rule of make_segment asks what people spend.
    assert categories_used(campaign) == {Category.PURCHASE, Category.IDENTITY}


def test_one_address_gets_one_message_the_lowest_id_keeps_it():
    refused = make_customer(email="home@mail.example")
    make_choice(refused, act=Act.REFUSED, channels=[Channel.EMAIL])
    first, second, other = (
        allow(make_customer(email=address))
        for address in ("home@mail.example", "home@mail.example", "other@mail.example")
    )

    campaign = make_launched(other, second, first, refused)

    assert outcomes(campaign) == {
        refused.pk: Outcome.CHANNEL_REFUSED,
        first.pk: Outcome.WILL_SEND,
        second.pk: Outcome.DUPLICATE_ADDRESS,
        other.pk: Outcome.WILL_SEND,
    }


@pytest.mark.parametrize("chunk", [1, 3, 100])
def test_control_group_is_exact_however_the_audience_is_cut(chunk):
    campaign = make_campaign(*make_people(25), control_share=Decimal("0.3"))

    launch(campaign, at=NOW, chunk=chunk)

    # 7.5 people, rounded as one rounds.
    assert Counter(outcomes(campaign).values()) == {
        Outcome.WILL_SEND: 17,
        Outcome.CONTROL_GROUP: 8,
    }


def test_control_group_is_drawn_anew_for_each_campaign():
    people = make_people(30)
    segment = make_segment(*people)

    drawn = [
        frozenset(
            make_launched(segment=segment, control_share=Decimal("0.5"))
            .messages.filter(outcome=Outcome.CONTROL_GROUP)
            .values_list("customer", flat=True)
        )
        for _ in range(3)
    ]

    assert [len(group) for group in drawn] == [15, 15, 15]
    assert len(set(drawn)) == 3


def test_held_back_duplicate_of_the_control_group_gets_nothing_either():
    first, second = (allow(make_customer(email="home@mail.example")) for _ in range(2))
    others = make_people(3)

    campaign = make_launched(first, second, *others, control_share=Decimal("0.5"))

    # Four addresses, of which two are kept back; the same person is not reached by a side door.
    assert outcomes(campaign)[second.pk] == Outcome.DUPLICATE_ADDRESS
    assert Counter(outcomes(campaign).values())[Outcome.CONTROL_GROUP] == 2


def test_vouchers_go_to_those_who_will_be_sent_the_message_and_to_nobody_else():
    people = make_people(10)
    refused = make_customer()
    offer = make_offer()
    template = make_template("{{ voucher.code }}")

    campaign = make_launched(
        *people, refused, offer=offer, template=template, control_share=Decimal("0.2")
    )

    sent = campaign.messages.filter(outcome=Outcome.WILL_SEND)
    assert sent.count() == Voucher.objects.count() == 8
    assert sent.filter(voucher__customer=F("customer")).count() == 8
    assert not campaign.messages.exclude(outcome=Outcome.WILL_SEND).filter(voucher__isnull=False)


def test_interrupted_launch_goes_on_where_it_left_off():
    people = make_people(5)
    campaign = make_campaign(*people)
    begun = launching.begin(campaign, at=NOW)
    launching.choose_some(begun, at=NOW, limit=2)
    begun.refresh_from_db()
    assert (begun.state, begun.messages.count()) == (CampaignState.LAUNCHING, 2)

    launch(begun, at=NOW)

    assert Counter(outcomes(campaign).values()) == {Outcome.WILL_SEND: 5}
    campaign.refresh_from_db()
    assert campaign.state == CampaignState.SENDING


def test_launch_that_is_stopped_sends_nothing_until_it_goes_on_with_everybody(mailbox):
    campaign = launching.begin(make_campaign(*make_people(5)), at=NOW)
    launching.choose_some(campaign, at=NOW, limit=2)

    stop(campaign, by=make_user(), at=NOW)
    launch_due()
    send_until_dry(clock=lambda: NOW)
    stopped = (Campaign.objects.get().state, len(outcomes(campaign)), len(mailbox.names()))
    go_on(campaign, by=make_user(), at=NOW)
    launch_due()
    send_until_dry(clock=lambda: NOW)

    assert stopped == (CampaignState.STOPPED, 2, 0)
    assert (len(outcomes(campaign)), len(mailbox.names())) == (5, 5)


def test_launch_that_is_stopped_between_two_chunks_chooses_nobody_more():
    campaign = launching.begin(make_campaign(*make_people(5)), at=NOW)
    launching.choose_some(campaign, at=NOW, limit=2)
    stop(campaign, by=make_user(), at=NOW)

    assert not launching.choose_some(campaign, at=NOW, limit=2)

    assert len(outcomes(campaign)) == 2


def test_launch_freezes_the_message_and_leads_its_links_through_us():
    template = make_template('<a href="https://shop.example/?a=1&amp;b=2">Ver</a>')

    campaign = make_launched(template=template)

    link = campaign.links.get()
    assert link.url == "https://shop.example/?a=1&b=2"
    assert f"{{{{ links.n{link.pk} }}}}" in campaign.html
    assert "https://shop.example" not in campaign.html


def test_launch_freezes_what_the_messages_rest_on():
    segment = make_segment(allow(make_customer()))
    template = make_template('{{ customer.first_name | default: "a" }}')
    rule, name = segment.rule, template.name
    campaign = make_launched(segment=segment, template=template)

    segment.purpose_id, segment.rule = "research", {"all": []}
    segment.save()
    template.name = "Another"
    template.save()
    campaign = Campaign.objects.get()

    assert (campaign.purpose_id, campaign.basis) == ("marketing", "consent")
    assert purpose_of(campaign).pk == "marketing"
    assert categories_used(campaign) == {Category.PURCHASE, Category.IDENTITY}
    assert (campaign.rule, campaign.template_name) == (rule, name)
    assert campaign.rule_in_words == {
        "en": "Spend is at least R$\u00a09,999,999.00",
        "pt-br": "Gasto é no mínimo R$\u00a09.999.999,00",
    }
    assert campaign.template_changed_at == NOW


def test_launch_a_second_time_is_refused():
    campaign = make_launched(allow(make_customer()))

    with pytest.raises(TooLateForThat):
        launch(campaign, at=NOW)

    assert Message.objects.count() == 1


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"channel": Channel.SMS}, "channel"),
        ({"template": {"way_out": ""}}, "template"),
        ({"template": {"text": "{{ voucher.code }}"}}, "offer"),
        ({"offer": {"is_active": False}}, "offer"),
    ],
)
def test_campaign_that_cannot_be_sent_is_refused_and_stays_a_draft(facts, field):
    if "template" in facts:
        facts = {"template": make_template(**facts["template"])}
    if "offer" in facts:
        facts = {"offer": make_offer(**facts["offer"])}
    campaign = make_campaign(allow(make_customer()), **facts)

    with pytest.raises(CampaignNotReady) as refused:
        launch(campaign, at=NOW)

    assert refused.value.field == field
    campaign.refresh_from_db()
    assert campaign.state == CampaignState.DRAFT


def test_message_about_a_contract_needs_no_way_out():
    segment = make_segment(make_customer(), purpose=Purpose.objects.get(pk="transactional"))

    campaign = make_launched(segment=segment, template=make_template(way_out=""))

    assert set(outcomes(campaign).values()) == {Outcome.WILL_SEND}


def test_launch_takes_few_queries_however_many_people(django_assert_max_num_queries):
    campaign = make_campaign(*make_people(30), offer=make_offer())

    with django_assert_max_num_queries(54):
        launch(campaign, at=NOW)

    assert Customer.objects.count() == Campaign.objects.get().messages.count() == 30
