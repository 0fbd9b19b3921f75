"""Lists for programs: narrowed and ordered by what they name, by pages or whole as a file."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Model, QuerySet
from django.http import HttpResponseBase
from django.utils.timezone import now
from django_filters.rest_framework import FilterSet
from drf_spectacular.openapi import AutoSchema
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.generics import GenericAPIView
from rest_framework.mixins import ListModelMixin
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request

from common.authentication import caller
from common.enums import FileFormat, Scope
from common.exports import Table, Wanted, file_of
from common.exports.serving import content_type
from common.ordering import Order

PAGES = "json"
FORMATS = [PAGES, *FileFormat.values]
LONGEST_REASON = 200


class FileSerializer(serializers.Serializer):
    """As which file a list leaves, and what for."""

    format = serializers.ChoiceField(FileFormat.choices)
    reason = serializers.CharField(max_length=LONGEST_REASON, default="", allow_blank=True)


class WithReason(FileSerializer):
    """Whoever takes away a list of people says why."""

    reason = serializers.CharField(max_length=LONGEST_REASON)


class JsonBesideFiles(DefaultContentNegotiation):
    """Pages and refusals are JSON; a program that takes a file may accept nothing but that."""

    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> Any:
        if request.query_params.get("format", PAGES) == PAGES:
            return super().select_renderer(request, renderers, format_suffix)
        return renderers[0], renderers[0].media_type


class ListSchema(AutoSchema):
    """Describes what every list can: leave as a file."""

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operation = super().get_operation(*args, **kwargs)
        if operation and self.method == "GET":
            operation["parameters"] += FILE_PARAMETERS
            file = {"schema": {"type": "string", "format": "binary"}}
            content = operation["responses"]["200"]["content"]
            content |= dict.fromkeys(MEDIA_TYPES, file)
        return operation


FILE_PARAMETERS: list[dict[str, Any]] = [
    {
        "name": "format",
        "in": "query",
        "schema": {"type": "string", "enum": FORMATS, "default": PAGES},
        "description": "json is a page; anything else is the whole list, narrowed and ordered in"
        " the same way, as a file. It needs the scope lists:export too, and is written down.",
    },
    {
        "name": "reason",
        "in": "query",
        "schema": {"type": "string", "maxLength": LONGEST_REASON},
        "description": "What a file is for; needed where it is about people.",
    },
]
MEDIA_TYPES = {content_type(file_format).partition(";")[0] for file_format in FileFormat}


class List(ListModelMixin, GenericAPIView):
    """A list whose ``filterset_class`` says by what it can be narrowed and ordered.

    ``file_table`` are the columns of its file.
    """

    filterset_class: type[FilterSet]
    file_table: Table
    schema = ListSchema()
    content_negotiation_class = JsonBesideFiles

    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.query_params.get("format", PAGES) == PAGES:
            return self.list(request, *args, **kwargs)
        return self._file(request)

    def order(self) -> Order:
        """Return the order that the request asks for; the filters have judged its name."""
        ordering: Any = self.filterset_class.base_filters["ordering"]
        return ordering.order(self.request.query_params.get("ordering"))

    def file_rows(self) -> QuerySet[Any]:
        """Return what a file holds before it is narrowed."""
        return self.get_queryset()

    def file_subject(self) -> Model | None:
        """Return the record that the whole list is about, or None."""
        return None

    def _file(self, request: Request) -> HttpResponseBase:
        key = caller(request)
        if Scope.EXPORT not in key.scopes:
            raise PermissionDenied
        wanted = self._wanted(request)
        rows = self.filter_queryset(self.file_rows())
        return file_of(
            self.file_table,
            self.order().whole(rows),
            wanted=wanted,
            by=key,
            at=now(),
            subject=self.file_subject(),
        )

    def _wanted(self, request: Request) -> Wanted:
        judge = WithReason if self.file_table.personal else FileSerializer
        told = judge(data=request.query_params)
        told.is_valid(raise_exception=True)
        return Wanted(
            format=FileFormat(told.validated_data["format"]),
            filters=self._narrowed_by(request.query_params),
            reason=told.validated_data["reason"],
        )

    def _narrowed_by(self, asked: Iterable[str]) -> list[str]:
        return sorted(set(asked) & set(self.filterset_class.base_filters) - {"ordering"})
