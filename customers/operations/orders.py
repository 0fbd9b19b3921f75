"""Orders, as the shop's checkout tells them: placed, changed, returned line by line, cancelled."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from common.errors import DomainError
from common.templatetags.clientela import quantity
from customers.enums import STANDING, OrderStatus
from customers.models import Customer, Event, Order, OrderLine, Product
from customers.operations.carts import convert
from customers.operations.metrics import refresh_metrics
from customers.operations.profile import CustomerErased, hold
from customers.operations.timeline import record_event
from customers.rules.returns import Line, given_back, status_of, with_returns

EVENT_OF_STATUS = {
    OrderStatus.PLACED: "customers.order_placed",
    OrderStatus.PARTIALLY_RETURNED: "customers.order_partly_returned",
    OrderStatus.RETURNED: "customers.order_returned",
    OrderStatus.CANCELLED: "customers.order_cancelled",
}


@dataclass(frozen=True)
class Facts:
    """What the shop says of an order; two that are equal say the same."""

    ordered_at: datetime
    store: str
    status: OrderStatus
    lines: tuple[Line, ...]

    @property
    def total(self) -> Decimal:
        return sum((line.total for line in self.lines), Decimal(0))

    @property
    def net_total(self) -> Decimal:
        """What stands, as ``Order.net_total``."""
        return self.total - given_back(self.lines) if self.status in STANDING else Decimal(0)


@dataclass(frozen=True)
class Returned:
    """Units that come back now, of the line with this number (the first is 1)."""

    line: int
    quantity: Decimal


class UnknownProduct(DomainError):
    code = "unknown_product"
    status = 422


class OrderOfSomebodyElse(DomainError):
    code = "order_of_somebody_else"


class MoreThanWasBought(DomainError):
    code = "more_than_was_bought"
    status = 422


class StatusContradicted(DomainError):
    code = "status_contradicted"
    status = 422


@transaction.atomic
def record_order(
    customer: Customer,
    *,
    external_id: str,
    ordered_at: datetime,
    lines: Sequence[Line],
    status: OrderStatus | None = None,
    store: str = "",
    cart: str = "",
    at: datetime,
) -> Order:
    """Keep an order as the shop tells it; told again, it is brought up to date.

    ``cart`` is the number of the cart that became it. Without a ``status`` an order stays what it
    is, and a line that does not say what came back keeps what is known (``with_returns``).
    What changes is an event; what says the same changes nothing. Raises UnknownProduct,
    MoreThanWasBought, StatusContradicted, OrderOfSomebodyElse and CustomerErased.
    """
    products = _products(lines)
    _refuse_more_than_was_bought(lines)
    # Two orders told at once take turns over the same metrics.
    customer = hold(customer)
    if customer.erased_at:
        raise CustomerErased(_("This customer was erased and cannot come back."))
    as_told = partial(_as_told, lines, status=status, ordered_at=ordered_at, store=store)
    fresh = as_told(known=None)
    order, is_new = _known_or_new(customer, external_id=external_id, fresh=fresh, at=at)
    before = None if is_new else facts_of(order)
    after = as_told(known=before) if before else fresh
    _refuse_contradictions(after.lines, status)
    if before is None:
        _keep_lines(order, after, products)
        _record(order, before=None, after=after, at=at)
    else:
        _change(order, before=before, after=after, products=products, at=at)
    if cart:
        convert(customer, cart=cart, at=at)
    return order


def _as_told(
    lines: Sequence[Line],
    *,
    status: OrderStatus | None,
    ordered_at: datetime,
    store: str,
    known: Facts | None,
) -> Facts:
    returned = with_returns(lines, status=status, known=known.lines if known else ())
    said = status or (known.status if known else None)
    return Facts(ordered_at, store, status_of(returned, told=said), returned)


def _known_or_new(
    customer: Customer, *, external_id: str, fresh: Facts, at: datetime
) -> tuple[Order, bool]:
    order, is_new = Order.objects.get_or_create(
        external_id=external_id,
        defaults={**_columns(fresh, at=at), "customer": customer, "created_at": at},
    )
    # Asked only now: before, somebody else's order might not have been committed yet.
    if order.customer_id != customer.pk:
        raise OrderOfSomebodyElse(
            _("Order %(order)s belongs to another customer.") % {"order": external_id},
            field="customer",
        )
    return order, is_new


class NoSuchLine(DomainError):
    code = "no_such_line"
    status = 422


class OrderIsCancelled(DomainError):
    code = "order_is_cancelled"


class ReturnReferenceUsed(DomainError):
    code = "reference_used"


@transaction.atomic
def return_lines(
    order: Order, *, returned: Sequence[Returned], reference: str, at: datetime
) -> Order:
    """Take units of an order's lines back.

    Asking again with the same ``reference`` (unique within the order) takes nothing more. Raises
    NoSuchLine, MoreThanWasBought, OrderIsCancelled, and ReturnReferenceUsed where the reference
    came with another return.
    """
    order = _held(order)
    reference = f"return:{order.pk}:{reference}"
    said = [[part.line, str(part.quantity.normalize())] for part in returned]
    if earlier := Event.objects.filter(reference=reference).first():
        # Who was erased meanwhile left an event without details.
        if earlier.data.get("lines", said) != said:
            raise ReturnReferenceUsed(
                _("This reference came with another return before. Use a new one."),
                field="reference",
            )
        return order
    before = facts_of(order)
    after = after_return(before, returned)
    _change(order, before=before, after=after, at=at, reference=reference, lines=said)
    return order


def after_return(before: Facts, returned: Iterable[Returned]) -> Facts:
    """Return what an order is once these units have come back; nothing is written.

    Raises as ``return_lines``.
    """
    if before.status == OrderStatus.CANCELLED:
        raise OrderIsCancelled(_("This order is cancelled: nothing of it can come back."))
    lines = list(before.lines)
    for place, part in enumerate(returned):
        if not 1 <= part.line <= len(lines):
            raise NoSuchLine(
                _("The order has no line %(line)s.") % {"line": part.line},
                field=f"lines.{place}.line",
            )
        line = lines[part.line - 1]
        if part.quantity > line.left:
            raise _more_than_was_bought(line.left, field=f"lines.{place}.quantity")
        lines[part.line - 1] = replace(line, returned_quantity=line.returned + part.quantity)
    return replace(before, lines=tuple(lines), status=status_of(lines, told=before.status))


class OrderIsReturned(DomainError):
    code = "order_is_returned"


@transaction.atomic
def cancel_order(order: Order, *, at: datetime) -> Order:
    """Cancel what stands of an order; cancelled again, nothing happens. Raises OrderIsReturned."""
    order = _held(order)
    before = facts_of(order)
    if before.status == OrderStatus.RETURNED:
        raise OrderIsReturned(_("Everything of this order has come back already."))
    _change(order, before=before, after=replace(before, status=OrderStatus.CANCELLED), at=at)
    return order


def facts_of(order: Order) -> Facts:
    """Return what is known of an order."""
    lines = order.lines.select_related("product").order_by("number")
    return Facts(
        order.ordered_at,
        order.store,
        OrderStatus(order.status),
        tuple(
            Line(
                line.product.sku, line.quantity, line.total, line.discount, line.returned_quantity
            )
            for line in lines
        ),
    )


def _held(order: Order) -> Order:
    hold(order.customer)
    return Order.objects.select_for_update(no_key=True).get(pk=order.pk)


def _products(lines: Sequence[Line]) -> dict[str, Product]:
    products = Product.objects.in_bulk({line.sku for line in lines}, field_name="sku")
    for number, line in enumerate(lines):
        if line.sku not in products:
            raise UnknownProduct(
                _("There is no product with the SKU %(sku)s.") % {"sku": line.sku},
                field=f"lines.{number}.sku",
            )
    return products


def _refuse_more_than_was_bought(lines: Sequence[Line]) -> None:
    for place, line in enumerate(lines):
        if line.left < 0:
            field = f"lines.{place}.returned_quantity"
            raise _more_than_was_bought(line.quantity, field=field)


def _refuse_contradictions(lines: Sequence[Line], status: OrderStatus | None) -> None:
    for place, line in enumerate(lines):
        if status == OrderStatus.RETURNED and not line.is_back:
            raise StatusContradicted(
                _("The order is told as returned, and this line did not come back whole."),
                field=f"lines.{place}.returned_quantity",
            )
    partly = OrderStatus.PARTIALLY_RETURNED
    if status == partly and status_of(lines) != partly:
        raise StatusContradicted(
            _("Say of the lines how much came back: something, and not everything."),
            field="lines",
        )


def _more_than_was_bought(most: Decimal, *, field: str) -> MoreThanWasBought:
    there = quantity(most)
    return MoreThanWasBought(
        _("No more than %(quantity)s can come back.") % {"quantity": there}, field=field
    )


def _change(
    order: Order,
    *,
    before: Facts,
    after: Facts,
    at: datetime,
    products: Mapping[str, Product] | None = None,
    reference: str = "",
    **details: Any,
) -> None:
    if after == before:
        return
    order.revision += 1
    for column, value in _columns(after, at=at).items():
        setattr(order, column, value)
    order.save()
    # Its sums are the database's own.
    order.refresh_from_db(fields=["net_total"])
    if after.lines != before.lines:
        order.lines.all().delete()
        _keep_lines(order, after, products or _products(after.lines))
    else:
        refresh_metrics([order.customer_id])
    _record(order, before=before, after=after, at=at, reference=reference, **details)


def _columns(facts: Facts, *, at: datetime) -> dict[str, Any]:
    return {
        "ordered_at": facts.ordered_at,
        "status": facts.status,
        "store": facts.store,
        "total": facts.total,
        "discount": sum((line.discount for line in facts.lines), Decimal(0)),
        "returned_total": given_back(facts.lines),
        "updated_at": at,
    }


def _keep_lines(order: Order, facts: Facts, products: Mapping[str, Product]) -> None:
    OrderLine.objects.bulk_create(
        OrderLine(
            order=order,
            number=number,
            product=products[line.sku],
            quantity=line.quantity,
            returned_quantity=line.returned,
            total=line.total,
            discount=line.discount,
        )
        for number, line in enumerate(facts.lines, start=1)
    )
    refresh_metrics([order.customer_id])


def _record(
    order: Order,
    *,
    before: Facts | None,
    after: Facts,
    at: datetime,
    reference: str = "",
    **details: Any,
) -> None:
    kind = _what_happened(before, after)
    is_birth = kind == EVENT_OF_STATUS[OrderStatus.PLACED]
    if before is None:
        reference = f"order:{order.external_id}:{after.status}"
    else:
        details["amount"] = str(before.net_total - after.net_total)
    record_event(
        order.customer,
        kind=kind,
        at=order.ordered_at if is_birth else at,
        # The revision lets an order be cancelled, placed again and cancelled once more.
        reference=reference or f"order:{order.external_id}:r{order.revision}",
        data={
            "order": order.external_id,
            "order_id": order.pk,
            "total": str(after.total if is_birth else after.net_total),
            **details,
        },
    )


def _what_happened(before: Facts | None, after: Facts) -> str:
    """Return the kind of the event."""
    if before is None:
        return EVENT_OF_STATUS[after.status]
    if before.status not in STANDING and after.status in STANDING:
        return "customers.order_reinstated"
    came_back = given_back(after.lines) > given_back(before.lines)
    if after.status == OrderStatus.PARTIALLY_RETURNED and came_back:
        return EVENT_OF_STATUS[after.status]
    if after.status != before.status and after.status not in STANDING:
        return EVENT_OF_STATUS[after.status]
    return "customers.order_changed"
