"""What this app shows on a customer's page."""

from datetime import datetime
from typing import Any

from django.db.models import OuterRef
from django.utils.translation import gettext_lazy as _

from common.subjects import named
from customers.enums import ProfileTab
from customers.queries.gathering import Rows
from customers.rules import Panel, Profile
from segments.models import Membership, Segment

ROWS = 12


def _stays(at: datetime) -> dict[str, Rows]:
    stays = Membership.objects.standing().filter(customer=OuterRef("pk"))
    shown = ("id", "entered_at", "segment_id", "segment__id", "segment__name")
    return {"stays": Rows(stays.order_by("segment__name")[:ROWS], shown)}


def _segments(profile: Profile) -> dict[str, Any]:
    return {"stays": profile.rows["stays"]}


PANELS = [
    Panel(
        code="segments",
        title=_("Segments"),
        template="segments/panels/segments.html",
        context=_segments,
        rows=_stays,
        order=50,
        permission="segments.view_membership",
        tab=ProfileTab.MESSAGES,
    )
]

SUBJECTS = [named(Segment)]
