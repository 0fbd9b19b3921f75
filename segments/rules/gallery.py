"""Ready segments to start from; what a shop must fill in is left empty."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Ready:
    code: str
    name: str | Promise
    description: str | Promise
    icon: str
    rule: Mapping[str, Any]


GALLERY = (
    Ready(
        code="inactive",
        name=_("Inactive for 90 days"),
        description=_("They bought once, and not in the last 90 days."),
        icon="hourglass_bottom",
        rule={"all": [{"trait": "customers.last_order", "operator": "longer_ago", "value": 90}]},
    ),
    Ready(
        code="big_spenders",
        name=_("Big spenders of the last 90 days"),
        description=_("They spent at least 500 in the last 90 days."),
        icon="payments",
        rule={
            "all": [
                {
                    "trait": "customers.spend",
                    "operator": "at_least",
                    "value": 500,
                    "window": {"days": 90},
                }
            ]
        },
    ),
    Ready(
        code="lapsing",
        name=_("Good customers about to leave"),
        description=_("They spent at least 1,000 in all, and nothing for 60 days."),
        icon="trending_down",
        rule={
            "all": [
                {"trait": "customers.spend", "operator": "at_least", "value": 1000},
                {"trait": "customers.last_order", "operator": "longer_ago", "value": 60},
            ]
        },
    ),
    Ready(
        code="first_order",
        name=_("First purchase in the last 7 days"),
        description=_("New customers to welcome."),
        icon="waving_hand",
        rule={"all": [{"trait": "customers.first_order", "operator": "in_last", "value": 7}]},
    ),
    Ready(
        code="category_twice",
        name=_("Bought a category twice in 60 days"),
        description=_("You choose the category."),
        icon="category",
        rule={
            "all": [
                {
                    "trait": "customers.orders",
                    "operator": "at_least",
                    "value": 2,
                    "window": {"days": 60},
                    "where": {"category": ""},
                }
            ]
        },
    ),
    Ready(
        code="birthday",
        name=_("Birthday this month"),
        description=_("Born in this month, in any year."),
        icon="cake",
        rule={"all": [{"trait": "customers.birthday", "operator": "this_month"}]},
    ),
    Ready(
        code="open_cart",
        name=_("Left something in the cart"),
        description=_("They have an open cart and no open case."),
        icon="remove_shopping_cart",
        rule={
            "all": [
                {"trait": "customers.open_cart", "operator": "yes"},
                {"trait": "customers.open_case", "operator": "no"},
            ]
        },
    ),
    Ready(
        code="vip_without_permission",
        name=_("Good customers without e-mail permission"),
        description=_("They spent at least 1,000 and never allowed e-mail: ask them at the till."),
        icon="unsubscribe",
        rule={
            "all": [
                {"trait": "customers.spend", "operator": "at_least", "value": 1000},
                {"trait": "consent.email", "operator": "no", "unknown": True},
            ]
        },
    ),
)
EMPTY: Mapping[str, Any] = {
    "all": [{"trait": "customers.last_order", "operator": "in_last", "value": 30}]
}


def ready(code: str) -> Ready | None:
    return next((offered for offered in GALLERY if offered.code == code), None)
