"""What all apps together put on the customer's page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.http import urlencode

from common.discovery import declared
from common.models import User
from customers.enums import ProfileTab
from customers.models import Customer
from customers.queries.gathering import gather
from customers.queries.profile import monthly_spend
from customers.queries.timeline import kind_rows
from customers.rules import Headline, Panel, Profile, ProfileAction

Declared = TypeVar("Declared", Panel, Headline, ProfileAction)


@dataclass(frozen=True)
class Page:
    """What one member of staff sees of a customer; ``tabs`` are those they may open."""

    profile: Profile
    tab: ProfileTab
    tabs: list[ProfileTab]
    headlines: list[Headline]
    panels: list[Panel]


def read_page(
    customers: QuerySet[Customer], *, tab: ProfileTab, user: User, at: datetime
) -> Page | None:
    """Read the one customer with what every app shows on the tab, in one query; None for nobody.

    Whoever may see nothing on the tab gets the overview.
    """
    headlines = _allowed(user, declared("panels", "HEADLINES"))
    panels = _allowed(user, declared("panels", "PANELS"))
    filled = {ProfileTab.OVERVIEW, *(panel.tab for panel in panels)}
    tab = tab if tab in filled else ProfileTab.OVERVIEW
    shown = [panel for panel in panels if panel.tab == tab]
    wanted = {}
    if tab == ProfileTab.OVERVIEW:
        wanted = {"months": monthly_spend(at=at), **kind_rows()}
    for part in (*headlines, *shown):
        wanted.update(part.rows(at))
    found = gather(customers.select_related("metrics__peers"), wanted)
    tabs = [each for each in ProfileTab if each in filled]
    return Page(Profile(*found, at=at), tab, tabs, headlines, shown) if found else None


def profile_url(customer_id: int, tab: ProfileTab = ProfileTab.OVERVIEW) -> str:
    """Return the address of a tab of the customer's page in the back office."""
    page = reverse("admin:customers_customer_profile", args=[customer_id])
    return page if tab == ProfileTab.OVERVIEW else f"{page}?{urlencode({'tab': tab.value})}"


def profile_actions(user: User) -> list[ProfileAction]:
    return _allowed(user, declared("panels", "PROFILE_ACTIONS"))


def _allowed(user: User, found: Iterable[Declared]) -> list[Declared]:
    return sorted(
        (item for item in found if not item.permission or user.has_perm(item.permission)),
        key=lambda item: item.order,
    )
