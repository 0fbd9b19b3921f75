"""What a rule may ask, and whom one would mean, for programs that build rules."""

from django.utils.timezone import now
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.authentication import caller
from common.enums import Scope
from common.operations import audit
from customers.models import Customer
from segments.compiler import preview
from segments.models import Segment
from segments.operations.saving import refuse_unfit
from segments.queries import traits
from segments.rules import read_rule, rule_schema
from segments.serializers.asking import (
    PreviewSerializer,
    RuleSerializer,
    TraitSerializer,
    preview_told,
    trait_told,
)


class RuleSchema(APIView):
    required_scope = Scope.READ_SEGMENTS

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        """Return the JSON schema (draft 2020-12) of a rule."""
        return Response(rule_schema())


class RuleTraits(APIView):
    required_scope = Scope.READ_SEGMENTS

    @extend_schema(responses=TraitSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List everything that a rule may ask here, what the shop declared of its own included."""
        told = map(trait_told, traits().values())
        return Response(TraitSerializer(list(told), many=True).data)


class Preview(APIView):
    # A rule of one's own asks about people: whoever counts with it may as well keep it.
    required_scope = Scope.WRITE_SEGMENTS

    @extend_schema(request=RuleSerializer, responses=PreviewSerializer)
    def post(self, request: Request) -> Response:
        """Say whom a rule would mean, and keep nothing."""
        told = RuleSerializer(data=request.data)
        told.is_valid(raise_exception=True)
        rule = read_rule(told.validated_data["rule"], traits())
        purpose = told.validated_data["purpose"]
        refuse_unfit(rule, segment=Segment(purpose=purpose))
        at = now()
        seen = preview(rule, purpose=purpose, at=at)
        audit("segments.sample_seen", Customer, at=at, by=caller(request))
        return Response(PreviewSerializer(preview_told(rule, seen)).data)
