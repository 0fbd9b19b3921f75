"""What this app shows on a customer's page."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from customers.models import Customer
from customers.rules import Panel

ROWS = 12


def _segments(customer: Customer) -> dict[str, Any]:
    stays = customer.memberships.filter(left_at=None).select_related("segment")
    return {"stays": stays.order_by("segment__name")[:ROWS]}


PANELS = [
    Panel(
        code="segments",
        title=_("Segments"),
        template="segments/panels/segments.html",
        context=_segments,
        order=50,
        permission="segments.view_membership",
    )
]
