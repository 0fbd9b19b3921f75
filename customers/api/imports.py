"""The API of imports."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils.timezone import now
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.authentication import caller
from common.bell import ring
from common.enums import Scope
from common.lists import List
from common.operations import audit
from common.ordering import Order as ListOrder
from common.parsers import BoundedFileParser
from customers import exports
from customers.filters import (
    ImportFilter,
    RejectedRowFilter,
)
from customers.models import (
    ImportJob,
    RejectedRow,
)
from customers.operations.imports import bring, cancel, rejected_csv, start, undo
from customers.serializers.imports import (
    BroughtFileSerializer,
    ImportDetailSerializer,
    ImportSerializer,
    RejectedRowSerializer,
)
from customers.tasks import work_on_files


def import_called(pk: int) -> ImportJob:
    return get_object_or_404(ImportJob, pk=pk)


def import_told(job: ImportJob, *, at: datetime, status: int = 200) -> Response:
    return Response(ImportDetailSerializer(job, context={"at": at}).data, status=status)


class Imports(List):
    """Files that were brought in, the newest first."""

    required_scope = Scope.IMPORT
    serializer_class = ImportSerializer
    filterset_class = ImportFilter
    file_table = exports.IMPORTS
    queryset = ImportJob.objects.all()
    parser_classes = (BoundedFileParser,)

    @extend_schema(
        request={"multipart/form-data": BroughtFileSerializer},
        responses={200: ImportDetailSerializer, 201: ImportDetailSerializer},
    )
    def post(self, request: Request) -> Response:
        """Bring a file; a worker checks it, and nothing comes in before all of it is checked.

        The same file with the same wishes, while it is under way, is the same import.
        """
        at, key = now(), caller(request)
        form = BroughtFileSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        job, is_new = bring(**form.validated_data, at=at, by=key)
        if is_new:
            audit("customers.file_brought", job, at=at, by=key)
            ring(work_on_files)
        return import_told(job, at=at, status=201 if is_new else 200)


class ImportDetail(APIView):
    required_scope = Scope.IMPORT

    @extend_schema(responses=ImportDetailSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return import_told(import_called(pk), at=now())


class ImportStart(APIView):
    required_scope = Scope.IMPORT

    @extend_schema(request=None, responses={202: ImportDetailSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Let a checked file come in; started again, nothing happens."""
        at = now()
        with transaction.atomic():
            job = start(import_called(pk), at=at)
            audit("customers.import_started", job, at=at, by=caller(request))
        ring(work_on_files)
        return import_told(job, at=at, status=202)


class ImportCancel(APIView):
    required_scope = Scope.IMPORT

    @extend_schema(request=None, responses=ImportDetailSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Stop an import; what has come in stays, and can be undone."""
        at = now()
        with transaction.atomic():
            job = cancel(import_called(pk), at=at)
            audit("customers.import_cancelled", job, at=at, by=caller(request))
        return import_told(job, at=at)


class ImportUndo(APIView):
    required_scope = Scope.IMPORT

    @extend_schema(request=None, responses={202: ImportDetailSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Take an import back within 72 hours, as far as nothing newer touched its rows."""
        at = now()
        job = undo(import_called(pk), by=caller(request), at=at)
        ring(work_on_files)
        return import_told(job, at=at, status=202)


class RejectedRows(ListAPIView):
    """Why rows do not come in, by line; several reasons of one line are several rows."""

    required_scope = Scope.IMPORT
    serializer_class = RejectedRowSerializer
    filterset_class = RejectedRowFilter
    queryset = RejectedRow.objects.none()

    def get_queryset(self) -> QuerySet[RejectedRow]:
        return import_called(self.kwargs["pk"]).rejected_rows.all()

    def order(self) -> ListOrder:
        """Return the order of the lines, or its reverse when the request asks for it."""
        ordering: Any = RejectedRowFilter.base_filters["ordering"]
        return ordering.order(self.request.query_params.get("ordering"))


class RejectedFile(APIView):
    required_scope = Scope.IMPORT

    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.STR})
    def get(self, request: Request, pk: int) -> StreamingHttpResponse:
        """Return the rejected rows as a CSV with their reasons, to be mended and brought again."""
        job = import_called(pk)
        if job.forgotten_at:
            raise Http404
        audit("customers.rejected_rows_exported", job, at=now(), by=caller(request))
        return StreamingHttpResponse(rejected_csv(job), content_type="text/csv; charset=utf-8")
