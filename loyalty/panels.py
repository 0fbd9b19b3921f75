"""What this app shows on a customer's page."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import OuterRef, Sum
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from common.templatetags.clientela import whole
from customers.enums import ProfileTab
from customers.models import Order
from customers.queries.gathering import Rows
from customers.rules import Headline, OrderEffect, Panel, Profile, ProfileAction
from loyalty.models import Lot, Member, Tier, Transaction
from loyalty.queries import EXPIRING, owed_by, spend_in_window, steps_of, summarise

ROWS = 8


def _member_rows(at: datetime) -> dict[str, Rows]:
    members = Member.objects.filter(customer=OuterRef("pk"))
    shown = (
        *("id", "customer_id", "joined_at", "tier_until", "tier__id", "tier__name"),
        *("programme__id", "programme__tier_window_months"),
    )
    live = Lot.objects.live(at=at).filter(member__customer=OuterRef("pk")).order_by()
    return {
        "member": Rows(members, shown),
        "points": Rows(live.values("member").annotate(points=Sum("remaining")), ("points",)),
    }


def _points_rows(at: datetime) -> dict[str, Rows]:
    theirs = {"member__customer": OuterRef("pk")}
    expiring = Lot.objects.live(at=at).filter(**theirs).exclude(expires_at=None)
    movements = Transaction.objects.filter(**theirs).with_points()
    tiers = Tier.objects.filter(programme__members__customer=OuterRef("pk"))
    return {
        **_member_rows(at),
        "tiers": Rows(tiers.order_by("rank"), ("id", "name", "minimum_spend")),
        "expiring": Rows(
            expiring.order_by("expires_at", "pk")[:EXPIRING], ("id", "remaining", "expires_at")
        ),
        "movements": Rows(
            movements.order_by("-occurred_at", "-pk")[:ROWS],
            ("id", "kind", "note", "occurred_at", "points"),
        ),
    }


def _points(profile: Profile) -> dict[str, Any]:
    member = _member(profile)
    if member is None:
        return {"summary": None}
    at_a_glance = summarise(
        member,
        balance=_held(profile),
        # The programme says how far to look back, so that this is asked after it.
        spend=spend_in_window(member.programme, customers=[member.customer_id], at=profile.at).get(
            member.customer_id, Decimal(0)
        ),
        steps=steps_of(profile.rows["tiers"]),
        expiring=list(profile.rows["expiring"]),
    )
    return {"summary": at_a_glance, "movements": profile.rows["movements"]}


def _member(profile: Profile) -> Member | None:
    return next(iter(profile.rows["member"]), None)


def _held(profile: Profile) -> int:
    return sum(lots.points for lots in profile.rows["points"])


def _tier(profile: Profile) -> str:
    member = _member(profile)
    return str(member.tier) if member and member.tier else ""


def _balance(profile: Profile) -> str:
    return whole(_held(profile)) if _member(profile) else ""


def _points_of_return(order: Order, net_total: Decimal) -> str:
    points = owed_by(order, net_total=net_total)
    if not points:
        return ""
    return ngettext(
        "%(points)s point is taken back, if the customer still has it.",
        "%(points)s points are taken back, as far as the customer still has them.",
        points,
    ) % {"points": whole(points)}


ORDER_EFFECTS = [OrderEffect(_points_of_return, permission="loyalty.view_member")]

PANELS = [
    Panel(
        code="points",
        title=_("Points"),
        template="loyalty/points_panel.html",
        context=_points,
        rows=_points_rows,
        order=20,
        permission="loyalty.view_member",
        tab=ProfileTab.REWARDS,
    )
]

HEADLINES = [
    Headline("tier", _("Tier"), _tier, 40, "loyalty.view_member", _member_rows),
    Headline("points", _("Points"), _balance, 50, "loyalty.view_member", _member_rows),
]

PROFILE_ACTIONS = [
    ProfileAction(
        code="adjust_points",
        label=_("Adjust points"),
        url_name="admin:loyalty_member_adjust",
        icon="tune",
        order=40,
        permission="loyalty.adjust_points",
        is_rare=True,
    )
]
