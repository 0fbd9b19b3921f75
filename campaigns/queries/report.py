"""A campaign's waterfall and result, in the rows and words of its page."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from campaigns.enums import Audience, MessageState
from campaigns.models import Campaign
from campaigns.queries.results import Result, Waterfall, result, waterfall

IN_THE_SEGMENT = _("In the segment")


@dataclass(frozen=True)
class Step:
    """One row: ``role`` is ``level`` for a sum, ``lost`` for who falls away from it."""

    role: str
    label: str | Promise
    people: int
    percent: int


def report(campaign: Campaign, *, at: datetime) -> dict[str, Any]:
    """Return what the page's two templates show, under the names they use."""
    counted = waterfall(campaign)
    # The page asks every few seconds while messages go out, when nothing can have come of them.
    compared = None if campaign.is_moving(at=at) else result(campaign, at=at)
    return {
        "waterfall": counted,
        "steps": steps(counted, everybody=_everybody(campaign)),
        "sleeping": sleeping(campaign, at=at) if counted.waiting else 0,
        "result": compared,
        "arms": _arms(compared) if compared else [],
    }


def sleeping(campaign: Campaign, *, at: datetime) -> int:
    """Count the messages that wait for the morning of whoever they go to."""
    return campaign.messages.filter(state=MessageState.READY, ready_at__gt=at).count()


def _everybody(campaign: Campaign) -> str | Promise:
    is_for_entrants = campaign.goes_to == Audience.ENTRANTS
    return _("Came into the segment") if is_for_entrants else IN_THE_SEGMENT


def steps(counted: Waterfall, *, everybody: str | Promise = IN_THE_SEGMENT) -> list[Step]:
    """Return the waterfall from ``everybody`` down; rows that lost nobody are left out."""
    lost: list[tuple[str | Promise, int]] = [
        (reason.label, people) for reason, people in counted.skipped.items()
    ]
    lost += [
        (_("Waiting"), counted.waiting),
        (_("Failed"), counted.failed),
        (_("Uncertain"), counted.uncertain),
    ]
    told = [(_("Bounced"), counted.bounced), (_("Complained"), counted.complained)]
    rows = [
        ("level", everybody, counted.audience),
        *(("lost", outcome.label, people) for outcome, people in counted.held.items()),
        ("level", _("To be sent"), counted.will_send),
        *(("lost", label, people) for label, people in lost if people),
        ("level", pgettext_lazy("people", "Sent"), counted.sent),
        *(("part", label, people) for label, people in told if people),
        ("part", _("Clicked"), counted.clicked),
        ("part", pgettext_lazy("people", "Redeemed"), counted.redeemed),
        ("part", _("Unsubscribed"), counted.unsubscribed),
    ]
    whole = counted.audience or 1
    return [Step(role, label, people, round(100 * people / whole)) for role, label, people in rows]


def _arms(compared: Result) -> list[tuple[str | Promise, Any]]:
    return [(_("Message"), compared.treated), (_("Control group"), compared.control)]
