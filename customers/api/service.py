"""The API of cases and surveys."""

from django.db import transaction
from django.utils.timezone import now
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.authentication import caller
from common.enums import Scope
from common.operations import audit
from customers.operations.cases import open_case
from customers.operations.surveys import record_answer
from customers.serializers.service import CaseSerializer, SurveyAnswerSerializer


class Cases(APIView):
    required_scope = Scope.WRITE_CUSTOMERS

    @extend_schema(request=CaseSerializer, responses={201: CaseSerializer})
    def post(self, request: Request) -> Response:
        """Open a case; the same reference again gives the same case."""
        at, key = now(), caller(request)
        told = CaseSerializer(data=request.data)
        told.is_valid(raise_exception=True)
        facts = told.validated_data
        facts["reference"] = f"api:{key.pk}:{facts['reference']}"
        with transaction.atomic():
            case = open_case(at=at, **facts)
            audit("customers.case_opened", case.customer, at=at, by=key)
        return Response(CaseSerializer(case).data, status=201)


class Surveys(APIView):
    required_scope = Scope.WRITE_CUSTOMERS

    @extend_schema(
        request=SurveyAnswerSerializer,
        responses={200: SurveyAnswerSerializer, 201: SurveyAnswerSerializer},
    )
    def post(self, request: Request) -> Response:
        """Tell what somebody answered; the same reference again changes nothing."""
        key = caller(request)
        told = SurveyAnswerSerializer(data=request.data)
        told.is_valid(raise_exception=True)
        facts = told.validated_data
        facts["reference"] = f"api:{key.pk}:{facts['reference']}"
        with transaction.atomic():
            answer, is_new = record_answer(**facts)
            audit("customers.survey_answered", answer.customer, at=now(), by=key)
        return Response(SurveyAnswerSerializer(answer).data, status=201 if is_new else 200)
