"""The pages of templates, campaigns and messages."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils.timezone import localtime, now

from campaigns.enums import CampaignState, MessageState
from campaigns.models import Campaign, Message, Template
from campaigns.operations import sending
from campaigns.operations.claiming import claim
from campaigns.operations.launching import begin
from campaigns.operations.planning import schedule
from campaigns.tasks import launch_due
from common.enums import Role
from common.mail_catcher import part
from common.models import AuditEntry
from consent.queries.reach_in_words import Line
from customers.enums import ProfileTab
from customers.queries.pages import profile_url
from tests.factories import (
    NOW,
    allow,
    in_mjml,
    make_campaign,
    make_customer,
    make_launched,
    make_offer,
    make_segment,
    make_template,
    make_user,
)

pytestmark = pytest.mark.django_db

# The segments of these tests have a rule that was never asked, which somebody confirms.
LAUNCHED_NOW = {"start_at": "", "accepts_old_members": "on"}

WAY_OUT = '<a href="{{ unsubscribe_url }}">Sair</a>'


@pytest.fixture
def marketer(client):
    user = make_user(role=Role.MARKETING, email="mia@shop.example")
    client.force_login(user)
    return user


def page(client, name, *args, **query):
    return client.get(reverse(f"admin:campaigns_{name}", args=args), query)


def act(client, campaign, name):
    client.post(reverse("admin:campaigns_campaign_act", args=[campaign.pk]), {"act": name})
    campaign.refresh_from_db()
    return campaign.state


def test_marketer_writes_a_template(client, marketer):
    typed = {"name": "May", "subject": "Hello", "body": in_mjml(WAY_OUT)}

    client.post(reverse("admin:campaigns_template_add"), typed)

    assert "unsubscribe_url" in Template.objects.get(name="May").html
    assert AuditEntry.objects.get(action="templates.added").actor == marketer


def test_template_that_would_fail_is_refused_at_its_field(client, marketer):
    typed = {"name": "May", "subject": "Hello", "body": in_mjml("{{ customer.emial }}")}

    answer = client.post(reverse("admin:campaigns_template_add"), typed)

    assert "There is no variable “customer.emial”" in answer.content.decode()
    assert not Template.objects.exists()


def test_template_lists_its_words_and_the_permission_that_each_needs(client, marketer):
    html = page(client, "template_add").content.decode()

    assert "customer.city" in html
    assert "About the person" in html


def test_preview_shows_the_message_of_a_named_customer_and_writes_down_who_looked(
    client, marketer
):
    make_customer(first_name="Bia")
    ana = make_customer(first_name="<i>Ana", external_id="c-1")
    template = make_template("Olá {{ customer.first_name }}")

    answer = page(client, "template_preview", template.pk, reader="c-1")

    html = answer.content.decode()
    assert "sandbox srcdoc=" in html
    assert "Olá &amp;lt;i&amp;gt;Ana" in html
    seen = AuditEntry.objects.get(action="templates.previewed")
    assert (seen.actor, seen.subject_id) == (marketer, ana.pk)


def test_preview_says_whose_message_would_be_skipped(client, marketer):
    make_customer(first_name="", last_name="Souza")
    template = make_template("Olá {{ customer.first_name }}")

    html = page(client, "template_preview", template.pk).content.decode()

    assert "Souza would be skipped" in html


def test_marketer_tries_a_template_on_herself(client, marketer, mailbox):
    ana = make_customer(first_name="Ana")
    template = make_template("Olá {{ customer.first_name }}: {{ voucher.code }}")

    url = reverse("admin:campaigns_template_preview", args=[template.pk])
    client.post(url, {"customer": ana.pk})

    (mail,) = mailbox.messages()
    assert (mail["To"], mail["Subject"]) == ("mia@shop.example", "Test: Hello")
    assert "Olá Ana: 0ABCD" in part(mail, "plain")


def test_marketer_prepares_a_campaign(client, marketer):
    typed = {
        "name": "May",
        "segment": make_segment().pk,
        "goes_to": "members",
        "template": make_template().pk,
        "offer": make_offer().pk,
        "control_percent": "20",
        "attribution_days": "7",
    }

    client.post(reverse("admin:campaigns_campaign_add"), typed)

    campaign = Campaign.objects.get(name="May")
    assert (campaign.state, campaign.control_share) == (CampaignState.DRAFT, Decimal("0.2"))
    assert campaign.created_by == marketer


def test_campaign_without_a_way_out_is_refused_at_its_template(client, marketer):
    typed = {
        "name": "May",
        "segment": make_segment().pk,
        "goes_to": "entrants",
        "template": make_template(way_out="").pk,
        "control_percent": "20",
        "attribution_days": "7",
    }

    answer = client.post(reverse("admin:campaigns_campaign_add"), typed)

    assert answer.context["adminform"].form.errors.keys() == {"template"}


def test_launch_page_says_what_would_become_of_everybody(client, marketer):
    people = [allow(make_customer()) for _ in range(10)]
    campaign = make_campaign(*people, make_customer(), control_share=Decimal("0.2"))

    answer = page(client, "campaign_launch", campaign.pk)

    assert answer.context["lines"] == [
        Line("In the segment", "11", 100),
        Line("Never gave permission", "1", 9, ["Ask at the next order: 1 was never asked."]),
        Line("Control group", "2", 18),
        Line("Will be sent", "8", 73),
    ]


def test_launched_campaign_is_found_and_sent_by_the_tasks(client, marketer, mailbox):
    campaign = make_campaign(allow(make_customer()))

    client.post(reverse("admin:campaigns_campaign_launch", args=[campaign.pk]), LAUNCHED_NOW)
    campaign.refresh_from_db()
    assert campaign.state == CampaignState.SCHEDULED
    launch_due()
    sending.send_until_dry(clock=now)

    campaign.refresh_from_db()
    assert campaign.state == CampaignState.FINISHED
    assert len(mailbox.names()) == 1
    html = page(client, "campaign_change", campaign.pk).content.decode()
    assert "Where everybody went" in html
    assert "No control group" in html


def test_campaign_may_be_given_a_time_and_taken_back(client, marketer):
    campaign = make_campaign(allow(make_customer()))
    tomorrow = localtime(now() + timedelta(days=1)).replace(second=0, microsecond=0)
    url = reverse("admin:campaigns_campaign_launch", args=[campaign.pk])

    client.post(url, {**LAUNCHED_NOW, "start_at": f"{tomorrow:%Y-%m-%dT%H:%M}"})
    launch_due()

    campaign.refresh_from_db()
    assert (campaign.state, campaign.scheduled_at) == (CampaignState.SCHEDULED, tomorrow)
    assert act(client, campaign, "unschedule") == CampaignState.DRAFT


def test_time_that_is_over_is_refused(client, marketer):
    campaign = make_campaign()
    url = reverse("admin:campaigns_campaign_launch", args=[campaign.pk])

    answer = client.post(url, {**LAUNCHED_NOW, "start_at": "2020-01-01T10:00"})

    assert answer.context["form"].errors.keys() == {"start_at"}


def test_campaign_that_is_hours_late_waits_for_a_person(client, marketer):
    campaign = make_campaign(allow(make_customer()))
    seven_hours_ago = now() - timedelta(hours=7)
    schedule(campaign, start_at=seven_hours_ago, by=marketer, at=seven_hours_ago)

    launch_due()

    campaign.refresh_from_db()
    assert campaign.state == CampaignState.SCHEDULED
    html = page(client, "campaign_change", campaign.pk).content.decode()
    assert "waits for you" in html
    client.post(reverse("admin:campaigns_campaign_launch", args=[campaign.pk]), LAUNCHED_NOW)
    launch_due()
    campaign.refresh_from_db()
    assert campaign.state == CampaignState.SENDING


def test_campaign_is_stopped_and_goes_on(client, marketer):
    campaign = make_launched(allow(make_customer()))

    assert act(client, campaign, "stop") == CampaignState.STOPPED
    assert act(client, campaign, "stop") == CampaignState.STOPPED
    assert act(client, campaign, "go_on") == CampaignState.SENDING


def test_campaign_can_be_stopped_while_its_audience_is_chosen(client, marketer):
    campaign = begin(make_campaign(allow(make_customer())), at=NOW)

    html = page(client, "campaign_change", campaign.pk).content.decode()

    assert 'value="stop"' in html
    assert act(client, campaign, "stop") == CampaignState.STOPPED
    assert act(client, campaign, "go_on") == CampaignState.LAUNCHING


def test_running_campaign_shows_its_progress_by_itself_and_a_finished_one_rests(client, marketer):
    campaign = make_launched(allow(make_customer()))

    moving = page(client, "campaign_progress", campaign.pk).content.decode()
    act(client, campaign, "stop")
    resting = page(client, "campaign_progress", campaign.pk).content.decode()

    assert "hx-trigger" in moving
    assert "hx-trigger" not in resting


def test_launched_campaign_cannot_be_changed(client, marketer):
    campaign = make_launched(allow(make_customer()))

    answer = client.post(
        reverse("admin:campaigns_campaign_change", args=[campaign.pk]), {"name": "Other"}
    )

    assert answer.status_code == 403


def test_uncertain_message_is_shown_and_sent_again_by_hand(client, marketer):
    campaign = make_launched(allow(make_customer(first_name="Dora")))
    message = claim(campaign, at=NOW, limit=1).leased[0]
    sending.hand_over(message)
    sending.recover(at=now())
    html = page(client, "campaign_change", campaign.pk).content.decode()
    assert "Dora" in html

    client.post(reverse("admin:campaigns_message_send_again", args=[message.pk]))

    assert Message.objects.get().state == MessageState.READY
    assert AuditEntry.objects.get(action="campaigns.sent_again").actor == marketer


def test_analyst_sees_the_campaign_and_no_buttons(client):
    campaign = make_launched(allow(make_customer()))
    client.force_login(make_user(role=Role.ANALYST))

    html = page(client, "campaign_change", campaign.pk).content.decode()

    assert "Where everybody went" in html
    assert 'value="stop"' not in html
    assert act(client, campaign, "stop") == CampaignState.SENDING


def test_messages_are_listed_by_campaign_and_state(client, marketer):
    campaign = make_launched(allow(make_customer(first_name="Ana")), make_customer())
    make_launched(allow(make_customer(first_name="Other")))

    html = page(
        client, "message_changelist", campaign__id__exact=campaign.pk, state__exact="ready"
    ).content.decode()

    assert "Ana Souza" in html
    assert "Other Souza" not in html


def test_profile_says_which_messages_came_and_why_others_did_not(client, marketer):
    nobody = make_customer()
    campaign = make_launched(nobody)

    html = client.get(profile_url(nobody.pk, ProfileTab.MESSAGES)).content.decode()

    assert str(campaign) in html
    assert "Held back: Never gave permission" in html


def test_campaign_that_is_being_sent_is_counted_and_not_yet_compared(client, marketer):
    campaign = make_launched(allow(make_customer()))

    under_way = page(client, "campaign_progress", campaign.pk).context
    sending.send_until_dry(clock=lambda: NOW)
    finished = page(client, "campaign_change", campaign.pk).context

    assert under_way["waterfall"].audience == 1
    assert (under_way["result"], finished["result"].treated.people) == (None, 1)


def test_test_to_nobody_is_not_found(client, marketer):
    path = reverse("admin:campaigns_template_preview", args=[make_template().pk])

    assert client.post(path, {"customer": "ana"}).status_code == 404
