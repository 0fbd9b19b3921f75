from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from common.errors import DomainError
from customers.enums import CartState
from customers.models import Cart, Customer
from customers.operations.timeline import NewEvent, record_event, record_events

# A cart is told in a chunk, so that a shop's first night is no long transaction.
CHUNK = 5000


class CartOfSomebodyElse(DomainError):
    code = "cart_of_somebody_else"


class CartConverted(DomainError):
    code = "cart_converted"


@transaction.atomic
def keep_cart(
    customer: Customer,
    *,
    external_id: str,
    total: Decimal,
    item_count: int,
    changed_at: datetime,
) -> tuple[Cart, bool]:
    """Keep a cart as the shop tells it; an older state than the known one changes nothing.

    A cart that somebody goes on with is open again. The second value says whether it is new.
    Raises CartOfSomebodyElse and CartConverted.
    """
    facts = {"total": total, "item_count": item_count, "changed_at": changed_at}
    cart, is_new = Cart.objects.select_for_update().get_or_create(
        external_id=external_id, defaults={"customer": customer, **facts}
    )
    if cart.customer_id != customer.pk:
        raise CartOfSomebodyElse(
            _("Cart %(cart)s belongs to another customer.") % {"cart": external_id},
            field="customer",
        )
    if cart.state == CartState.CONVERTED:
        raise CartConverted(_("This cart was ordered already."), field="external_id")
    if not is_new:
        if changed_at <= cart.changed_at:
            return cart, False
        for name, value in facts.items():
            setattr(cart, name, value)
        cart.state = CartState.OPEN
        cart.save()
    _tell(cart)
    return cart, is_new


def _tell(cart: Cart) -> None:
    record_event(
        cart.customer,
        kind="customers.cart_changed",
        at=cart.changed_at,
        reference=f"cart:{cart.pk}:changed:{cart.changed_at.isoformat()}",
        data={"cart": cart.external_id, "total": str(cart.total), "items": cart.item_count},
    )


def convert(customer: Customer, *, cart: str, at: datetime) -> None:
    """Note that the cart was ordered; a cart that nobody told of is no matter, nor is a repeat."""
    known = Cart.objects.filter(external_id=cart, customer=customer)
    found = known.exclude(state=CartState.CONVERTED).select_for_update().first()
    if found is None:
        return
    found.state = CartState.CONVERTED
    found.save(update_fields=["state"])
    record_event(
        customer,
        kind="customers.cart_ordered",
        at=at,
        reference=f"cart:{found.pk}:ordered",
        data={"cart": found.external_id, "total": str(found.total)},
    )


@transaction.atomic
def abandon(*, after: timedelta, at: datetime, limit: int = CHUNK) -> int:
    """Call open carts abandoned that nobody touched for so long; return how many."""
    left = Cart.objects.filter(state=CartState.OPEN, changed_at__lt=at - after)
    found = list(left.order_by("changed_at").select_for_update(skip_locked=True)[:limit])
    Cart.objects.filter(pk__in=[cart.pk for cart in found]).update(state=CartState.ABANDONED)
    record_events(
        NewEvent(
            "customers.cart_abandoned",
            cart.customer_id,
            at,
            # It may be taken up again, and left again.
            f"cart:{cart.pk}:abandoned:{cart.changed_at.isoformat()}",
            {"cart": cart.external_id, "total": str(cart.total)},
        )
        for cart in found
    )
    return len(found)
