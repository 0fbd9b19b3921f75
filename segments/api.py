"""Segments, for programs."""

from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property
from django.utils.timezone import now
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.authentication import caller
from common.bell import ring
from common.enums import Scope
from common.lists import List
from common.operations import audit
from customers.models import Customer
from segments.compiler import preview, still_meant
from segments.exports import MEMBERS, SEGMENTS, still_members
from segments.filters import MemberFilter, SegmentFilter
from segments.models import Membership, Segment
from segments.operations.saving import refuse_sensitive, save_segment
from segments.queries import stays, traits
from segments.rules import read_rule, sentence
from segments.serializers import (
    MembershipSerializer,
    PreviewSerializer,
    RuleSerializer,
    SegmentSerializer,
)
from segments.tasks import refresh_waiting_segments


class Segments(List):
    """Segments, the newest first."""

    required_scope = {"GET": Scope.READ_SEGMENTS, "POST": Scope.WRITE_SEGMENTS}
    serializer_class = SegmentSerializer
    queryset = Segment.objects.all()
    filterset_class = SegmentFilter
    file_table = SEGMENTS

    def post(self, request: Request) -> Response:
        """Make a segment; its members are found within a minute or two."""
        told = SegmentSerializer(data=request.data)
        told.is_valid(raise_exception=True)
        segment = Segment(**told.validated_data)
        save_segment(segment, by=caller(request), at=now())
        transaction.on_commit(partial(ring, refresh_waiting_segments))
        return Response(SegmentSerializer(segment).data, status=201)


class Preview(APIView):
    # A rule of one's own asks about people: whoever counts with it may as well keep it.
    required_scope = Scope.WRITE_SEGMENTS

    @extend_schema(request=RuleSerializer, responses=PreviewSerializer)
    def post(self, request: Request) -> Response:
        """Say whom a rule would mean, and keep nothing."""
        told = RuleSerializer(data=request.data)
        told.is_valid(raise_exception=True)
        rule = read_rule(told.validated_data["rule"], traits())
        at, purpose = now(), told.validated_data["purpose"]
        refuse_sensitive(rule, purpose=purpose)
        seen = preview(rule, purpose=purpose, at=at)
        audit("segments.sample_seen", Customer, at=at, by=caller(request))
        answer = {
            "total": seen.funnel.total,
            "held_back_at_most": seen.funnel.held_back_at_most,
            "counts": seen.funnel.counts,
            "sentence": sentence(rule),
            "sample": [customer.external_id for customer in seen.sample],
        }
        return Response(PreviewSerializer(answer).data)


class Members(List):
    """Who is in a segment, the newest customers first.

    A page can be shorter than asked: whoever has just withdrawn is left out.
    """

    required_scope = Scope.READ_SEGMENTS
    serializer_class = MembershipSerializer
    queryset = Membership.objects.none()
    filterset_class = MemberFilter
    file_table = MEMBERS

    @cached_property
    def segment(self) -> Segment:
        return get_object_or_404(Segment.objects.select_related("purpose"), pk=self.kwargs["pk"])

    def get_queryset(self) -> QuerySet[Membership]:
        return stays(self.segment)

    def file_rows(self) -> QuerySet[Membership]:
        return still_members(self.segment, at=now())

    def file_subject(self) -> Segment:
        return self.segment

    def paginate_queryset(self, queryset: Any) -> Any:
        page = super().paginate_queryset(queryset)
        return still_meant(page or [], segment=self.segment, at=now())

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        answer = super().list(request, *args, **kwargs)
        audit("segments.members_seen", self.segment, at=now(), by=caller(request))
        return answer
