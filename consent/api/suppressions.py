"""Addresses that are not written to, and people whose data are used for nothing; for programs."""

from django.utils.timezone import now
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.authentication import caller
from common.enums import Scope
from common.operations import audit
from consent.models import Restriction, Suppression
from consent.operations.restrictions import lift_restrictions, restrict
from consent.operations.suppressions import block
from consent.queries.suppressions import standing_at
from consent.serializers.suppressions import (
    AddressSerializer,
    BlockedSerializer,
    RestrictionSerializer,
    SuppressionSerializer,
)
from customers.api.people import customer_called


class Suppressions(APIView):
    required_scope = Scope.BLOCK

    @extend_schema(request=SuppressionSerializer, responses={201: SuppressionSerializer})
    def post(self, request: Request) -> Response:
        """Block an address, whatever was consented; blocked already, it stays so.

        No consent that is recorded later lifts it.
        """
        told = SuppressionSerializer(data=request.data)
        told.is_valid(raise_exception=True)
        facts = told.validated_data
        block(
            facts["address"],
            channels=[facts["channel"]],
            reason=facts["reason"],
            purpose=facts["purpose"],
            by=caller(request),
            at=now(),
        )
        return Response(told.data, status=201)


class SuppressionCheck(APIView):
    required_scope = Scope.BLOCK

    # A POST that writes nothing: addresses stand in no access log, neither ours nor a proxy's.
    @extend_schema(request=AddressSerializer, responses={200: BlockedSerializer})
    def post(self, request: Request) -> Response:
        """Say whether an address is blocked, why and for what."""
        asked = AddressSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        found = standing_at(**asked.validated_data)
        audit("suppressions.looked_up", Suppression, at=now(), by=caller(request))
        return Response(BlockedSerializer({"blocked": bool(found), "blocks": found}).data)


class Restrictions(APIView):
    required_scope = Scope.WRITE_CONSENT

    @extend_schema(request=RestrictionSerializer, responses={201: RestrictionSerializer})
    def post(self, request: Request, external_id: str) -> Response:
        """Keep a customer's data and use them for nothing, until then or until it is lifted."""
        told = RestrictionSerializer(data=request.data)
        told.is_valid(raise_exception=True)
        restriction = restrict(
            customer_called(external_id), **told.validated_data, by=caller(request), at=now()
        )
        return Response(RestrictionSerializer(restriction).data, status=201)

    @extend_schema(responses=RestrictionSerializer(many=True))
    def get(self, request: Request, external_id: str) -> Response:
        """List what stands in the way of using a customer's data at all."""
        at, customer = now(), customer_called(external_id)
        audit("customers.viewed", customer, at=at, by=caller(request), fields=["restrictions"])
        standing = Restriction.objects.standing(at=at).filter(customer=customer).order_by("pk")
        return Response(RestrictionSerializer(standing, many=True).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, external_id: str) -> Response:
        """Let a customer's data be used again, as far as they permit; nothing to lift is fine."""
        lift_restrictions(customer_called(external_id), by=caller(request), at=now())
        return Response(status=204)
