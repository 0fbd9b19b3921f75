"""What all apps together put on the customer's page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.db.models import QuerySet

from common.discovery import declared
from common.models import User
from customers.models import Customer
from customers.queries.gathering import gather
from customers.queries.profile import monthly_spend
from customers.queries.timeline import kind_rows
from customers.rules import Headline, Panel, Profile, ProfileAction

Declared = TypeVar("Declared", Panel, Headline, ProfileAction)


@dataclass(frozen=True)
class Page:
    """What one member of staff sees of a customer."""

    profile: Profile
    headlines: list[Headline]
    panels: list[Panel]


def read_page(customers: QuerySet[Customer], *, user: User, at: datetime) -> Page | None:
    """Read the one customer with what every app shows of them, in one query; None for nobody."""
    headlines = _allowed(user, declared("panels", "HEADLINES"))
    panels = _allowed(user, declared("panels", "PANELS"))
    wanted = {"months": monthly_spend(at=at), **kind_rows()}
    for part in (*headlines, *panels):
        wanted.update(part.rows(at))
    found = gather(customers.select_related("metrics"), wanted)
    return Page(Profile(*found, at=at), headlines, panels) if found else None


def profile_actions(user: User) -> list[ProfileAction]:
    return _allowed(user, declared("panels", "PROFILE_ACTIONS"))


def _allowed(user: User, found: Iterable[Declared]) -> list[Declared]:
    return sorted(
        (item for item in found if not item.permission or user.has_perm(item.permission)),
        key=lambda item: item.order,
    )
