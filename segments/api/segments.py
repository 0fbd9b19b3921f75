"""Segments, for programs: made, read, changed, refreshed."""

from functools import partial

from django.db import transaction
from django.shortcuts import get_object_or_404
from django.utils.timezone import now
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.authentication import caller
from common.bell import ring
from common.enums import Scope
from common.lists import List
from segments.exports import SEGMENTS
from segments.filters import SegmentFilter
from segments.models import Segment
from segments.operations.archiving import archive, bring_back
from segments.operations.listing import keep_as_list
from segments.operations.saving import ask_for_refresh, save_segment
from segments.serializers.segments import KeepSerializer, SegmentSerializer
from segments.tasks import refresh_waiting_segments


def segment_called(pk: int) -> Segment:
    return get_object_or_404(Segment.objects.select_related("purpose"), pk=pk)


def _save(segment: Segment, told: SegmentSerializer, request: Request) -> Response:
    for name, value in told.validated_data.items():
        setattr(segment, name, value)
    is_new = segment.pk is None
    save_segment(segment, by=caller(request), at=now())
    transaction.on_commit(partial(ring, refresh_waiting_segments))
    return Response(SegmentSerializer(segment).data, status=201 if is_new else 200)


class Segments(List):
    """Segments, the newest first."""

    required_scope = {"GET": Scope.READ_SEGMENTS, "POST": Scope.WRITE_SEGMENTS}
    serializer_class = SegmentSerializer
    queryset = Segment.objects.all()
    filterset_class = SegmentFilter
    file_table = SEGMENTS

    @extend_schema(request=SegmentSerializer, responses={201: SegmentSerializer})
    def post(self, request: Request) -> Response:
        """Make a segment; its members are found within a minute or two."""
        told = SegmentSerializer(data=request.data)
        told.is_valid(raise_exception=True)
        return _save(Segment(), told, request)


class SegmentDetail(APIView):
    required_scope = {
        "GET": Scope.READ_SEGMENTS,
        "PUT": Scope.WRITE_SEGMENTS,
        "PATCH": Scope.WRITE_SEGMENTS,
    }

    @extend_schema(responses=SegmentSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """Say what a segment asks, how many it has, and up to when that is right."""
        return Response(SegmentSerializer(segment_called(pk)).data)

    @extend_schema(request=SegmentSerializer, responses=SegmentSerializer)
    def put(self, request: Request, pk: int) -> Response:
        """Put a segment in place of another; with another rule its members are found anew."""
        segment = segment_called(pk)
        told = SegmentSerializer(segment, data=request.data)
        told.is_valid(raise_exception=True)
        return _save(segment, told, request)

    @extend_schema(request=SegmentSerializer(partial=True), responses=SegmentSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        """Change what is named; with another rule the members are found anew."""
        segment = segment_called(pk)
        told = SegmentSerializer(segment, data=request.data, partial=True)
        told.is_valid(raise_exception=True)
        return _save(segment, told, request)


class SegmentRefresh(APIView):
    required_scope = Scope.WRITE_SEGMENTS

    @extend_schema(request=None, responses={202: SegmentSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Ask for the members to be found anew now; `refreshed_at` says when it was done."""
        segment = segment_called(pk)
        ask_for_refresh(segment, by=caller(request), at=now())
        ring(refresh_waiting_segments)
        return Response(SegmentSerializer(segment).data, status=202)


class SegmentArchive(APIView):
    required_scope = Scope.WRITE_SEGMENTS

    @extend_schema(request=None, responses=SegmentSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Put a segment away: nobody comes or leaves any more; refused while it is needed."""
        segment = segment_called(pk)
        archive(segment, by=caller(request), at=now())
        return Response(SegmentSerializer(segment_called(pk)).data)

    @extend_schema(request=None, responses={200: SegmentSerializer})
    def delete(self, request: Request, pk: int) -> Response:
        """Take a segment out of the archive; its members are found anew."""
        bring_back(segment_called(pk), by=caller(request), at=now())
        transaction.on_commit(partial(ring, refresh_waiting_segments))
        return Response(SegmentSerializer(segment_called(pk)).data)


class SegmentList(APIView):
    required_scope = Scope.WRITE_SEGMENTS

    @extend_schema(request=KeepSerializer, responses={201: SegmentSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Keep who is in a segment, or was at a moment, as a list with a name of its own."""
        told = KeepSerializer(data=request.data)
        told.is_valid(raise_exception=True)
        kept = keep_as_list(
            segment_called(pk), **told.validated_data, by=caller(request), at=now()
        )
        transaction.on_commit(partial(ring, refresh_waiting_segments))
        return Response(SegmentSerializer(kept).data, status=201)
