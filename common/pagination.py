"""Pages by position, not by number: a page stays the same while rows come in above it."""

from typing import Any

from django.core.signing import BadSignature
from django.db.models import Model
from django.db.models.fields.tuple_lookups import Tuple, TupleLessThan
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from common.keys import signer

PAGE_SIZE = 50
LARGEST_PAGE = 500


class NewestFirst(BasePagination):
    """Newest first; ``next`` is the address of the older rows, or null at the end.

    A view orders by its ``newest_by``, columns that together are unique. The count is left out:
    it would cost more than the page.
    """

    newest_by: tuple[str, ...] = ("id",)

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        self.request = request
        self.columns = getattr(view, "newest_by", self.newest_by)
        size = page_size(request)
        if cursor := request.query_params.get("cursor"):
            older = TupleLessThan(Tuple(*self.columns), position(cursor, of=len(self.columns)))
            queryset = queryset.filter(older)
        found = list(queryset.order_by(*(f"-{column}" for column in self.columns))[: size + 1])
        page = found[:size]
        self.last = page[-1] if len(found) > size else None
        return page

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"next": self.next_address(), "results": data})

    def next_address(self) -> str | None:
        if self.last is None:
            return None
        cursor = cursor_after(self.last, self.columns)
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


def cursor_after(row: Model, columns: tuple[str, ...]) -> str:
    values = [getattr(row, column) for column in columns]
    texts = [value if isinstance(value, int) else value.isoformat() for value in values]
    return signer("cursor").sign_object(texts)


def position(cursor: str, *, of: int) -> tuple[Any, ...]:
    """Return the values a cursor stands for; it is signed, so they are ours."""
    try:
        values = signer("cursor").unsign_object(cursor)
    except BadSignature:
        values = []
    if len(values) != of:
        raise ValidationError({"cursor": [_("This cursor is not one of ours.")]})
    return tuple(values)
