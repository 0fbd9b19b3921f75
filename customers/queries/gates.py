"""Who lets us keep data of a category with their name: the apps above say."""

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
