"""Orders and carts as programs tell them."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common.fields import Moment
from customers.enums import (
    OrderStatus,
)
from customers.models import (
    Cart,
    Order,
    OrderLine,
)
from customers.operations.orders import Returned
from customers.rules.returns import Line
from customers.serializers.people import customer_field

MOST_ORDERS = 100


LARGEST_TOTAL = Decimal(10) ** 12


class LineSerializer(serializers.ModelSerializer):
    """``total`` is what is paid for all units of the line, after ``discount``."""

    number = serializers.IntegerField(read_only=True, help_text="The first line is 1.")
    sku = serializers.CharField(source="product.sku", max_length=64)
    quantity = serializers.DecimalField(12, 3, min_value=Decimal("0.001"))
    total = serializers.DecimalField(14, 2, min_value=Decimal(0))
    discount = serializers.DecimalField(14, 2, min_value=Decimal(0), default=Decimal(0))

    returned_quantity = serializers.DecimalField(
        12,
        3,
        min_value=Decimal(0),
        required=False,
        help_text="How many units have come back by now, in all; left out, what is known stays.",
    )
    returned_total = serializers.DecimalField(
        14, 2, read_only=True, help_text="What was given back for them: their share of `total`."
    )

    class Meta:
        model = OrderLine
        fields = (
            "number",
            "sku",
            "quantity",
            "total",
            "discount",
            "returned_quantity",
            "returned_total",
        )

    def to_internal_value(self, data: Any) -> Line:
        line = super().to_internal_value(data)
        return Line(
            line["product"]["sku"],
            line["quantity"],
            line["total"],
            line["discount"],
            line.get("returned_quantity"),
        )


class OrderSerializer(serializers.ModelSerializer):
    """An order as the shop tells it; told again with the same number, it is brought up to date.

    ``net_total`` is what stands of it: its total less what was given back, nothing once it is
    cancelled or returned.
    """

    external_id = serializers.CharField(max_length=64)
    customer = customer_field()
    ordered_at = Moment()
    status = serializers.ChoiceField(
        OrderStatus.choices,
        required=False,
        help_text="Left out, a new order is placed, and a known one stays what it is.",
    )
    store = serializers.CharField(max_length=64, allow_blank=True, default="")
    cart = serializers.CharField(
        max_length=64,
        default="",
        allow_blank=True,
        write_only=True,
        help_text="The cart that became this order, by its number.",
    )
    lines = LineSerializer(many=True, allow_empty=False, max_length=1000)  # type: ignore[call-arg]
    total = serializers.DecimalField(14, 2, read_only=True)
    discount = serializers.DecimalField(14, 2, read_only=True)
    returned_total = serializers.DecimalField(14, 2, read_only=True)
    net_total = serializers.DecimalField(14, 2, read_only=True)

    class Meta:
        model = Order
        fields = (
            "external_id",
            "customer",
            "ordered_at",
            "status",
            "store",
            "cart",
            "lines",
            "total",
            "discount",
            "returned_total",
            "net_total",
        )

    def validate_lines(self, lines: list[Line]) -> list[Line]:
        for amounts in ([line.total for line in lines], [line.discount for line in lines]):
            if sum(amounts) >= LARGEST_TOTAL:
                raise serializers.ValidationError(_("No order is worth that much."))
        return lines

    def validate_status(self, status: str) -> OrderStatus:
        return OrderStatus(status)


@extend_schema_field(OrderSerializer(many=True))
class UnreadOrders(serializers.ListField):
    """Orders that are read one by one later, so that a bad one does not stop the others."""


class OrderBatch(serializers.Serializer):
    """Several orders, each judged by itself."""

    orders = UnreadOrders(min_length=1, max_length=MOST_ORDERS)


class RefusedOrder(serializers.Serializer):
    index = serializers.IntegerField(help_text="The place in the batch; the first is 0.")
    code = serializers.CharField()
    message = serializers.CharField()
    field = serializers.CharField(allow_blank=True)


class OrderReport(serializers.Serializer):
    """What became of a batch."""

    accepted = serializers.IntegerField()
    errors = RefusedOrder(many=True)  # type: ignore[assignment]  # a field, not what is wrong


class ReturnedLineSerializer(serializers.Serializer):
    line = serializers.IntegerField(
        min_value=1, max_value=1000, help_text="The line's number in the order; the first is 1."
    )
    quantity = serializers.DecimalField(12, 3, min_value=Decimal("0.001"))

    def to_internal_value(self, data: Any) -> Returned:
        return Returned(**super().to_internal_value(data))


class ReturnSerializer(serializers.Serializer):
    """Units that come back now. The same ``reference`` again takes nothing more."""

    reference = serializers.CharField(max_length=64)
    lines = ReturnedLineSerializer(many=True, allow_empty=False, max_length=1000)  # type: ignore[call-arg]


class CartSerializer(serializers.ModelSerializer):
    external_id = serializers.CharField(max_length=64)
    customer = customer_field()
    total = serializers.DecimalField(14, 2, min_value=Decimal(0))
    item_count = serializers.IntegerField(min_value=0, max_value=100_000)
    changed_at = Moment()

    class Meta:
        model = Cart
        fields = ("external_id", "customer", "total", "item_count", "changed_at", "state")
        read_only_fields = ("state",)
