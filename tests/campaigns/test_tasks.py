from django.utils.timezone import now

from campaigns.enums import CampaignState
from campaigns.models import Campaign
from campaigns.operations.planning import schedule
from campaigns.tasks import launch_due
from segments.enums import Cause
from segments.models import Membership
from tests.factories import allow, make_campaign, make_customer
from tests.races import overlapping


def test_segment_that_takes_too_long_holds_up_no_other_campaign(real_db, monkeypatch):
    monkeypatch.setattr("segments.operations.refreshing.SECONDS_FOR_ONE_SEGMENT", 1)
    stuck, fine = (make_campaign(allow(make_customer())) for _ in "12")
    for campaign in (stuck, fine):
        schedule(campaign, start_at=now(), by=None, at=now())

    # Its rule means nobody: a refresh sends its member away, and waits for the row.
    theirs = Membership.objects.filter(segment=stuck.segment)
    theirs.update(cause=Cause.RULE)
    overlapping(lambda: theirs.update(cause=Cause.RULE), launch_due, seconds=30)

    states = [Campaign.objects.get(pk=campaign.pk).state for campaign in (stuck, fine)]
    assert states == [CampaignState.SCHEDULED, CampaignState.SENDING]
