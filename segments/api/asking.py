"""What a rule may ask, and whom one would mean, for programs that build rules."""

from datetime import datetime
from typing import TypedDict

from django.utils.timezone import now
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.authentication import caller
from common.enums import Scope
from common.operations import audit
from consent.models import Purpose
from customers.models import Customer
from segments.compiler import Compiler, count, lint, meter, sample
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


class Asking(TypedDict):
    purpose: Purpose
    at: datetime


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
        json, purpose = told.validated_data["rule"], told.validated_data["purpose"]
        rule, at = read_rule(json, traits()), now()
        refuse_unfit(rule, segment=Segment(purpose=purpose))
        asked = Asking(purpose=purpose, at=at)
        # By the tables themselves: programs act on what they are told.
        counted = count(rule, **asked, compile_with=Compiler)
        answer = preview_told(
            rule,
            counted=counted,
            people=sample(rule, **asked),
            measured=meter(rule.categories, **asked, compile_with=Compiler),
            odd=lint(rule, counted=counted, **asked),
        )
        audit("segments.sample_seen", Customer, at=at, by=caller(request))
        return Response(PreviewSerializer(answer).data)
