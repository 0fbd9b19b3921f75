"""How often and about what somebody wants messages: a wish narrows, it never permits."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from consent.enums import TopicKind

BETWEEN = " > "
LONGEST_GAP = 365


class Topic(NamedTuple):
    """A product (by its sku), a product category (by its path) or an occasion."""

    kind: TopicKind
    value: str


@dataclass(frozen=True)
class Wishes:
    """All that one person wishes; without anything, as often as there is something."""

    paused_until: datetime | None = None
    at_most_every_days: int | None = None
    muted: frozenset[Topic] = field(default_factory=frozenset)


def strictest(wishes: Wishes, other: Wishes) -> Wishes:
    """Return what the wishes of two records come to when they are one person's."""
    ends = [it.paused_until for it in (wishes, other) if it.paused_until]
    gaps = [it.at_most_every_days for it in (wishes, other) if it.at_most_every_days]
    return Wishes(
        paused_until=max(ends, default=None),
        at_most_every_days=max(gaps, default=None),
        muted=wishes.muted | other.muted,
    )


def topics_of(*, sku: str = "", category: str = "", occasions: Collection[str] = ()) -> set[Topic]:
    """Return every topic by which a message about these would be muted.

    Whoever mutes a category mutes what lies below it: "Grocery > Dairy" has two topics.
    """
    path = category.split(BETWEEN) if category else []
    return {
        *([Topic(TopicKind.PRODUCT, sku)] if sku else []),
        *(
            Topic(TopicKind.CATEGORY, BETWEEN.join(path[:depth]))
            for depth in range(1, len(path) + 1)
        ),
        *(Topic(TopicKind.OCCASION, occasion) for occasion in occasions),
    }


def frequency_in_words(days: int | None) -> str | Promise:
    if days is None:
        return _("as often as there is something")
    if days == 7:
        return _("at most once a week")
    if days == 30:
        return _("at most once a month")
    return _("at most once in %(days)s days") % {"days": days}
