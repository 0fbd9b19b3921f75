"""Why somebody got a message, and what less of it would change, in the recipient's words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from consent.enums import LegalBasis
from customers.enums import Category

BASES: dict[LegalBasis, str | Promise] = {
    LegalBasis.CONSENT: _("You allowed it, and may take that back at any time."),
    LegalBasis.CONTRACT: _("It belongs to what you ordered or signed up for."),
    LegalBasis.LEGITIMATE_INTEREST: _(
        "We have a fair interest of our own in it; you may object at any time."
    ),
    LegalBasis.LEGAL_OBLIGATION: _("The law obliges us to send it."),
}
# Whoever holds the link need not be the person: a message may have been forwarded.
MASKED = frozenset({Category.SENSITIVE, Category.LOCATION_COARSE, Category.LOCATION_PRECISE})
# "Less of this": once a month.
DAYS_BETWEEN = 30


@dataclass(frozen=True)
class Sent:
    """A message that went out: when, and which kinds of data it used."""

    at: datetime
    categories: frozenset[Category]


def using(sent: Sequence[Sent], category: Category) -> int:
    """Count the messages that would not have come without this kind of data."""
    return sum(category in message.categories for message in sent)


def left_by(sent: Sequence[Sent], *, days: int) -> int:
    """Count the messages that would have come with at most one in so many days."""
    count, last = 0, None
    for message in sorted(sent, key=lambda message: message.at):
        if last is None or message.at - last >= timedelta(days=days):
            count, last = count + 1, message.at
    return count
