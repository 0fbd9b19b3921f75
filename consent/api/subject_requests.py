"""What people ask about their data through a program of the shop."""

from django.utils.timezone import now
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.authentication import caller
from common.enums import Scope
from consent.enums import RequestDoor
from consent.operations.subject_requests import ask
from consent.serializers.subject_requests import AskSerializer, SubjectRequestSerializer


class SubjectRequests(APIView):
    required_scope = Scope.WRITE_CONSENT

    @extend_schema(
        request=AskSerializer,
        responses={200: SubjectRequestSerializer, 201: SubjectRequestSerializer},
    )
    def post(self, request: Request) -> Response:
        """Take down what a person asks; 200 when the same is being answered already."""
        at, key = now(), caller(request)
        told = AskSerializer(data=request.data)
        told.is_valid(raise_exception=True)
        facts = told.validated_data
        facts["reference"] = f"api:{key.pk}:{facts['reference']}"
        asked = ask(door=RequestDoor.API, at=at, by=key, **facts)
        status = 201 if asked.received_at == at else 200
        return Response(SubjectRequestSerializer(asked).data, status=status)
