"""Who lets us keep data of a category with their name: the apps above say."""

from collections.abc import Collection, Mapping

from django.db.models import QuerySet

from common.discovery import declared
from customers.enums import Category
from customers.models import Customer


def permitting(customers: QuerySet[Customer], category: Category) -> QuerySet[Customer]:
    """Keep whoever lets us keep data of this category; without a gate that is nobody."""
    gates = {gate.category: gate for gate in declared("gates", "GATES")}
    kept: QuerySet[Customer] = (
        gates[category].permitting(customers) if category in gates else customers.none()
    )
    return kept


def withheld_from_programs(customers: Collection[int]) -> Mapping[int, frozenset[Category]]:
    """Return the categories that a program is not told of each customer, by their id.

    Where no app above says, nothing is told but what they are called by.
    """
    for says in declared("gates", "WITHHELD_FROM_PROGRAMS"):
        found: Mapping[int, frozenset[Category]] = says(customers)
        return found
    return dict.fromkeys(customers, frozenset(Category))
