"""Customers, their timeline and their orders, for programs."""

from datetime import datetime
from typing import Any

import msgspec
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property
from django.utils.timezone import localdate, now
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, PolymorphicProxySerializer, extend_schema
from msgspec import ValidationError
from rest_framework.exceptions import APIException, ParseError
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.authentication import caller
from common.bell import ring
from common.enums import Scope
from common.errors import DomainError
from common.exceptions import each_wrong
from common.hot import HotView
from common.idempotency import idempotent
from common.lists import List
from common.models import ApiKey
from common.operations import audit
from common.ordering import Order as ListOrder
from common.parsers import BoundedFileParser
from customers import exports
from customers.filters import (
    AttributeFilter,
    CustomerFilter,
    DeliveryFilter,
    EventFilter,
    ImportFilter,
    RejectedRowFilter,
    WebhookFilter,
)
from customers.models import (
    AttributeDefinition,
    Customer,
    Event,
    ImportJob,
    Order,
    RejectedRow,
    WebhookDelivery,
    WebhookSubscription,
)
from customers.operations.attributes import declare_attribute
from customers.operations.carts import keep_cart
from customers.operations.cases import open_case
from customers.operations.imports import bring, cancel, rejected_csv, start, undo
from customers.operations.ingesting import ingest
from customers.operations.merges import merge
from customers.operations.orders import cancel_order, record_order, return_lines
from customers.operations.profile import put_customer
from customers.operations.surveys import record_answer
from customers.operations.webhooks import (
    change_webhook,
    create_webhook,
    failed_since,
    remove_webhook,
    replace_secret,
    replay,
    send_test,
)
from customers.queries.identity import called
from customers.rules.telling import NOT_JSON, place_of, read_batch
from customers.serializers import (
    EVENTS,
    AttributeSerializer,
    BroughtFileSerializer,
    CartSerializer,
    CaseSerializer,
    CustomerFacts,
    CustomerSerializer,
    DeliverySerializer,
    EventSerializer,
    ImportDetailSerializer,
    ImportSerializer,
    NewWebhookSerializer,
    OrderBatch,
    OrderReport,
    OrderSerializer,
    OtherRecord,
    RejectedRowSerializer,
    ReplayedSerializer,
    ReplaySerializer,
    ReturnSerializer,
    SurveyAnswerSerializer,
    WebhookSerializer,
)
from customers.tasks import send_webhooks, work_on_files


def customer_called(external_id: str) -> Customer:
    """Return the customer of an address; whoever was erased is not found."""
    customer = called(external_id, among=Customer.objects.select_related("metrics"))
    if customer is None:
        raise Http404
    return customer


class Customers(List):
    """Customers, those who came last first."""

    required_scope = Scope.READ_CUSTOMERS
    serializer_class = CustomerSerializer
    queryset = Customer.objects.present().select_related("metrics")
    filterset_class = CustomerFilter
    file_table = exports.CUSTOMERS

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        answer = super().list(request, *args, **kwargs)
        audit(
            "customers.listed",
            Customer,
            at=now(),
            by=caller(request),
            fields=request.query_params.keys(),
            count=len(answer.data["results"]),
        )
        return answer


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


class Attributes(List):
    """What the shop keeps of its customers beside their names and addresses."""

    required_scope = {"GET": Scope.READ_CUSTOMERS, "POST": Scope.WRITE_CUSTOMERS}
    serializer_class = AttributeSerializer
    queryset = AttributeDefinition.objects.all()
    filterset_class = AttributeFilter
    file_table = exports.ATTRIBUTES

    @extend_schema(
        request=AttributeSerializer, responses={200: AttributeSerializer, 201: AttributeSerializer}
    )
    def post(self, request: Request) -> Response:
        """Declare an attribute; declared again just as it is, nothing changes."""
        told = AttributeSerializer(data=request.data)
        told.is_valid(raise_exception=True)
        wanted = AttributeDefinition(**told.validated_data)
        declared, is_new = declare_attribute(wanted, by=caller(request), at=now())
        return Response(AttributeSerializer(declared).data, status=201 if is_new else 200)


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


class Timeline(List):
    """What happened to a customer, newest first."""

    required_scope = Scope.READ_CUSTOMERS
    serializer_class = EventSerializer
    filterset_class = EventFilter
    queryset = Event.objects.none()
    file_table = exports.TIMELINE

    @cached_property
    def customer(self) -> Customer:
        return customer_called(self.kwargs["external_id"])

    def get_queryset(self) -> QuerySet[Event]:
        return Event.objects.filter(customer=self.customer)

    def file_subject(self) -> Customer:
        return self.customer

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        answer = super().list(request, *args, **kwargs)
        audit("customers.viewed", self.customer, at=now(), by=caller(request), fields=["timeline"])
        return answer


class Events(HotView):
    required_scope = Scope.WRITE_CUSTOMERS
    description = EVENTS

    def post(self, body: bytes, key: ApiKey) -> HttpResponse:
        """Keep what can be kept; 207 says that some of it could not.

        No audit entry: every event's reference names the key that told it.
        """
        try:
            told = read_batch(body)
        except ValidationError as error:
            reason, field = place_of(error)
            raise NotABatch(reason, field=field) from error
        except (*NOT_JSON, RecursionError) as error:
            raise ParseError from error
        report = ingest(told, source=key.prefix, at=now())
        return HttpResponse(
            msgspec.json.encode(report),
            status=207 if report.errors else 200,
            content_type="application/json",
        )


class NotABatch(DomainError):
    code = "invalid"
    status = 422


class Orders(APIView):
    required_scope = Scope.WRITE_CUSTOMERS

    @extend_schema(
        request=PolymorphicProxySerializer(
            "OrderOrOrders", [OrderSerializer, OrderBatch], resource_type_field_name=None
        ),
        responses={
            200: PolymorphicProxySerializer(
                "OrderOrReport", [OrderSerializer, OrderReport], resource_type_field_name=None
            ),
            201: OrderSerializer,
            207: OpenApiResponse(OrderReport, "Some orders are refused; the others are kept."),
        },
    )
    def post(self, request: Request) -> Response:
        """Record an order, or bring it up to date when its number is known; or up to 100."""
        if isinstance(request.data, dict) and "orders" in request.data:
            return self._several(request)
        at = now()
        order = _record(request.data, at=at, by=caller(request))
        return _shown(order, status=201 if order.created_at == at else 200)

    def _several(self, request: Request) -> Response:
        batch = OrderBatch(data=request.data)
        batch.is_valid(raise_exception=True)
        told = batch.validated_data["orders"]
        refused = []
        for index, item in enumerate(told):
            try:
                _record(item, at=now(), by=caller(request))
            except (DomainError, APIException) as error:
                refused.append(
                    [{"index": index, **wrong} for wrong in each_wrong(error, f"orders.{index}")]
                )
        report = {
            "accepted": len(told) - len(refused),
            "errors": [wrong for wrongs in refused for wrong in wrongs],
        }
        return Response(report, status=207 if refused else 200)


def _record(told: Any, *, at: datetime, by: ApiKey) -> Order:
    """Keep one order as a program told it. Raises what is wrong with it."""
    serializer = OrderSerializer(data=told)
    serializer.is_valid(raise_exception=True)
    with transaction.atomic():
        order = record_order(at=at, **serializer.validated_data)
        audit("customers.order_recorded", order.customer, at=at, by=by)
    return order


def _shown(order: Order, *, status: int = 200) -> Response:
    known = Order.objects.prefetch_related("lines__product").get(pk=order.pk)
    return Response(OrderSerializer(known).data, status=status)


def order_called(external_id: str) -> Order:
    """Return the order of an address; an order of somebody who was erased is not found."""
    return get_object_or_404(Order, external_id=external_id, customer__erased_at=None)


class OrderReturns(APIView):
    required_scope = Scope.WRITE_CUSTOMERS

    @extend_schema(request=ReturnSerializer, responses=OrderSerializer)
    def post(self, request: Request, external_id: str) -> Response:
        """Take back units of an order's lines; the same reference again changes nothing."""
        at, order = now(), order_called(external_id)
        told = ReturnSerializer(data=request.data)
        told.is_valid(raise_exception=True)
        facts = told.validated_data
        with transaction.atomic():
            return_lines(order, returned=facts["lines"], reference=facts["reference"], at=at)
            audit("customers.order_lines_returned", order.customer, at=at, by=caller(request))
        return _shown(order)


class OrderCancel(APIView):
    required_scope = Scope.WRITE_CUSTOMERS

    @extend_schema(request=None, responses=OrderSerializer)
    def post(self, request: Request, external_id: str) -> Response:
        """Cancel what stands of an order; cancelled again, nothing happens."""
        at, order = now(), order_called(external_id)
        with transaction.atomic():
            cancel_order(order, at=at)
            audit("customers.order_cancelled", order.customer, at=at, by=caller(request))
        return _shown(order)


class Carts(APIView):
    required_scope = Scope.WRITE_CUSTOMERS

    @extend_schema(request=CartSerializer, responses={200: CartSerializer, 201: CartSerializer})
    def post(self, request: Request) -> Response:
        """Tell a cart, or bring it up to date; left alone it is abandoned, ordered converted."""
        told = CartSerializer(data=request.data)
        told.is_valid(raise_exception=True)
        with transaction.atomic():
            cart, is_new = keep_cart(**told.validated_data)
            audit("customers.cart_told", cart.customer, at=now(), by=caller(request))
        return Response(CartSerializer(cart).data, status=201 if is_new else 200)


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


class Webhooks(List):
    """Who is told what happens, the newest first."""

    required_scope = Scope.MANAGE_WEBHOOKS
    serializer_class = WebhookSerializer
    queryset = WebhookSubscription.objects.all()
    filterset_class = WebhookFilter
    file_table = exports.WEBHOOKS

    @extend_schema(request=WebhookSerializer, responses={201: NewWebhookSerializer})
    def post(self, request: Request) -> Response:
        """Make a webhook; the secret is told in this answer and never again."""
        told = WebhookSerializer(data=request.data)
        told.is_valid(raise_exception=True)
        webhook = WebhookSubscription(**told.validated_data)
        create_webhook(webhook, by=caller(request), at=now())
        return Response(NewWebhookSerializer(webhook).data, status=201)


def webhook_called(pk: int) -> WebhookSubscription:
    return get_object_or_404(WebhookSubscription, pk=pk)


class WebhookDetail(APIView):
    required_scope = Scope.MANAGE_WEBHOOKS

    @extend_schema(responses=WebhookSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return Response(WebhookSerializer(webhook_called(pk)).data)

    @extend_schema(request=WebhookSerializer, responses=WebhookSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        """Change what is said; switching it on again lets what waits go on."""
        webhook = webhook_called(pk)
        told = WebhookSerializer(webhook, data=request.data, partial=True)
        told.is_valid(raise_exception=True)
        for name, value in told.validated_data.items():
            setattr(webhook, name, value)
        change_webhook(webhook, fields=told.validated_data, by=caller(request), at=now())
        return Response(WebhookSerializer(webhook).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Remove it with what waits for it and its log."""
        remove_webhook(webhook_called(pk), by=caller(request), at=now())
        return Response(status=204)


class WebhookSecret(APIView):
    required_scope = Scope.MANAGE_WEBHOOKS

    @extend_schema(request=None, responses=NewWebhookSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Replace the secret; for a day everything is signed with both."""
        webhook = replace_secret(webhook_called(pk), by=caller(request), at=now())
        return Response(NewWebhookSerializer(webhook).data)


class WebhookTest(APIView):
    required_scope = Scope.MANAGE_WEBHOOKS

    @extend_schema(request=None, responses={202: DeliverySerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Send an event of the kind clientela.test, once."""
        delivery = send_test(webhook_called(pk), by=caller(request), at=now())
        ring(send_webhooks)
        delivery.refresh_from_db()
        return Response(DeliverySerializer(delivery).data, status=202)


class WebhookDeliveries(List):
    """What was sent to a webhook or waits for it, newest first; kept for 30 days."""

    required_scope = Scope.MANAGE_WEBHOOKS
    serializer_class = DeliverySerializer
    filterset_class = DeliveryFilter
    file_table = exports.DELIVERIES
    queryset = WebhookDelivery.objects.none()

    def get_queryset(self) -> QuerySet[WebhookDelivery]:
        return self.webhook.deliveries.all()

    @cached_property
    def webhook(self) -> WebhookSubscription:
        return webhook_called(self.kwargs["pk"])

    def file_subject(self) -> WebhookSubscription:
        return self.webhook


class WebhookReplay(APIView):
    required_scope = Scope.MANAGE_WEBHOOKS

    @extend_schema(request=ReplaySerializer, responses={202: ReplayedSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Send deliveries again, each with its first webhook-id."""
        webhook, at = webhook_called(pk), now()
        told = ReplaySerializer(data=request.data)
        told.is_valid(raise_exception=True)
        if since := told.validated_data.get("since"):
            chosen = failed_since(webhook, since)
        else:
            names = told.validated_data["deliveries"]
            chosen = webhook.deliveries.filter(message__in=[name[4:] for name in names])
        count = replay(webhook, chosen, by=caller(request), at=at)
        ring(send_webhooks)
        return Response(ReplayedSerializer({"count": count}).data, status=202)


def import_called(pk: int) -> ImportJob:
    return get_object_or_404(ImportJob, pk=pk)


def import_told(job: ImportJob, *, at: datetime, status: int = 200) -> Response:
    return Response(ImportDetailSerializer(job, context={"at": at}).data, status=status)


class Imports(List):
    """Files that were brought in, the newest first."""

    required_scope = Scope.IMPORT
    serializer_class = ImportSerializer
    filterset_class = ImportFilter
    file_table = exports.IMPORTS
    queryset = ImportJob.objects.all()
    parser_classes = (BoundedFileParser,)

    @extend_schema(
        request={"multipart/form-data": BroughtFileSerializer},
        responses={200: ImportDetailSerializer, 201: ImportDetailSerializer},
    )
    def post(self, request: Request) -> Response:
        """Bring a file; a worker checks it, and nothing comes in before all of it is checked.

        The same file with the same wishes, while it is under way, is the same import.
        """
        at, key = now(), caller(request)
        form = BroughtFileSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        job, is_new = bring(**form.validated_data, at=at, by=key)
        if is_new:
            audit("customers.file_brought", job, at=at, by=key)
            ring(work_on_files)
        return import_told(job, at=at, status=201 if is_new else 200)


class ImportDetail(APIView):
    required_scope = Scope.IMPORT

    @extend_schema(responses=ImportDetailSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return import_told(import_called(pk), at=now())


class ImportStart(APIView):
    required_scope = Scope.IMPORT

    @extend_schema(request=None, responses={202: ImportDetailSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Let a checked file come in; started again, nothing happens."""
        at = now()
        with transaction.atomic():
            job = start(import_called(pk), at=at)
            audit("customers.import_started", job, at=at, by=caller(request))
        ring(work_on_files)
        return import_told(job, at=at, status=202)


class ImportCancel(APIView):
    required_scope = Scope.IMPORT

    @extend_schema(request=None, responses=ImportDetailSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Stop an import; what has come in stays, and can be undone."""
        at = now()
        with transaction.atomic():
            job = cancel(import_called(pk), at=at)
            audit("customers.import_cancelled", job, at=at, by=caller(request))
        return import_told(job, at=at)


class ImportUndo(APIView):
    required_scope = Scope.IMPORT

    @extend_schema(request=None, responses={202: ImportDetailSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Take an import back within 72 hours, as far as nothing newer touched its rows."""
        at = now()
        job = undo(import_called(pk), by=caller(request), at=at)
        ring(work_on_files)
        return import_told(job, at=at, status=202)


class RejectedRows(ListAPIView):
    """Why rows do not come in, by line; several reasons of one line are several rows."""

    required_scope = Scope.IMPORT
    serializer_class = RejectedRowSerializer
    filterset_class = RejectedRowFilter
    queryset = RejectedRow.objects.none()

    def get_queryset(self) -> QuerySet[RejectedRow]:
        return import_called(self.kwargs["pk"]).rejected_rows.all()

    def order(self) -> ListOrder:
        """Return the order of the lines, or its reverse when the request asks for it."""
        ordering: Any = RejectedRowFilter.base_filters["ordering"]
        return ordering.order(self.request.query_params.get("ordering"))


class RejectedFile(APIView):
    required_scope = Scope.IMPORT

    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.STR})
    def get(self, request: Request, pk: int) -> StreamingHttpResponse:
        """Return the rejected rows as a CSV with their reasons, to be mended and brought again."""
        job = import_called(pk)
        if job.forgotten_at:
            raise Http404
        audit("customers.rejected_rows_exported", job, at=now(), by=caller(request))
        return StreamingHttpResponse(rejected_csv(job), content_type="text/csv; charset=utf-8")
