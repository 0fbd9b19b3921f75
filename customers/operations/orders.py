"""Orders, as the shop's checkout tells them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from common.errors import DomainError
from customers.enums import OrderStatus
from customers.models import Customer, Order, OrderLine, Product
from customers.operations.carts import convert
from customers.operations.metrics import refresh_metrics
from customers.operations.timeline import record_event

EVENT_OF_STATUS = {
    OrderStatus.PLACED: "customers.order_placed",
    OrderStatus.CANCELLED: "customers.order_cancelled",
    OrderStatus.RETURNED: "customers.order_returned",
}


@dataclass(frozen=True)
class Line:
    """One line of an order; ``total`` is what is paid for all its units after ``discount``."""

    sku: str
    quantity: Decimal
    total: Decimal
    discount: Decimal = Decimal(0)


class UnknownProduct(DomainError):
    code = "unknown_product"
    status = 422


class OrderOfSomebodyElse(DomainError):
    code = "order_of_somebody_else"


@transaction.atomic
def record_order(
    customer: Customer,
    *,
    external_id: str,
    ordered_at: datetime,
    lines: Sequence[Line],
    status: OrderStatus = OrderStatus.PLACED,
    store: str = "",
    cart: str = "",
    at: datetime,
) -> Order:
    """Keep an order as the shop tells it; told again, it is brought up to date.

    ``cart`` is the number of the cart that became it.
    A new status is an event of its own. Raises UnknownProduct and OrderOfSomebodyElse.
    """
    products = _products(lines)
    # The customer's row makes two orders told at once take turns over the same metrics.
    Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
    known = Order.objects.filter(external_id=external_id).first()
    facts = {
        "ordered_at": ordered_at,
        "status": status,
        "total": sum((line.total for line in lines), Decimal(0)),
        "discount": sum((line.discount for line in lines), Decimal(0)),
        "store": store,
        "updated_at": at,
    }
    order, is_new = Order.objects.update_or_create(
        external_id=external_id,
        defaults=facts,
        create_defaults={**facts, "customer": customer, "created_at": at},
    )
    # Asked only now: before, somebody else's order might not have been committed yet.
    if order.customer_id != customer.pk:
        raise OrderOfSomebodyElse(
            _("Order %(order)s belongs to another customer.") % {"order": external_id},
            field="customer",
        )
    order.lines.all().delete()
    OrderLine.objects.bulk_create(
        OrderLine(
            order=order,
            number=number,
            product=products[line.sku],
            quantity=line.quantity,
            total=line.total,
            discount=line.discount,
        )
        for number, line in enumerate(lines, start=1)
    )
    refresh_metrics([customer.pk])
    if cart:
        convert(customer, cart=cart)
    if is_new or (known and known.status != status):
        _record_status(order, at=ordered_at if status == OrderStatus.PLACED else at)
    return order


def _products(lines: Sequence[Line]) -> dict[str, Product]:
    products = Product.objects.in_bulk({line.sku for line in lines}, field_name="sku")
    for number, line in enumerate(lines):
        if line.sku not in products:
            raise UnknownProduct(
                _("There is no product with the SKU %(sku)s.") % {"sku": line.sku},
                field=f"lines.{number}.sku",
            )
    return products


def _record_status(order: Order, *, at: datetime) -> None:
    record_event(
        order.customer,
        kind=EVENT_OF_STATUS[OrderStatus(order.status)],
        at=at,
        reference=f"order:{order.external_id}:{order.status}",
        data={"order": order.external_id, "order_id": order.pk, "total": str(order.total)},
    )
