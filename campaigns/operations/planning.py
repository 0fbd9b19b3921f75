"""What staff decide about a campaign: when it goes, that it stops, that it goes on."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.enums import CampaignState, MessageState
from campaigns.models import Campaign, Message
from campaigns.queries.audience import obstacle_of
from common.errors import DomainError
from common.models import User
from common.operations import audit


class CampaignNotReady(DomainError):
    """The campaign cannot be sent as it stands."""

    code = "campaign_not_ready"
    status = 422


class TooLateForThat(DomainError):
    """The campaign has moved on; what was asked for fits another state."""

    code = "campaign_state"


def refuse_unless_ready(campaign: Campaign) -> None:
    """Raise CampaignNotReady when segment, template and offer do not make a campaign."""
    if found := obstacle_of(campaign):
        raise CampaignNotReady(found.sentence, field=found.field)


@transaction.atomic
def save_campaign(campaign: Campaign, *, by: User, at: datetime) -> Campaign:
    """Keep a new or changed draft. Raises CampaignNotReady and TooLateForThat."""
    is_new = campaign.pk is None
    if not is_new:
        _locked(campaign, CampaignState.DRAFT)
    refuse_unless_ready(campaign)
    if is_new:
        campaign.created_by, campaign.created_at = by, at
    campaign.save()
    audit("campaigns.created" if is_new else "campaigns.changed", campaign, at=at, by=by)
    return campaign


@transaction.atomic
def schedule(
    campaign: Campaign,
    *,
    start_at: datetime,
    accepts_old_members: bool = False,
    by: User | None,
    at: datetime,
) -> Campaign:
    """Let the campaign start at a time, or now; whoever is late is sent by asking again.

    Where the members of its segment cannot be found then, it waits, unless whoever schedules it
    ``accepts_old_members``. Raises CampaignNotReady and TooLateForThat.
    """
    campaign = _locked(campaign, CampaignState.DRAFT, CampaignState.SCHEDULED)
    refuse_unless_ready(campaign)
    campaign.state, campaign.scheduled_at = CampaignState.SCHEDULED, start_at
    campaign.old_members_accepted_at = at if accepts_old_members else None
    campaign.save(update_fields=["state", "scheduled_at", "old_members_accepted_at"])
    audit("campaigns.scheduled", campaign, at=at, by=by)
    return campaign


@transaction.atomic
def unschedule(campaign: Campaign, *, by: User, at: datetime) -> Campaign:
    """Make a draft of a campaign that has not begun. Raises TooLateForThat."""
    campaign = _locked(campaign, CampaignState.SCHEDULED)
    campaign.state = CampaignState.DRAFT
    campaign.save(update_fields=["state"])
    audit("campaigns.unscheduled", campaign, at=at, by=by)
    return campaign


@transaction.atomic
def stop(campaign: Campaign, *, by: User | None, at: datetime) -> Campaign:
    """Let no further message go out but the one in hand. Raises TooLateForThat.

    While the audience is being chosen, this waits for the chunk at hand, and nothing goes out.
    By nobody where it stops itself: see ``feedback``.
    """
    campaign = _locked(campaign, CampaignState.LAUNCHING, CampaignState.SENDING)
    campaign.state = CampaignState.STOPPED
    campaign.save(update_fields=["state"])
    audit("campaigns.stopped", campaign, at=at, by=by)
    return campaign


@transaction.atomic
def go_on(campaign: Campaign, *, by: User, at: datetime) -> Campaign:
    """Send the rest of a stopped campaign, its audience complete. Raises TooLateForThat."""
    campaign = _locked(campaign, CampaignState.STOPPED)
    is_chosen = campaign.audience_chosen_at is not None
    campaign.state = CampaignState.SENDING if is_chosen else CampaignState.LAUNCHING
    campaign.save(update_fields=["state"])
    audit("campaigns.continued", campaign, at=at, by=by)
    return campaign


@transaction.atomic
def send_again(message: Message, *, by: User, at: datetime) -> Message:
    """Send a message that may have arrived already, because a person decided so.

    Raises TooLateForThat when it is not uncertain any more.
    """
    # The lock makes this and the end of the campaign take turns.
    campaign = Campaign.objects.select_for_update(no_key=True).filter(pk=message.campaign_id)
    finished = campaign.get().state == CampaignState.FINISHED
    message = Message.objects.select_for_update(no_key=True).get(pk=message.pk)
    if message.state != MessageState.UNCERTAIN:
        raise TooLateForThat(_("The message is not uncertain any more."))
    # A worker that still holds the old number can no longer say that it was sent.
    message.state, message.fence = MessageState.READY, message.fence + 1
    message.save(update_fields=["state", "fence"])
    if finished:
        campaign.update(state=CampaignState.SENDING, finished_at=None)
    audit("campaigns.sent_again", message, at=at, by=by)
    return message


def _locked(campaign: Campaign, *states: CampaignState) -> Campaign:
    campaign = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
    if campaign.state not in states:
        raise TooLateForThat(
            _("“%(name)s” is in the state “%(state)s” by now.")
            % {"name": campaign, "state": campaign.get_state_display()}
        )
    return campaign
