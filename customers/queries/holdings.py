"""What all apps together hold about a person, as they declare it in ``personal_data.py``."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache, reduce
from operator import or_
from typing import Any

from django.db.models import Model, Q, QuerySet

from common.discovery import declared
from customers.models import Customer
from customers.rules.erasing import ErasePart, Fate
from customers.rules.merging import Holding, MergePart, Merging


@cache
def holdings() -> tuple[Holding, ...]:
    """Return every table with rows about people, lowest app first."""
    return declared("personal_data", "HOLDINGS")


@cache
def merge_parts() -> tuple[MergePart, ...]:
    return declared("personal_data", "MERGE_PARTS")


@cache
def erase_parts() -> tuple[ErasePart, ...]:
    return declared("personal_data", "ERASE_PARTS")


def rows_of(holding: Holding, people: Collection[int]) -> QuerySet[Any]:
    """Return the table's rows about these people, by id."""
    return holding.model._default_manager.filter(**{f"{holding.person}__in": people})


def held(*people: Customer) -> Iterator[tuple[Holding, int]]:
    """Count the rows of these records, table by table; empty tables are left out."""
    ids = [person.pk for person in people]
    for holding in holdings():
        if count := rows_of(holding, ids).count():
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


@dataclass(frozen=True)
class Loss:
    """What an erasure does to the rows of one table, for people."""

    rows: str
    count: int
    columns: list[str]
    because: str


def losses(people: Collection[Customer]) -> dict[Fate, list[Loss]]:
    """Return what would be deleted, blanked and kept, were these records of a person erased.

    Rows that belong to others (lines of an order) are not told of beside them.
    """
    ids = [person.pk for person in people]
    told: dict[Any, list[Holding]] = {}
    for holding in holdings():
        if holding.merging != Merging.FOLLOWS and _is_named(holding.model):
            told.setdefault(holding.model, []).append(holding)
    found: dict[Fate, list[Loss]] = {fate: [] for fate in Fate}
    for model, naming in told.items():
        # A table that names two people (a merge) is told of once.
        whose = reduce(or_, (Q(**{f"{holding.person}__in": ids}) for holding in naming))
        if count := model._default_manager.filter(whose).count():
            found[naming[0].erasing.fate].append(_loss(naming[0], count))
    return found


def _is_named(model: Any) -> bool:
    """Say whether staff know such rows by a name; records themselves are told of apart."""
    return model is not Customer and "verbose_name" in model._meta.original_attrs


def _loss(holding: Holding, count: int) -> Loss:
    meta = holding.model._meta
    return Loss(
        rows=str(meta.verbose_name_plural),
        count=count,
        columns=[
            str(field.verbose_name)
            for field in map(meta.get_field, holding.erasing.blanks)
            if field._verbose_name
        ],
        because=str(holding.erasing.because),
    )


def foreseen_leaving(people: Collection[Customer], *, at: datetime) -> list[str]:
    """Return in sentences what else follows from erasing these records; nothing is written."""
    return [line for part in erase_parts() for line in part.foresee(people, at)]


def kept_for_good() -> dict[str, list[type[Model]]]:
    """Return the tables that are kept even of somebody who is erased, by why."""
    kept: dict[str, list[type[Model]]] = {}
    for holding in holdings():
        if holding.erasing.fate == Fate.KEPT and _is_named(holding.model):
            kept.setdefault(str(holding.erasing.because), []).append(holding.model)
    return kept
