"""What all apps together hold about a person, as they declare it in ``personal_data.py``."""

from collections.abc import Iterator
from datetime import datetime
from functools import cache

from django.db.models import Q

from common.discovery import declared
from customers.models import Customer
from customers.rules.merging import Holding, MergePart, Merging


@cache
def holdings() -> tuple[Holding, ...]:
    """Return every table with rows about people, lowest app first."""
    return declared("personal_data", "HOLDINGS")


@cache
def merge_parts() -> tuple[MergePart, ...]:
    return declared("personal_data", "MERGE_PARTS")


def held(customer: Customer) -> Iterator[tuple[Holding, int]]:
    """Count the customer's rows, table by table; empty tables are left out."""
    for holding in holdings():
        rows = holding.model._default_manager.filter(Q(**{holding.person: customer.pk}))
        if count := rows.count():
            yield holding, count


def moving(customer: Customer) -> list[tuple[str, int]]:
    """Return what a merge would move of the customer: the name of the rows and how many."""
    return [
        (str(holding.model._meta.verbose_name_plural), count)
        for holding, count in held(customer)
        if holding.merging == Merging.MOVES
    ]


def foreseen(survivor: Customer, loser: Customer, *, at: datetime) -> list[str]:
    """Return in sentences what would follow from a merge of the two; nothing is written."""
    return [line for part in merge_parts() for line in part.foresee(survivor, loser, at)]
