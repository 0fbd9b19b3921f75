"""What a program's file keeps back: apps that know people say so in ``exports.py: VEILS``."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db.models import QuerySet

from common.discovery import declared
from common.exports.tables import CHUNK, Cell, Column, Table, cells_of


@dataclass(frozen=True)
class Veil:
    """Kinds of data that people keep back.

    ``person`` is the path of whom a row is about, ``kind`` what a column tells of them, None for
    nothing. ``withheld`` returns the kinds by person; whoever is missing there keeps all back.
    """

    person: str
    kind: Callable[[Column], str | None]
    withheld: Callable[[Collection[Any]], Mapping[Any, Collection[str]]]


def veil_over(table: Table) -> Veil | None:
    """Return what hides people in this file, or None where it is not about them."""
    found = (veil(table) for veil in declared("exports", "VEILS"))
    return next(filter(None, found), None)


def veiled(
    columns: Sequence[Column], rows: QuerySet[Any], *, by: Veil | None
) -> Iterator[list[Cell]]:
    """Yield the cells of each row; those that the person keeps back are empty."""
    if by is None:
        yield from cells_of(columns, rows)
        return
    kinds = [by.kind(column) for column in columns]
    told = cells_of([Column("", (by.person,)), *columns], rows)
    while piece := list(islice(told, CHUNK)):
        withheld = by.withheld({person for person, *_cells in piece if person is not None})
        for person, *cells in piece:
            kept = withheld.get(person, kinds)
            yield [
                None if kind is not None and kind in kept else cell
                for kind, cell in zip(kinds, cells, strict=True)
            ]
