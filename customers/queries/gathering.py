"""Rows of many tables in one statement: a page says which rows it shows and asks once for all."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import DecimalField, F, Field, Model, QuerySet, TextField
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, JSONObject

from customers.models import Customer

LOOKUP = "__"


@dataclass(frozen=True)
class Rows:
    """Rows to be read with others; they come back as records that hold only ``columns``.

    A column is a field, a related record's (``offer__name``, beside ``offer__id``), or what the
    queryset adds. Whatever else such a record is asked for costs a query of its own.
    """

    queryset: QuerySet[Any]
    columns: tuple[str, ...]

    def expression(self) -> ArraySubquery:
        row = JSONObject(**{column: self._exact(column) for column in self.columns})
        return ArraySubquery(self.queryset.values(one_row=row))

    def restored(self, found: list[dict[str, Any]]) -> list[Any]:
        return [self._record(self.queryset.model, row) for row in found]

    def _exact(self, column: str) -> Combinable:
        # JSON's numbers are read as floats, and money is none.
        if isinstance(self._field(self.queryset.model, column), DecimalField):
            return Cast(column, TextField())
        return F(column)

    def _field(self, model: type[Model], column: str) -> Field:
        if added := self.queryset.query.annotations.get(column):
            return added.output_field
        name, _, rest = column.partition(LOOKUP)
        field: Any = model._meta.get_field(name)
        return self._field(field.related_model, rest) if rest else field

    def _record(self, model: type[Model], row: Mapping[str, Any]) -> Model | None:
        """Make a record of ``row``, or None where the related record is missing."""
        key = model._meta.pk.attname
        if key in row and row[key] is None:
            return None
        fields = [field for field in model._meta.concrete_fields if field.attname in row]
        record = model.from_db(
            self.queryset.db,
            [field.attname for field in fields],
            [field.to_python(row[field.attname]) for field in fields],
        )
        stored = {field.attname for field in fields}
        for name in dict.fromkeys(column.partition(LOOKUP)[0] for column in row):
            if name not in stored:
                setattr(record, name, self._beside(model, name, row))
        return record

    def _beside(self, model: type[Model], name: str, row: Mapping[str, Any]) -> Any:
        """Return what the queryset added under ``name``, or the related record."""
        if name in row:
            return self._field(model, name).to_python(row[name])
        related: Any = model._meta.get_field(name)
        prefix = name + LOOKUP
        theirs = {
            column.removeprefix(prefix): value
            for column, value in row.items()
            if column.startswith(prefix)
        }
        return self._record(related.related_model, theirs)


def gather(
    customers: QuerySet[Customer], wanted: Mapping[str, Rows]
) -> tuple[Customer, dict[str, list[Any]]] | None:
    """Return the one customer with the wanted rows by name, in one query; None for nobody.

    The querysets are narrowed to the customer by ``OuterRef("pk")``.
    """
    columns = {f"rows_{name}": rows.expression() for name, rows in wanted.items()}
    customer = customers.annotate(**columns).first()
    if customer is None:
        return None
    return customer, {
        name: rows.restored(getattr(customer, f"rows_{name}")) for name, rows in wanted.items()
    }
