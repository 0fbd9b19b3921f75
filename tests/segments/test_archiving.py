"""A segment that is used says by what; one that is not is archived or deleted."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from campaigns.enums import CampaignState
from campaigns.forms.campaigns import CampaignForm
from campaigns.models import Campaign
from common.enums import Role
from common.models import AuditEntry
from segments.models import Segment
from segments.operations.archiving import SegmentInUse, archive, bring_back, delete_segment
from segments.operations.listing import keep_as_list
from segments.operations.refreshing import refresh
from segments.rules import BadRule
from tests.api import api_client
from tests.factories import NOW, make_campaign, make_user
from tests.segments.factories import make_segment

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=1)


def asking_for(segment, **facts):
    asks = {"trait": "segments.member", "operator": "inside", "value": [str(segment.pk)]}
    return make_segment(rule={"all": [asks]}, **facts)


def test_a_segment_that_is_used_by_nothing_is_archived_and_brought_back():
    segment, user = make_segment(), make_user()

    archive(segment, by=user, at=LATER)
    segment.refresh_from_db()
    assert (segment.archived_at, list(Segment.objects.ruled())) == (LATER, [])

    bring_back(segment, by=user, at=LATER)
    segment.refresh_from_db()
    assert (segment.archived_at, segment.asked_at) == (None, LATER)
    acts = AuditEntry.objects.filter(actor=user).order_by("pk").values_list("action", flat=True)
    assert list(acts) == ["segments.archived", "segments.brought_back"]


def test_what_needs_its_members_is_named():
    segment = make_segment(name="VIP")
    make_campaign(segment=segment, name="Spring")
    asking_for(segment, name="Better")

    with pytest.raises(SegmentInUse) as refusal:
        archive(segment, by=None, at=LATER)

    assert refusal.value.message == "“VIP” is used by: segments “Better”; campaigns “Spring”."


def test_a_finished_campaign_lets_its_segment_be_archived_and_not_deleted():
    segment = make_segment(name="VIP")
    make_campaign(segment=segment, name="Spring")
    Campaign.objects.update(state=CampaignState.FINISHED)

    archive(segment, by=None, at=LATER)
    with pytest.raises(SegmentInUse) as refusal:
        delete_segment(segment, by=None, at=LATER)

    assert refusal.value.message == (
        "“VIP” is used by: campaigns “Spring”. You can archive it instead."
    )


def test_many_names_are_counted():
    segment = make_segment(name="VIP")
    for number in range(7):
        make_campaign(segment=segment, name=f"C{number}")

    with pytest.raises(SegmentInUse) as refusal:
        archive(segment, by=None, at=LATER)

    assert "“C4” and 2 more" in refusal.value.message


def test_a_segment_from_which_a_list_is_being_filled_stays():
    segment = make_segment(name="VIP")
    refresh(segment, at=NOW)
    kept = keep_as_list(segment, name="Kept", by=None, at=LATER)

    with pytest.raises(SegmentInUse):
        delete_segment(segment, by=None, at=LATER)

    refresh(kept, at=LATER)
    delete_segment(segment, by=None, at=LATER)
    assert list(Segment.objects.all()) == [kept]


def test_nobody_asks_for_an_archived_segment_anew():
    segment = make_segment()
    archive(segment, by=None, at=LATER)

    with pytest.raises(BadRule):
        asking_for(segment)
    field: Any = CampaignForm().fields["segment"]
    assert segment not in field.queryset


# Pages


def test_the_list_leaves_archived_segments_out_until_they_are_asked_for(client):
    client.force_login(make_user(role=Role.MARKETING))
    current, old = make_segment(), make_segment()
    address = reverse("admin:segments_segment_changelist")

    client.post(reverse("admin:segments_segment_archive", args=[old.pk]))

    assert list(client.get(address).context["cl"].result_list) == [current]
    shown = client.get(address, {"archive": "archived"})
    assert list(shown.context["cl"].result_list) == [old]
    page = client.get(reverse("admin:segments_segment_overview", args=[old.pk]))
    assert "Take out of the archive" in page.content.decode()


def test_before_a_segment_is_deleted_its_uses_are_named(client):
    client.force_login(make_user(role=Role.ADMINISTRATOR))
    segment = make_segment(name="VIP")
    campaign = make_campaign(segment=segment, name="Spring")
    address = reverse("admin:segments_segment_delete", args=[segment.pk])

    assert "campaigns “Spring”" in client.get(address, follow=True).content.decode()

    campaign.delete()
    client.post(address, {"post": "yes"})
    assert not Segment.objects.exists()


def test_an_archived_segment_is_not_refreshed(client):
    segment = make_segment(name="VIP")
    refresh(segment, at=NOW)
    archive(segment, by=None, at=LATER)
    client.force_login(make_user(role=Role.MARKETING))

    told = api_client().post(f"/api/v1/segments/{segment.pk}/refresh")
    asked = client.post(reverse("admin:segments_segment_refresh", args=[segment.pk]), follow=True)

    assert (told.status_code, told.json()["code"]) == (409, "archived")
    assert "“VIP” is archived. Take it out of the archive" in asked.content.decode()
    assert "Refresh now" not in asked.content.decode()
    assert "every 2s" not in asked.content.decode()
    segment.refresh_from_db()
    assert segment.asked_at is None
