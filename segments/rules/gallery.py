"""Ready segments to start from; what a shop must fill in is left empty."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from customers.enums import RfmGroup


@dataclass(frozen=True)
class Ready:
    """A rule to start from; ``purpose`` is what it is for, where that is not the usual one."""

    code: str
    name: str | Promise
    description: str | Promise
    icon: str
    rule: Mapping[str, Any]
    purpose: str = ""


NO_EMAIL = {"trait": "consent.marketing.email", "operator": "no", "unknown": True}

FROM_PRACTICE = (
    Ready(
        code="inactive",
        name=_("Inactive for more than 3 months"),
        description=_("They bought once, and not in the last three months of the calendar."),
        icon="hourglass_bottom",
        rule={
            "all": [
                {
                    "trait": "customers.last_order",
                    "operator": "longer_ago",
                    "value": {"months": 3},
                }
            ]
        },
    ),
    Ready(
        code="big_spenders",
        name=_("Big spenders of the last 90 days"),
        description=_("They spent a lot in the last 90 days."),
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
        name=_("High spenders about to leave"),
        description=_("They spent a lot in all, and nothing for 60 days."),
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
        code="birthday",
        name=_("Birthday this month"),
        description=_("Born in this month, in any year."),
        icon="cake",
        rule={"all": [{"trait": "customers.birthday", "operator": "this_month"}]},
    ),
    Ready(
        code="anniversary",
        name=_("A customer for one year today"),
        description=_("They registered exactly twelve months ago, by the shop's calendar."),
        icon="celebration",
        rule={
            "all": [
                {
                    "trait": "customers.registered",
                    "operator": "days_ago",
                    "value": {"months": 12},
                }
            ]
        },
    ),
    Ready(
        code="open_cart",
        name=_("Cart abandoned for 2 days"),
        description=_(
            "Their open cart was last changed two days to a month ago, and no case is open."
        ),
        icon="remove_shopping_cart",
        rule={
            "all": [
                {
                    "trait": "customers.carts",
                    "operator": "did",
                    "window": {"days_ago": [30, 2]},
                },
                {"trait": "customers.open_case", "operator": "no"},
            ]
        },
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
        code="category_spend",
        name=_("Spent much in a category in 90 days"),
        description=_("You choose the category and the amount."),
        icon="payments",
        rule={
            "all": [
                {
                    "trait": "customers.goods",
                    "operator": "at_least",
                    "value": 200,
                    "measure": {"sum": "amount"},
                    "window": {"days": 90},
                    "where": {"category": ""},
                }
            ]
        },
    ),
    Ready(
        code="complained",
        name=_("Complained recently"),
        description=_("They opened a case, or gave 6 or less in a survey, in the last 30 days."),
        icon="sentiment_dissatisfied",
        rule={
            "any": [
                {"trait": "customers.cases", "operator": "did", "window": {"days": 30}},
                {
                    "trait": "customers.survey_answers",
                    "operator": "did",
                    "window": {"days": 30},
                    "where": {"score": {"operator": "at_most", "value": 6}},
                },
            ]
        },
    ),
    Ready(
        code="never_redeemed",
        name=_("Never redeemed a voucher"),
        description=_("They hold an unused voucher, and have not redeemed one yet."),
        icon="confirmation_number",
        rule={
            "all": [
                {"trait": "campaigns.holds_voucher", "operator": "did"},
                {"trait": "campaigns.redeemed", "operator": "did_not"},
            ]
        },
    ),
    Ready(
        code="vip_without_permission",
        name=_("VIPs without e-mail permission"),
        description=_(
            "They spent a lot and did not allow marketing by e-mail: ask them at the till. For"
            " orders and service, so that those are found who never answered; no marketing is"
            " written to them."
        ),
        icon="unsubscribe",
        # For marketing itself, whoever refused or never answered may not be looked at.
        purpose="transactional",
        rule={
            "all": [
                {"trait": "customers.spend", "operator": "at_least", "value": 1000},
                NO_EMAIL,
            ]
        },
    ),
    Ready(
        code="st_patrick",
        name=_("St. Patrick's Day in Ireland"),
        description=_("Customers who live in Ireland, to write to for 17 March."),
        icon="local_florist",
        rule={"all": [{"trait": "customers.country", "operator": "is", "value": "IE"}]},
    ),
)
RFM_ICON = {
    RfmGroup.CHAMPIONS: "trophy",
    RfmGroup.LOYAL: "favorite",
    RfmGroup.POTENTIAL_LOYALIST: "trending_up",
    RfmGroup.NEW: "fiber_new",
    RfmGroup.PROMISING: "eco",
    RfmGroup.NEED_ATTENTION: "notification_important",
    RfmGroup.ABOUT_TO_SLEEP: "bedtime",
    RfmGroup.AT_RISK: "warning",
    RfmGroup.CANT_LOSE: "emergency",
    RfmGroup.HIBERNATING: "ac_unit",
    RfmGroup.LOST: "person_off",
}
RFM_WORDS = {
    RfmGroup.CHAMPIONS: _("They bought lately, often, and for much: thank them first."),
    RfmGroup.LOYAL: _("They buy often: ask for their opinion, offer the next tier."),
    RfmGroup.POTENTIAL_LOYALIST: _("They bought lately and more than once: invite them to join."),
    RfmGroup.NEW: _("They bought lately for the first time: welcome them."),
    RfmGroup.PROMISING: _("They are new and spent little: make the shop known to them."),
    RfmGroup.NEED_ATTENTION: _("They were good and are slowing down: an offer for a short time."),
    RfmGroup.ABOUT_TO_SLEEP: _("They bought little and not lately: remind them of what sells."),
    RfmGroup.AT_RISK: _("They bought often, long ago: write to them by name."),
    RfmGroup.CANT_LOSE: _("They were the best, and have been away long: call them."),
    RfmGroup.HIBERNATING: _("They bought little, long ago: write seldom."),
    RfmGroup.LOST: _("The longest away, with the least: leave them in peace."),
}
GALLERY = (
    *FROM_PRACTICE,
    *(
        Ready(
            code=f"rfm_{group.value}",
            name=group.label,
            description=RFM_WORDS[group],
            icon=RFM_ICON[group],
            rule={
                "all": [{"trait": "customers.rfm_group", "operator": "is", "value": group.value}]
            },
        )
        for group in RfmGroup
    ),
)
EMPTY: Mapping[str, Any] = {
    "all": [{"trait": "customers.last_order", "operator": "in_last", "value": 30}]
}


def ready(code: str) -> Ready | None:
    return next((offered for offered in GALLERY if offered.code == code), None)
