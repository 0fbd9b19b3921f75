"""What staff should know: a program that guesses voucher codes, campaigns that wait."""

from datetime import datetime

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.models import Campaign
from common.enums import Guessed
from common.health import SystemState
from common.models import Lockout
from segments.queries.staleness import out_of_date


def _guessing(at: datetime) -> list[str]:
    locked = Lockout.objects.standing(at=at).filter(guessed=Guessed.VOUCHER)
    return [
        _("%(key)s sent too many wrong codes and is refused until %(time)s.")
        % {"key": each, "time": date_format(localtime(each.locked_until), "TIME_FORMAT")}
        for each in locked.select_related("api_key").order_by("locked_until")
    ]


def _held_up(at: datetime) -> list[str]:
    """Name the campaigns that wait for a segment whose members cannot be found."""
    due = Campaign.objects.due(at=at).to_begin().select_related("segment", "created_by")
    waiting = due.exclude(segment__error="").order_by("scheduled_at")
    return [_said(campaign, at=at) for campaign in waiting]


def _said(campaign: Campaign, *, at: datetime) -> str:
    found = out_of_date(campaign.segment, at=at)
    told = {
        "campaign": campaign,
        "owner": campaign.created_by or "-",
        "segment": campaign.segment,
        "why": found.sentence if found else "",
    }
    return (
        _(
            "“%(campaign)s” (%(owner)s) waits: “%(segment)s” is out of date. %(why)s Mend the"
            " segment, or launch the campaign anew and confirm that."
        )
        % told
    )


SYSTEM_STATES = [
    SystemState(
        "campaigns_waiting",
        gettext_lazy("Campaigns that are due"),
        _held_up,
        "admin:campaigns_campaign_changelist",
    ),
    SystemState(
        "voucher_codes",
        gettext_lazy("Voucher codes"),
        _guessing,
        "admin:common_lockout_changelist",
    ),
]
