"""What this app shows on a customer's page, and on a segment's."""

from datetime import datetime
from typing import Any

from django.db.models import OuterRef
from django.utils.translation import gettext_lazy as _

from campaigns.enums import CampaignState
from campaigns.models import Campaign, Message, Offer, Template, Voucher
from campaigns.queries.of_segment import Use, latest_results, uses
from campaigns.queries.results import Result
from campaigns.queries.vouchers import is_usable
from common.subjects import named
from customers.enums import ProfileTab
from customers.queries.gathering import Rows
from customers.rules import Panel, Profile, ProfileAction
from segments.enums import SegmentTab
from segments.models import Segment
from segments.rules.panels import SegmentPanel, SegmentUse

ROWS = 8


def _voucher_rows(at: datetime) -> dict[str, Rows]:
    vouchers = Voucher.objects.filter(customer=OuterRef("pk")).order_by("-issued_at", "-id")
    shown = (
        *("id", "code_ending", "amount", "valid_until", "voided_at", "use_count", "use_limit"),
        *("offer__id", "offer__name", "offer__is_apology"),
    )
    return {"vouchers": Rows(vouchers[:ROWS], shown)}


def _vouchers(profile: Profile) -> dict[str, Any]:
    vouchers = profile.rows["vouchers"]
    return {"vouchers": [(voucher, is_usable(voucher, at=profile.at)) for voucher in vouchers]}


def _message_rows(at: datetime) -> dict[str, Rows]:
    messages = Message.objects.filter(customer=OuterRef("pk")).order_by("-decided_at", "-id")
    shown = (
        *("id", "decided_at", "outcome", "state", "skip_reason", "unsubscribed_at"),
        *("campaign__id", "campaign__name"),
    )
    return {"messages": Rows(messages[:ROWS], shown)}


def _messages(profile: Profile) -> dict[str, Any]:
    return {"messages": profile.rows["messages"]}


PANELS = [
    Panel(
        code="vouchers",
        title=_("Vouchers"),
        template="campaigns/panels/vouchers.html",
        context=_vouchers,
        rows=_voucher_rows,
        order=40,
        permission="campaigns.view_voucher",
        tab=ProfileTab.REWARDS,
    ),
    Panel(
        code="messages",
        title=_("Messages"),
        template="campaigns/panels/messages.html",
        context=_messages,
        rows=_message_rows,
        order=50,
        permission="campaigns.view_message",
        tab=ProfileTab.MESSAGES,
    ),
]

PROFILE_ACTIONS = [
    ProfileAction(
        code="apologise",
        label=_("Give an apology voucher"),
        url_name="admin:campaigns_apology_issue",
        icon="volunteer_activism",
        order=10,
        permission="campaigns.add_apology",
    ),
]


def _uses(segment: Segment, at: datetime, _choice: str) -> list[Use]:
    return uses(segment)


def _uses_shown(segment: Segment, found: list[Use]) -> dict[str, Any]:
    return {"uses": found}


def _results(segment: Segment, at: datetime, _choice: str) -> list[tuple[Campaign, Result]]:
    return latest_results(segment, at=at)


def _results_shown(segment: Segment, found: list[tuple[Campaign, Result]]) -> dict[str, Any]:
    return {"results": found}


SEGMENT_PANELS = [
    SegmentPanel(
        code="campaigns",
        title=_("Campaigns to this segment"),
        tab=SegmentTab.USES,
        order=10,
        template="campaigns/segment/campaigns.html",
        figures=_uses,
        context=_uses_shown,
        permission="campaigns.view_campaign",
    ),
    SegmentPanel(
        code="results",
        title=_("What the last campaigns brought"),
        tab=SegmentTab.USES,
        order=15,
        template="campaigns/segment/results.html",
        figures=_results,
        context=_results_shown,
        permission="campaigns.view_campaign",
    ),
]


def _campaigns(segment: Segment) -> list[str]:
    return list(Campaign.objects.filter(segment=segment).values_list("name", flat=True))


def _campaigns_to_come(segment: Segment) -> list[str]:
    to_come = Campaign.objects.filter(segment=segment).exclude(state=CampaignState.FINISHED)
    return list(to_come.values_list("name", flat=True))


SEGMENT_USES = [SegmentUse(_("campaigns"), all=_campaigns, waiting=_campaigns_to_come)]

SUBJECTS = [named(Campaign), named(Offer), named(Template)]
