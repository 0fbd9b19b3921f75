"""What all apps together put on the customer's page."""

from collections.abc import Iterable
from typing import TypeVar

from common.discovery import declared
from common.models import User
from customers.rules import Headline, Panel, ProfileAction

Declared = TypeVar("Declared", Panel, Headline, ProfileAction)


def panels(user: User) -> list[Panel]:
    return _allowed(user, declared("panels", "PANELS"))


def headlines(user: User) -> list[Headline]:
    return _allowed(user, declared("panels", "HEADLINES"))


def profile_actions(user: User) -> list[ProfileAction]:
    return _allowed(user, declared("panels", "PROFILE_ACTIONS"))


def _allowed(user: User, found: Iterable[Declared]) -> list[Declared]:
    return sorted(
        (item for item in found if not item.permission or user.has_perm(item.permission)),
        key=lambda item: item.order,
    )
