"""The data catalogue of all apps, as they declare it in ``catalogue.py``."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from common.discovery import declared
from customers.enums import Category
from customers.models import Customer, Event
from customers.queries.attributes import attributes
from customers.queries.holdings import holdings
from customers.queries.timeline import all_kinds
from customers.rules.catalogue import Described
from customers.rules.erasing import Fate


@cache
def catalogue() -> tuple[Described, ...]:
    """Return what every table says, lowest app first."""
    return declared("catalogue", "CATALOGUE")


@dataclass(frozen=True)
class Held:
    """What one table says of customers in one category, for people."""

    table: str
    columns: list[str]
    purpose: str
    origin: str
    shared: str
    kept: str


def held_by_category() -> dict[Category, list[Held]]:
    """Return what is held about customers, category by category, in words."""
    found: dict[Category, list[Held]] = {category: [] for category in Category}
    for described in catalogue():
        for category, names in described.facts.items():
            found[category].append(_held(described, names.split()))
    for category, tables in found.items():
        tables.extend(_declared_here(category))
    return {category: tables for category, tables in found.items() if tables}


def _held(described: Described, names: list[str]) -> Held:
    return Held(
        table=capfirst(table_name(described)),
        columns=[column_name(described, name) for name in names],
        purpose=str(described.purpose),
        origin=str(described.origin),
        shared=str(described.shared),
        kept=str(described.until) or _kept(described.model),
    )


def _declared_here(category: Category) -> Iterator[Held]:
    """Return what is of this category by what it says, not by its column."""
    own = [str(each.label) for each in attributes().values() if each.category == category]
    kinds = [str(kind.label) for kind in all_kinds().values() if kind.category == category]
    for model, name, columns in (
        (Customer, _("Attributes"), own),
        (Event, _("What happens: kinds of event"), kinds),
    ):
        if columns:
            described = next(each for each in catalogue() if each.model is model)
            yield replace(_held(described, []), table=name, columns=columns)


def table_name(described: Described) -> str:
    """Return what people call the rows of the table."""
    return str(described.called or described.model._meta.verbose_name_plural)


def column_name(described: Described, name: str) -> str:
    """Return what people call the column."""
    return str(described.words.get(name) or described.model._meta.get_field(name).verbose_name)


def _kept(model: Any) -> str:
    erasing = next((each.erasing for each in holdings() if each.model is model), None)
    if erasing is None or erasing.fate == Fate.DELETED:
        return _("Until the person is erased.")
    return _("Until the person is erased. %(because)s") % {"because": erasing.because}
