"""What a list of the API may be asked for: filters and orders that it names, and nothing else."""

from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ValidationError as InvalidValue
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django_filters.fields import IsoDateTimeField
from django_filters.filters import ChoiceFilter, IsoDateTimeFilter
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.exceptions import ValidationError

from common.ordering import Order

PAGING = {"cursor", "page_size"}
# How a list leaves as a file; see common.lists.
TAKING_AWAY = {"format", "reason"}


class Ordering(ChoiceFilter):
    """The orders that a list can be asked for, each way; ``usual`` is the one without asking.

    ``named`` are columns that the outside knows by another name. Of a table that grows with the
    customers, name only columns that an index serves together with the id: any other order would
    sort the table for every page.
    """

    def __init__(self, *columns: str, usual: str = "-id", **named: str) -> None:
        self.usual = Order.read(usual)
        self.named = named
        names = [name for column in (*columns, *named) for name in (column, f"-{column}")]
        super().__init__(
            choices=[(name, name) for name in names],
            label="A minus before the name puts the largest, or the latest, first.",
        )

    def order(self, asked: str | None) -> Order:
        """Return the order called so, of ``choices``, or the usual one."""
        if not asked:
            return self.usual
        order = Order.read(asked)
        return Order(self.named.get(order.column, order.column), falls=order.falls)

    def filter(self, rows: QuerySet[Any], value: str) -> QuerySet[Any]:
        """Leave the rows as they are: pages and files put them in order, each in its way."""
        return rows


class KnownFilters(DjangoFilterBackend):
    """Filters that refuse a name they do not know: a typing error must not list everybody."""

    def filter_queryset(self, request: Any, queryset: Any, view: Any) -> Any:
        filterset_class = self.get_filterset_class(view, queryset)
        known = set(filterset_class.base_filters) if filterset_class else set()
        unknown = sorted(set(request.query_params) - known - PAGING - TAKING_AWAY)
        if unknown:
            raise ValidationError({name: [_("There is no such filter.")] for name in unknown})
        return super().filter_queryset(request, queryset, view)


class MomentField(IsoDateTimeField):
    """A moment in UTC: PostgreSQL knows no offset of 16 hours, which ISO 8601 allows."""

    def to_python(self, value: Any) -> datetime | None:
        moment = super().to_python(value)
        try:
            return moment and moment.astimezone(UTC)
        except OverflowError as beyond:
            raise InvalidValue(self.error_messages["invalid"], code="invalid") from beyond


class Moment(IsoDateTimeFilter):
    field_class = MomentField
