"""The API of customers."""

from typing import Any

from django.db import transaction
from django.http import Http404
from django.utils.timezone import localdate, now
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.authentication import caller
from common.enums import Scope
from common.idempotency import idempotent
from common.lists import List
from common.operations import audit
from customers import exports
from customers.filters import (
    CustomerFilter,
)
from customers.models import (
    Customer,
)
from customers.operations.merges import merge
from customers.operations.profile import put_customer
from customers.queries.identity import called
from customers.serializers.people import CustomerFacts, CustomerSerializer, OtherRecord


def customer_called(external_id: str) -> Customer:
    """Return the customer of an address; whoever was erased is not found."""
    customer = called(external_id, among=Customer.objects.select_related("metrics"))
    if customer is None:
        raise Http404
    return customer


class PeopleList(List):
    """A list that names people: who asks for a page of it is written down."""

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        answer = super().list(request, *args, **kwargs)
        audit(
            "customers.listed",
            self.get_queryset().model,
            at=now(),
            by=caller(request),
            fields=request.query_params.keys(),
            count=len(answer.data["results"]),
        )
        return answer


class Customers(PeopleList):
    """Customers, those who came last first."""

    required_scope = Scope.READ_CUSTOMERS
    serializer_class = CustomerSerializer
    queryset = Customer.objects.present().select_related("metrics")
    filterset_class = CustomerFilter
    file_table = exports.CUSTOMERS


class CustomerDetail(APIView):
    required_scope = {"GET": Scope.READ_CUSTOMERS, "PUT": Scope.WRITE_CUSTOMERS}

    @extend_schema(responses=CustomerSerializer)
    def get(self, request: Request, external_id: str) -> Response:
        customer = customer_called(external_id)
        audit("customers.viewed", customer, at=now(), by=caller(request))
        return Response(CustomerSerializer(customer).data)

    @extend_schema(
        request=CustomerFacts, responses={200: CustomerSerializer, 201: CustomerSerializer}
    )
    def put(self, request: Request, external_id: str) -> Response:
        """Create or change a customer; a field left out stays as it is."""
        at = now()
        facts = CustomerFacts(data=request.data, context={"today": localdate(at)})
        facts.is_valid(raise_exception=True)
        with transaction.atomic():
            customer, is_new = put_customer(external_id, facts.validated_data, at=at)
            action = "customers.created" if is_new else "customers.changed"
            audit(action, customer, at=at, by=caller(request), fields=facts.validated_data)
        return Response(CustomerSerializer(customer).data, status=201 if is_new else 200)


class CustomerMerge(APIView):
    required_scope = Scope.WRITE_CUSTOMERS

    @extend_schema(request=OtherRecord, responses=CustomerSerializer)
    @idempotent
    def post(self, request: Request, external_id: str) -> Response:
        """Make one person of two records; all of the other's becomes this one's.

        The other's number goes on naming the person. Staff can undo it in the back office.
        """
        told = OtherRecord(data=request.data)
        told.is_valid(raise_exception=True)
        survivor = customer_called(external_id)
        merge(survivor, told.validated_data["other"], by=caller(request), at=now())
        return Response(CustomerSerializer(customer_called(external_id)).data)
