"""Pages by position, not by number: a page stays the same while rows come in above it."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from common.ordering import NotACursor, Order, Place, cursor_after, read_cursor

PAGE_SIZE = 50
LARGEST_PAGE = 500


class Pages(BasePagination):
    """In the order that was asked for; ``next`` is the address of what follows, null at the end.

    The count is left out: it would cost more than the page.
    """

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        self.request = request
        self.order: Order = view.order()
        size = page_size(request)
        after = place(request, self.order, queryset)
        found = self.order.first(size + 1, queryset, after=after)
        page = found[:size]
        self.last = page[-1] if len(found) > size else None
        return page

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"next": self.next_address(), "results": data})

    def next_address(self) -> str | None:
        if self.last is None:
            return None
        cursor = cursor_after(self.last, self.order)
        return replace_query_param(self.request.build_absolute_uri(), "cursor", cursor)

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "object",
            "required": ["next", "results"],
            "properties": {
                "next": {"type": "string", "format": "uri", "nullable": True},
                "results": schema,
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        size = {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": PAGE_SIZE}
        return [
            {"name": "cursor", "in": "query", "schema": {"type": "string"}},
            {"name": "page_size", "in": "query", "schema": size},
        ]


def page_size(request: Request) -> int:
    text = request.query_params.get("page_size", str(PAGE_SIZE))
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= LARGEST_PAGE):
        message = _("Ask for 1 to %(largest)s rows.") % {"largest": LARGEST_PAGE}
        raise ValidationError({"page_size": [message]})
    return int(text)


def place(request: Request, order: Order, rows: QuerySet[Any]) -> Place | None:
    """Return where the page begins, None for the first."""
    cursor = request.query_params.get("cursor")
    if not cursor:
        return None
    try:
        return read_cursor(cursor, order, rows.model)
    except NotACursor as error:
        message = _("This cursor is not one of ours, or belongs to another list or order.")
        raise ValidationError({"cursor": [message]}) from error
