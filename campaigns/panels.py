"""What this app shows on a customer's page."""

from typing import Any

from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from campaigns.queries.vouchers import is_usable
from customers.models import Customer
from customers.rules import Panel, ProfileAction

ROWS = 8


def _vouchers(customer: Customer) -> dict[str, Any]:
    at = now()
    vouchers = customer.vouchers.select_related("offer").order_by("-issued_at", "-id")[:ROWS]
    return {"vouchers": [(voucher, is_usable(voucher, at=at)) for voucher in vouchers]}


def _messages(customer: Customer) -> dict[str, Any]:
    messages = customer.messages.select_related("campaign").order_by("-decided_at", "-id")
    return {"messages": messages[:ROWS]}


PANELS = [
    Panel(
        code="vouchers",
        title=_("Vouchers"),
        template="campaigns/panels/vouchers.html",
        context=_vouchers,
        order=40,
        permission="campaigns.view_voucher",
    ),
    Panel(
        code="messages",
        title=_("Messages"),
        template="campaigns/panels/messages.html",
        context=_messages,
        order=50,
        permission="campaigns.view_message",
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
