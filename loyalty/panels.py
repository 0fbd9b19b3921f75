"""What this app shows on a customer's page."""

from typing import Any

from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from common.templatetags.clientela import whole
from customers.models import Customer
from customers.rules import Headline, Panel, ProfileAction
from loyalty.models import Member
from loyalty.queries import balance, summary

ROWS = 8


def _member(customer: Customer) -> Member | None:
    found = Member.objects.filter(customer=customer).select_related("programme", "tier")
    return found.first()


def _points(customer: Customer) -> dict[str, Any]:
    member = _member(customer)
    if member is None:
        return {"summary": None}
    movements = member.transactions.with_points().order_by("-occurred_at", "-pk")
    return {"summary": summary(member, at=now()), "movements": movements[:ROWS]}


def _tier(customer: Customer) -> str:
    member = _member(customer)
    return str(member.tier) if member and member.tier else ""


def _balance(customer: Customer) -> str:
    member = _member(customer)
    return whole(balance(member, at=now())) if member else ""


PANELS = [
    Panel(
        code="points",
        title=_("Points"),
        template="loyalty/points_panel.html",
        context=_points,
        order=20,
        permission="loyalty.view_member",
    )
]

HEADLINES = [
    Headline("tier", _("Tier"), _tier, order=40, permission="loyalty.view_member"),
    Headline("points", _("Points"), _balance, order=50, permission="loyalty.view_member"),
]

PROFILE_ACTIONS = [
    ProfileAction(
        code="adjust_points",
        label=_("Adjust points"),
        url_name="admin:loyalty_member_adjust",
        icon="tune",
        order=40,
        permission="loyalty.adjust_points",
    )
]
