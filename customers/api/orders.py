"""The API of orders and carts."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.timezone import now
from drf_spectacular.utils import OpenApiResponse, PolymorphicProxySerializer, extend_schema
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.authentication import caller
from common.enums import Scope
from common.errors import DomainError
from common.exceptions import each_wrong
from common.models import ApiKey
from common.operations import audit
from customers import exports
from customers.api.people import PeopleList
from customers.filters import CartFilter, OrderFilter
from customers.models import Cart, Order
from customers.operations.carts import keep_cart
from customers.operations.orders import cancel_order, record_order, return_lines
from customers.serializers.orders import (
    CartSerializer,
    OrderBatch,
    OrderReport,
    OrderSerializer,
    ReturnSerializer,
)

SCOPES = {"GET": Scope.READ_CUSTOMERS, "POST": Scope.WRITE_CUSTOMERS}


class NotABatch(DomainError):
    code = "invalid"
    status = 422


NOT_ERASED = {"customer__erased_at": None}


class Orders(PeopleList):
    """Orders with their lines, the newest first."""

    required_scope = SCOPES
    serializer_class = OrderSerializer
    queryset = (
        Order.objects.filter(**NOT_ERASED)
        .select_related("customer")
        .prefetch_related("lines__product")
    )
    filterset_class = OrderFilter
    file_table = exports.ORDERS

    def file_rows(self) -> QuerySet[Order]:
        return Order.objects.filter(**NOT_ERASED)

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


class OrderDetail(APIView):
    required_scope = Scope.READ_CUSTOMERS

    @extend_schema(responses=OrderSerializer)
    def get(self, request: Request, external_id: str) -> Response:
        """Return an order by its number, as it stands."""
        order = order_called(external_id)
        audit("customers.viewed", order.customer, at=now(), by=caller(request))
        return _shown(order)


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


class Carts(PeopleList):
    """Carts, those that were told last first."""

    required_scope = SCOPES
    serializer_class = CartSerializer
    queryset = Cart.objects.filter(**NOT_ERASED).select_related("customer")
    filterset_class = CartFilter
    file_table = exports.CARTS

    @extend_schema(request=CartSerializer, responses={200: CartSerializer, 201: CartSerializer})
    def post(self, request: Request) -> Response:
        """Tell a cart, or bring it up to date; left alone it is abandoned, ordered converted."""
        told = CartSerializer(data=request.data)
        told.is_valid(raise_exception=True)
        with transaction.atomic():
            cart, is_new = keep_cart(**told.validated_data)
            audit("customers.cart_told", cart.customer, at=now(), by=caller(request))
        return Response(CartSerializer(cart).data, status=201 if is_new else 200)
