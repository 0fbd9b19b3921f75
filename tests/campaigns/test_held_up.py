"""A campaign whose segment is out of date waits until somebody confirms it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils.timezone import now

from campaigns.enums import CampaignState
from campaigns.health import SYSTEM_STATES
from campaigns.models import Campaign
from campaigns.operations.launching import SegmentOutOfDate, launch
from campaigns.operations.planning import schedule
from campaigns.tasks import launch_due
from common.enums import Role
from segments.models import Segment
from segments.operations.refreshing import refresh
from segments.rules import BadRule
from tests.factories import NOW, allow, make_campaign, make_customer, make_user

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=1)
GONE = {"all": [{"trait": "gone.away", "operator": "is", "value": 1}]}


def broken_campaign(*, filled=True, at=NOW, **facts) -> Campaign:
    """Return a campaign to one member, whose segment asks for what is gone since."""
    campaign = make_campaign(allow(make_customer()), **facts)
    refresh(campaign.segment, at=at)
    Segment.objects.update(rule=GONE, refreshed_at=at, filled_at=at if filled else None)
    return Campaign.objects.get(pk=campaign.pk)


def ask_for_a_minute(*_, **__):
    """Ask the database what takes longer than anybody waits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(60)")


def troubles(at):
    (state,) = [state for state in SYSTEM_STATES if state.code == "campaigns_waiting"]
    return state.troubles(at)


def test_a_launch_waits_for_members_that_cannot_be_found():
    campaign = broken_campaign()

    with pytest.raises(SegmentOutOfDate) as refusal:
        launch(campaign, at=LATER)

    assert refusal.value.message.startswith(
        "Its members have not been found anew since 03/02/2026 9 a.m.: Choose what to ask about."
    )
    assert "it is tried again" in refusal.value.message
    campaign.refresh_from_db()
    assert (campaign.state, campaign.messages.count()) == (CampaignState.DRAFT, 0)
    assert campaign.segment.error == "Choose what to ask about."


def test_a_launch_that_waits_does_not_ask_a_failing_rule_before_its_time():
    campaign = broken_campaign()

    def failures_after_launch(at):
        with pytest.raises(SegmentOutOfDate):
            launch(Campaign.objects.get(pk=campaign.pk), at=at)
        return Segment.objects.get(pk=campaign.segment_id).failures

    seconds = [0, 10, 59, 60, 70, 179, 180]
    asked = [failures_after_launch(LATER + timedelta(seconds=it)) for it in seconds]

    # After one minute, and after two more.
    assert asked == [1, 1, 1, 2, 2, 2, 3]


def test_a_confirmed_launch_goes_to_those_who_were_in_it_last(monkeypatch):
    campaign = make_campaign(allow(make_customer()))
    refresh(campaign.segment, at=NOW)
    monkeypatch.setattr("segments.operations.refreshing.SECONDS_FOR_ONE_SEGMENT", 0.05)
    monkeypatch.setattr("segments.operations.refreshing._write_delta", ask_for_a_minute)
    with pytest.raises(SegmentOutOfDate):
        launch(Campaign.objects.get(pk=campaign.pk), at=LATER)

    schedule(campaign, start_at=LATER, accepts_old_members=True, by=None, at=LATER)
    launch(Campaign.objects.get(pk=campaign.pk), at=LATER)

    campaign.refresh_from_db()
    assert (campaign.state, campaign.messages.count()) == (CampaignState.SENDING, 1)


def test_what_a_rule_uses_must_be_known_whoever_confirms():
    campaign = broken_campaign()
    schedule(campaign, start_at=LATER, accepts_old_members=True, by=None, at=LATER)

    with pytest.raises(BadRule):
        launch(Campaign.objects.get(pk=campaign.pk), at=LATER)


def test_nobody_is_written_to_who_was_never_found_whoever_confirms():
    campaign = broken_campaign(filled=False)
    schedule(campaign, start_at=LATER, accepts_old_members=True, by=None, at=LATER)

    with pytest.raises(SegmentOutOfDate):
        launch(Campaign.objects.get(pk=campaign.pk), at=LATER)


def test_a_scheduled_campaign_waits_and_its_owner_is_told_on_the_dashboard():
    at, bia = now(), make_user(username="bia")
    campaign = broken_campaign(at=at, name="Spring", created_by=bia)
    schedule(campaign, start_at=at, by=bia, at=at)

    launch_due()

    campaign.refresh_from_db()
    assert campaign.state == CampaignState.SCHEDULED
    (told,) = troubles(now())
    assert "“Spring” (bia) waits" in told
    assert "Choose what to ask about." in told


def test_whoever_waits_goes_when_the_segment_is_mended():
    at = now()
    campaign = broken_campaign(at=at)
    was = make_campaign().segment.rule
    schedule(campaign, start_at=at, by=None, at=at)
    launch_due()

    # As ``save_segment`` does.
    Segment.objects.update(rule=was, retry_at=None)
    launch_due()

    campaign.refresh_from_db()
    assert campaign.state != CampaignState.SCHEDULED
    assert troubles(now()) == []


def test_the_launch_page_says_that_the_segment_is_out_of_date_and_asks(client):
    client.force_login(make_user(role=Role.MARKETING))
    campaign = make_campaign(allow(make_customer()))
    Segment.objects.update(error="The database gave up.", refreshed_at=NOW)
    address = reverse("admin:campaigns_campaign_launch", args=[campaign.pk])

    asked = client.get(address).content.decode()
    refused = client.post(address, {"start_at": ""})
    client.post(address, {"start_at": "", "accepts_old_members": "on"})

    assert "is out of date" in asked
    assert "The database gave up." in asked
    assert refused.context["form"].errors.keys() == {"accepts_old_members"}
    campaign.refresh_from_db()
    assert campaign.state == CampaignState.SCHEDULED
    assert campaign.old_members_accepted_at is not None


def test_a_segment_that_is_right_asks_for_nothing_and_one_that_is_behind_does(client):
    client.force_login(make_user(role=Role.MARKETING))
    campaign = make_campaign(allow(make_customer()))
    address = reverse("admin:campaigns_campaign_launch", args=[campaign.pk])
    refresh(campaign.segment, at=now())

    right = client.get(address)
    Segment.objects.update(refreshed_at=now() - timedelta(minutes=16))
    behind = client.get(address)

    assert "accepts_old_members" not in right.context["form"].fields
    assert "accepts_old_members" in behind.context["form"].fields
    assert "the program is behind with its work." in behind.content.decode()
