"""What programs must know before they ask: the purposes, and the words in force."""

from django.utils.timezone import now
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.enums import Scope
from consent.models import Purpose
from consent.queries.notices import versions_in_force
from consent.serializers import NoticeSerializer, PurposeSerializer


class Purposes(APIView):
    required_scope = Scope.WRITE_CONSENT

    @extend_schema(responses=PurposeSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Say what data are used for, in both languages; those not in use take no permission."""
        purposes = Purpose.objects.order_by("code")
        return Response(PurposeSerializer(purposes, many=True).data)


class Notices(APIView):
    required_scope = Scope.WRITE_CONSENT

    @extend_schema(responses=NoticeSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Return the words to show before somebody chooses: of each notice what is in force."""
        return Response(NoticeSerializer(versions_in_force(at=now()), many=True).data)
