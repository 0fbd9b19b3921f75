"""Who is in a segment by hand, for programs."""

from django.shortcuts import get_object_or_404
from django.utils.timezone import now
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.authentication import caller
from common.enums import Scope
from customers.api.people import customer_called
from segments.api.segments import segment_called
from segments.models import Handpick
from segments.operations.handpicking import add_by_hand, remove_by_hand, take_back
from segments.serializers.handpicks import DecisionSerializer, HandpickSerializer


class Decision(APIView):
    required_scope = {
        "GET": Scope.READ_SEGMENTS,
        "PUT": Scope.WRITE_SEGMENTS,
        "DELETE": Scope.WRITE_SEGMENTS,
    }

    @extend_schema(responses=HandpickSerializer)
    def get(self, request: Request, pk: int, external_id: str) -> Response:
        """Say what was decided by hand about a customer in a segment; 404 for nothing."""
        return Response(HandpickSerializer(self._standing(pk, external_id)).data)

    @extend_schema(request=DecisionSerializer, responses=HandpickSerializer)
    def put(self, request: Request, pk: int, external_id: str) -> Response:
        """Add a customer, or remove them and keep them out, whatever the rule says."""
        told = DecisionSerializer(data=request.data)
        told.is_valid(raise_exception=True)
        act = add_by_hand if told.validated_data["word"] == "added" else remove_by_hand
        pick = act(
            segment_called(pk),
            customer_called(external_id),
            reason=told.validated_data["reason"],
            by=caller(request),
            at=now(),
        )
        return Response(HandpickSerializer(pick).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: int, external_id: str) -> Response:
        """Take the decision back: the rule decides again."""
        take_back(self._standing(pk, external_id), by=caller(request), at=now())
        return Response(status=204)

    def _standing(self, pk: int, external_id: str) -> Handpick:
        segment, customer = segment_called(pk), customer_called(external_id)
        standing = Handpick.objects.standing().select_related("segment", "customer")
        return get_object_or_404(standing, segment=segment, customer=customer)
