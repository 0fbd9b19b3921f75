"""Choices and permissions, for programs."""

from django.db import transaction
from django.utils.timezone import now
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.authentication import caller
from common.enums import Scope
from common.operations import audit
from consent.operations.choices import record_choice
from consent.queries.past import past
from consent.queries.standings import verdicts
from consent.serializers import (
    ChoiceSerializer,
    ConsentEventSerializer,
    MomentSerializer,
    PastSerializer,
    PermissionsSerializer,
)
from customers.api.people import customer_called


class Choices(APIView):
    required_scope = Scope.WRITE_CONSENT

    @extend_schema(
        request=ChoiceSerializer,
        responses={
            200: ConsentEventSerializer(many=True),
            201: ConsentEventSerializer(many=True),
        },
    )
    def post(self, request: Request) -> Response:
        """Record what a person chose; answer with one event for each channel and kind of data."""
        at = now()
        told = ChoiceSerializer(data=request.data)
        told.is_valid(raise_exception=True)
        choice = told.validated_data
        # A program's references are its own: it cannot use up those of our unsubscribe links.
        key = caller(request)
        choice["reference"] = f"api:{key.pk}:{choice['reference']}"
        with transaction.atomic():
            events = record_choice(at=at, **choice)
            audit("consent.recorded", choice["customer"], at=at, by=key)
        status = 201 if events[0].recorded_at == at else 200
        return Response(ConsentEventSerializer(events, many=True).data, status=status)


class Permissions(APIView):
    required_scope = Scope.READ_CUSTOMERS

    @extend_schema(parameters=[MomentSerializer], responses=PermissionsSerializer(many=True))
    def get(self, request: Request, external_id: str) -> Response:
        """Say for every purpose what may be used of a customer, and why not.

        With `at`, what could be used at that moment by what was known then, and which choice on
        which words decided it.
        """
        told = MomentSerializer(data=request.query_params)
        told.is_valid(raise_exception=True)
        customer = customer_called(external_id)
        audit("customers.viewed", customer, at=now(), by=caller(request), fields=["permissions"])
        if then := told.validated_data.get("at"):
            return Response(PastSerializer(past(customer, at=then), many=True).data)
        return Response(PermissionsSerializer(verdicts(customer, at=now()), many=True).data)
