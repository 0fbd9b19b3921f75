"""What this app shows on a customer's page, and on a segment's."""

from datetime import datetime
from typing import Any

from django.db.models import OuterRef
from django.utils.translation import gettext_lazy as _

from common.subjects import named
from customers.enums import ProfileTab
from customers.queries.gathering import Rows
from customers.rules import Panel, Profile, ProfileAction
from segments.enums import SegmentTab
from segments.models import Handpick, Membership, Segment
from segments.panels import make_up, over_time, overlap
from segments.rules.panels import SegmentPanel

ROWS = 12


def _stays(at: datetime) -> dict[str, Rows]:
    stays = Membership.objects.standing().filter(customer=OuterRef("pk"))
    segment = ("segment_id", "segment__id", "segment__name")
    decided = Handpick.objects.standing().filter(customer=OuterRef("pk")).order_by("-pk")
    who = ("by__id", "by__username", "by__first_name", "by__last_name", "api_key__id")
    what = ("id", "word", "reason", "decided_at", *segment, *who, "api_key__name")
    return {
        "stays": Rows(stays.order_by("segment__name")[:ROWS], ("id", "entered_at", *segment)),
        "decided": Rows(decided[:ROWS], what),
    }


def _segments(profile: Profile) -> dict[str, Any]:
    return {"stays": profile.rows["stays"], "decided": profile.rows["decided"]}


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

PROFILE_ACTIONS = [
    ProfileAction(
        code="segments",
        label=_("Add to a segment"),
        url_name="admin:segments_segment_of_customer",
        icon="group_add",
        order=45,
        permission="segments.change_segment",
        is_rare=True,
    )
]

SEGMENT_PANELS = [
    SegmentPanel(
        code="size",
        title=_("Size over time"),
        tab=SegmentTab.OVER_TIME,
        order=10,
        template="segments/page/size.html",
        figures=over_time.days_of,
        context=over_time.growth,
        choices=over_time.SPANS,
    ),
    SegmentPanel(
        code="revenue",
        title=_("Orders and revenue of the members"),
        tab=SegmentTab.OVER_TIME,
        order=20,
        template="segments/page/revenue.html",
        figures=over_time.bought,
        context=over_time.revenue,
        choices=over_time.STEPS,
        permission="customers.view_order",
    ),
    SegmentPanel(
        code="make_up",
        title=_("What the members are like, beside all customers"),
        tab=SegmentTab.MAKE_UP,
        order=10,
        template="segments/page/make_up.html",
        figures=make_up.counted,
        context=make_up.facts,
    ),
    SegmentPanel(
        code="overlap",
        title=_("People shared with other segments"),
        tab=SegmentTab.OVERLAP,
        order=10,
        template="segments/page/overlap.html",
        figures=overlap.shared,
        context=overlap.others,
    ),
    SegmentPanel(
        code="dependants",
        title=_("Segments that hang together"),
        tab=SegmentTab.USES,
        order=20,
        template="segments/page/dependants.html",
        context=overlap.dependants,
    ),
]

SUBJECTS = [named(Segment)]
