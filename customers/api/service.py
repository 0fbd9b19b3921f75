"""The API of cases and surveys."""

from django.db import transaction
from django.utils.timezone import now
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from common.authentication import caller
from common.enums import Scope
from common.operations import audit
from customers import exports
from customers.api.people import PeopleList
from customers.filters import CaseFilter, SurveyAnswerFilter
from customers.models import Case, SurveyAnswer
from customers.operations.cases import open_case
from customers.operations.surveys import record_answer
from customers.serializers.service import CaseSerializer, SurveyAnswerSerializer

SCOPES = {"GET": Scope.READ_CUSTOMERS, "POST": Scope.WRITE_CUSTOMERS}


class Cases(PeopleList):
    """Complaints and questions, those that were told last first."""

    required_scope = SCOPES
    serializer_class = CaseSerializer
    queryset = Case.objects.filter(customer__erased_at=None).select_related("customer")
    filterset_class = CaseFilter
    file_table = exports.CASES

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


class Surveys(PeopleList):
    """Answers to surveys, those that were told last first."""

    required_scope = SCOPES
    serializer_class = SurveyAnswerSerializer
    queryset = SurveyAnswer.objects.filter(customer__erased_at=None).select_related("customer")
    filterset_class = SurveyAnswerFilter
    file_table = exports.SURVEY_ANSWERS

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
