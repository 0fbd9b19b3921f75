"""Who is in a segment and why, for programs; nobody by the index alone, always asked again."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import cached_property
from django.utils.timezone import now
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.authentication import caller
from common.enums import Scope
from common.lists import List
from common.models import ApiKey
from common.operations import audit
from consent.serializers import MomentSerializer
from customers.api.people import customer_called
from customers.enums import Category
from customers.models import Customer
from customers.queries.gates import withheld_from_programs
from segments.api.segments import segment_called
from segments.compiler import (
    explain,
    next_change,
    still_allowed,
    still_meant,
    still_standing,
    told,
)
from segments.exports import MEMBERS, members_then, still_members
from segments.filters import MemberFilter
from segments.models import Membership, Segment
from segments.queries import decided_by_hand, rule_of, sentence_of, stays, stays_as_of, stays_of
from segments.serializers.members import (
    ExplanationSerializer,
    MembershipSerializer,
    SegmentOfCustomerSerializer,
    StandingSerializer,
    explanation,
    standing,
)


class Members(List):
    """Who is in a segment, the newest customers first; with `at`, who was at that moment.

    A page can be shorter than asked: whoever has just withdrawn is left out, of then as of now.
    """

    required_scope = Scope.READ_SEGMENTS
    serializer_class = MembershipSerializer
    queryset = Membership.objects.none()
    filterset_class = MemberFilter
    file_table = MEMBERS

    @cached_property
    def segment(self) -> Segment:
        return segment_called(self.kwargs["pk"])

    @cached_property
    def as_of(self) -> datetime | None:
        told = MomentSerializer(data=self.request.query_params)
        told.is_valid(raise_exception=True)
        moment: datetime | None = told.validated_data.get("at")
        return moment

    def get_queryset(self) -> QuerySet[Membership]:
        return stays_as_of(self.segment, self.as_of) if self.as_of else stays(self.segment)

    def file_rows(self) -> QuerySet[Membership]:
        if self.as_of:
            return members_then(self.segment, as_of=self.as_of, at=now())
        return still_members(self.segment, at=now())

    def file_subject(self) -> Segment:
        return self.segment

    def paginate_queryset(self, queryset: Any) -> Any:
        page = super().paginate_queryset(queryset)
        asked_again = still_allowed if self.as_of else still_meant
        return asked_again(page or [], segment=self.segment, at=now())

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        answer = super().list(request, *args, **kwargs)
        audit("segments.members_seen", self.segment, at=now(), by=caller(request))
        return answer


class MemberDetail(APIView):
    required_scope = Scope.READ_SEGMENTS

    @extend_schema(responses=StandingSerializer)
    def get(self, request: Request, pk: int, external_id: str) -> Response:
        """Say whether a customer is in a segment now, since when and why, and when they were."""
        segment, customer, at = segment_called(pk), customer_called(external_id), now()
        stands = _standing(customer, segment, at=at)
        audit("customers.viewed", customer, at=at, by=caller(request), fields=["segments"])
        return Response(StandingSerializer(stands).data)


class SegmentsOfCustomer(APIView):
    required_scope = Scope.READ_SEGMENTS

    @extend_schema(responses=SegmentOfCustomerSerializer(many=True))
    def get(self, request: Request, external_id: str) -> Response:
        """List the segments that a customer is in now, by name."""
        customer, at = customer_called(external_id), now()
        known = stays_of(customer).standing().order_by("segment__name")
        stands = still_standing(known, at=at)
        audit("customers.viewed", customer, at=at, by=caller(request), fields=["segments"])
        return Response(SegmentOfCustomerSerializer(stands, many=True).data)


class Explanation(APIView):
    required_scope = Scope.READ_SEGMENTS

    @extend_schema(responses=ExplanationSerializer)
    def get(self, request: Request, pk: int, external_id: str) -> Response:
        """Say of every condition whether a customer fits it, what was seen, and when that changes.

        What was seen is told to keys that may read customers too, as far as the person lets
        programs know it.
        """
        segment, customer, at = segment_called(pk), customer_called(external_id), now()
        key, rule = caller(request), rule_of(segment)
        purpose = segment.purpose
        explained = explain(rule, customer, purpose=purpose, at=at)
        answer = explanation(
            told(explained, at=at, hidden=_hidden_from(key, customer)),
            _standing(customer, segment, at=at),
            pick=decided_by_hand(segment, customer),
            sentence=sentence_of(segment),
            change=next_change(rule, explained, customer, purpose=purpose, at=at),
            at=at,
        )
        audit("segments.explained", customer, at=at, by=key, reason=segment.name)
        return Response(ExplanationSerializer(answer).data)


def _standing(customer: Customer, segment: Segment, *, at: datetime) -> dict[str, Any]:
    known = list(stays_of(customer).filter(segment=segment).order_by("-entered_at", "-pk"))
    return standing(customer, known, still_standing(known, at=at))


def _hidden_from(key: ApiKey, customer: Customer) -> Collection[Category]:
    """Return the kinds of data that the key is not told of the customer."""
    if Scope.READ_CUSTOMERS not in key.scopes:
        return frozenset(Category)
    return withheld_from_programs([customer.pk])[customer.pk]
