from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from consent.enums import Channel
from customers.enums import Category
from customers.rules import EventKind


def _scope(data: Mapping[str, Any]) -> dict[str, Any]:
    """Say the channel or the kind of data that the choice was about."""
    if data.get("channel") in Channel.values:
        return {"scope": Channel(data["channel"]).label}
    if data.get("category") in Category.values:
        return {"scope": Category(data["category"]).label}
    return {}


KINDS = [
    EventKind(
        code="consent.given",
        label=_("Permission given"),
        category=Category.IDENTITY,
        sentence=_("Gave permission: %(scope)s"),
        in_words=_scope,
        icon="check_circle",
    ),
    EventKind(
        code="consent.refused",
        label=_("Permission refused"),
        category=Category.IDENTITY,
        sentence=_("Refused permission: %(scope)s"),
        in_words=_scope,
        icon="block",
    ),
    EventKind(
        code="consent.withdrawn",
        label=_("Permission withdrawn"),
        category=Category.IDENTITY,
        sentence=_("Withdrew permission: %(scope)s"),
        in_words=_scope,
        icon="cancel",
    ),
    EventKind(
        code="consent.unproven",
        label=_("Consent without proof"),
        category=Category.IDENTITY,
        sentence=_("A file claimed consent without proof; it counts for nothing"),
        icon="help",
    ),
]
