"""What this app shows on a customer's page."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from consent.queries import standings
from customers.models import Customer
from customers.rules import Panel, ProfileAction


def _permissions(customer: Customer) -> dict[str, Any]:
    return {
        "standings": [
            (standing, _answered(standing.channels), _answered(standing.categories))
            for standing in standings(customer)
        ],
        "history": customer.consent_events.select_related("purpose", "actor").order_by("-id")[:10],
    }


def _answered(answers: list[tuple[Any, bool | None]]) -> list[tuple[Any, bool | None]]:
    return [(scope, answer) for scope, answer in answers if answer is not None]


PANELS = [
    Panel(
        code="permissions",
        title=_("Permissions"),
        template="consent/permissions_panel.html",
        context=_permissions,
        order=30,
        permission="consent.view_permission",
    )
]

PROFILE_ACTIONS = [
    ProfileAction(
        code="record_consent",
        label=_("Record consent"),
        url_name="admin:consent_choice",
        icon="verified_user",
        order=30,
        permission="consent.add_consentevent",
    )
]
