"""What stands in the file of a list: its columns, and what of a row each of them shows."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import partial
from json import dumps
from operator import itemgetter
from typing import Any

from django.contrib.admin.utils import get_fields_from_path
from django.contrib.postgres.fields import ArrayField
from django.db.models import BinaryField, BooleanField, Field, JSONField, Model, QuerySet
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _

# What a cell holds: a moment is a ``datetime``, which is a ``date`` too.
Cell = str | int | float | Decimal | date | None

# Fields by which a related record is known; its column is called as the relation is.
NAMES = {"name", "name_en", "name_pt", "username"}
CHUNK = 2000


def as_it_is(value: Any) -> Cell:
    return value


@dataclass(frozen=True)
class Column:
    """A column, what it ``reads`` of a row (as ``values_list`` names it), and the cell it makes.

    ``cell`` gets as many values as are read. ``kind`` is the kind of data that it tells of a
    person, where the field that it reads does not say so.
    """

    label: str | Promise
    reads: tuple[str, ...]
    cell: Callable[..., Cell] = as_it_is
    kind: str = ""


# A column, the path of a field that makes one, or what returns such a path for the reader.
Shown = Column | str | Callable[[], str]


def no_more() -> Sequence[Column]:
    return ()


@dataclass(frozen=True)
class Table:
    """The columns of a list's file, declared in an app's ``exports.py``.

    ``personal`` says that its rows are about people: whoever takes them says why. ``more`` are
    columns that the shop declares.
    """

    model: type[Model]
    shown: tuple[Shown, ...]
    personal: bool = True
    more: Callable[[], Sequence[Column]] = no_more

    def columns(self) -> list[Column]:
        """Return the columns, called in the language of the moment."""
        return [*(_column(self.model, shown) for shown in self.shown), *self.more()]


def cells_of(columns: Sequence[Column], rows: QuerySet[Any]) -> Iterator[list[Cell]]:
    """Yield a list of cells for each row: one query, of which a piece at a time is in memory."""
    reads = list(dict.fromkeys(path for column in columns for path in column.reads))
    plan = [_reader(column, reads) for column in columns]
    for row in rows.values_list(*reads).iterator(chunk_size=CHUNK):
        yield [cell(read(row)) for read, cell in plan]


def _reader(
    column: Column, reads: list[str]
) -> tuple[Callable[[tuple[Any, ...]], Any], Callable[[Any], Cell]]:
    read = itemgetter(*(reads.index(path) for path in column.reads))
    if len(column.reads) == 1:
        return read, column.cell
    return read, lambda values: column.cell(*values)


def _column(model: type[Model], shown: Shown) -> Column:
    if isinstance(shown, Column):
        return replace(shown, label=capfirst(str(shown.label)))
    path = shown if isinstance(shown, str) else shown()
    fields: list[Any] = get_fields_from_path(model, path)
    *relations, field = fields
    named = relations[-1] if relations and field.name in NAMES else field
    return Column(capfirst(str(named.verbose_name)), (path,), _cell_of(field))


def _cell_of(field: "Field[Any, Any]") -> Callable[[Any], Cell]:
    """Return what writes the field's values for people."""
    if field.choices:
        return partial(_word, {value: str(label) for value, label in field.flatchoices})
    if isinstance(field, ArrayField):
        return partial(_words, _cell_of(field.base_field))
    if isinstance(field, BooleanField):
        return partial(_word, {True: _("Yes"), False: _("No")})
    if isinstance(field, JSONField):
        return partial(dumps, ensure_ascii=False)
    if isinstance(field, BinaryField):
        return lambda value: None if value is None else bytes(value).hex()
    return as_it_is


def _word(words: Mapping[Any, str], value: Any) -> Cell:
    return words.get(value, value)


def _words(cell: Callable[[Any], Cell], values: Sequence[Any] | None) -> Cell:
    return " | ".join(str(cell(value)) for value in values or ())
