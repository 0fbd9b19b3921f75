"""The order of a list, and where in it a page begins: by position, not by number."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

from django.core.exceptions import ValidationError
from django.core.signing import BadSignature
from django.db.models import F, Model, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan

from common.keys import signer


class Place(NamedTuple):
    """The row that a page begins after: its value, or None, and its id."""

    value: Any
    id: int


@dataclass(frozen=True)
class Order:
    """By one column, equal values by id; who has no value stands last, upwards and downwards."""

    column: str
    falls: bool = False

    def __str__(self) -> str:
        return f"-{self.column}" if self.falls else self.column

    @classmethod
    def read(cls, text: str) -> Self:
        """Read what ``str`` writes: a column, and a minus before it for the largest first."""
        return cls(text.removeprefix("-"), falls=text.startswith("-"))

    def whole(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Return all the rows in this order."""
        if not self._may_be_empty(rows):
            return rows.order_by(*self._signed(self._columns()))
        value = F(self.column)
        by_value = value.desc(nulls_last=True) if self.falls else value.asc(nulls_last=True)
        return rows.order_by(by_value, *self._signed(["id"]))

    def first(self, count: int, rows: QuerySet[Any], *, after: Place | None = None) -> list[Any]:
        """Return the first rows of the order, or the first after a place in it."""
        found: list[Any] = []
        for stretch in self._stretches(rows, after):
            found += stretch[: count - len(found)]
            if len(found) == count:
                break
        return found

    def _stretches(self, rows: QuerySet[Any], after: Place | None) -> Iterator[QuerySet[Any]]:
        """Yield those with a value, then those without: each is a piece of the index.

        One query for both would read the index from its beginning for every page.
        """
        may_be_empty = self._may_be_empty(rows)
        if after is None or after.value is not None:
            told = rows
            if may_be_empty:
                told = rows.filter(**{f"{self.column}__isnull": False})
            yield self._beyond(told, self._columns(), after)
        if may_be_empty:
            rest = rows.filter(**{self.column: None})
            last = after if after and after.value is None else None
            yield self._beyond(rest, ["id"], last)

    def _beyond(
        self, rows: QuerySet[Any], columns: list[str], after: Place | None
    ) -> QuerySet[Any]:
        if after:
            beyond = TupleLessThan if self.falls else TupleGreaterThan
            # Of the place as much as the columns tell: the id is always last.
            rows = rows.filter(beyond(Tuple(*columns), after[-len(columns) :]))
        return rows.order_by(*self._signed(columns))

    def _columns(self) -> list[str]:
        return ["id"] if self.column == "id" else [self.column, "id"]

    def _signed(self, columns: list[str]) -> list[str]:
        return [f"-{column}" if self.falls else column for column in columns]

    def _may_be_empty(self, rows: QuerySet[Any]) -> bool:
        return bool(getattr(rows.model._meta.get_field(self.column), "null", False))


class NotACursor(ValueError):
    """It is none of ours, or stands for a place in another list or another order."""


def cursor_after(row: Model, order: Order) -> str:
    """Return the place of the row in this order, signed, as an address carries it."""
    field: Any = row._meta.get_field(order.column)
    told = field.value_from_object(row)
    value = None if told is None else field.value_to_string(row)
    return signer("cursor").sign_object([row._meta.label_lower, str(order), value, row.pk])


def read_cursor(cursor: str, order: Order, model: type[Model]) -> Place:
    """Return the place that a cursor stands for. Raises NotACursor."""
    field: Any = model._meta.get_field(order.column)
    try:
        label, told_order, value, pk = signer("cursor").unsign_object(cursor)
        place = Place(None if value is None else field.to_python(value), pk)
    except (BadSignature, ValueError, TypeError, ValidationError) as error:
        raise NotACursor from error
    if [label, told_order] != [model._meta.label_lower, str(order)]:
        raise NotACursor
    return place
