"""What a message may say about a person, and the permission that each word needs."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from customers.enums import Category
from customers.rules import FIELD_CATALOGUE


@dataclass(frozen=True)
class Variable:
    """A word in double braces; ``category`` is None for what says nothing about the person.

    ``may_be_missing``: not everybody has it, so that a template gives a default or leaves out
    whoever lacks it.
    """

    name: str
    label: str | Promise
    category: Category | None = None
    may_be_missing: bool = False


def _personal(name: str, label: str | Promise) -> Variable:
    return Variable(name, label, FIELD_CATALOGUE[name], may_be_missing=True)


VARIABLES = {
    variable.name: variable
    for variable in (
        _personal("customer.first_name", _("First name")),
        _personal("customer.last_name", _("Last name")),
        _personal("customer.city", _("City")),
        _personal("customer.state", _("State")),
        Variable("voucher.code", _("Voucher code")),
        Variable("voucher.valid_until", _("Last day of the voucher")),
        Variable("offer.name", _("Name of the offer")),
        Variable("offer.summary", _("What the offer promises")),
        Variable("shop.name", _("Name of the shop")),
        Variable("why", _("Why the person gets this message")),
        Variable("why_url", _("Address of the page that says why in full")),
        Variable("why_question", _("“Why did I get this?”, in the customer's language")),
        Variable("preferences_url", _("Address of the customer's preference centre")),
        Variable("preferences_words", _("“Your choices”, in the customer's language")),
        Variable("unsubscribe_url", _("Address of the unsubscribe page")),
    )
}

UNSUBSCRIBE = "unsubscribe_url"
WHY = "why_url"
PREFERENCES = "preferences_url"
# What may stand as a link, made for each message.
ADDRESSES = frozenset({UNSUBSCRIBE, WHY, PREFERENCES})
OF_THE_OFFER = ("voucher.", "offer.")


def categories_of(names: Iterable[str]) -> set[Category]:
    """Return the data categories that a message with these variables uses."""
    known = (VARIABLES[name] for name in names if name in VARIABLES)
    return {variable.category for variable in known if variable.category}


def sensitive(names: Iterable[str]) -> list[str]:
    """Return which of these variables say something sensitive, in order."""
    return sorted(name for name in names if Category.SENSITIVE in categories_of([name]))


def needs_offer(names: Iterable[str]) -> bool:
    return any(name.startswith(OF_THE_OFFER) for name in names)
