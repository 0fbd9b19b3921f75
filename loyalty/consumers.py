"""What the timeline sets off: points and tiers follow the orders."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from customers.models import Event, Order
from customers.rules import Consumer, Span
from loyalty.operations.orders import note_imports, note_undone, settle

MERGES = ("customers.merged", "customers.unmerged")
ORDERS = (
    "customers.order_placed",
    "customers.order_changed",
    "customers.order_partly_returned",
    "customers.order_returned",
    "customers.order_cancelled",
    "customers.order_reinstated",
)

# History that earned nothing is told by who brought it; what earned once is followed for good.
EARNS = Q(imported_by=None) | Q(imported_by__historic=False) | Q(order_points__isnull=False)


def react(span: Span, *, at: datetime) -> None:
    """Settle the orders that these events are about; history earns nothing.

    An order is settled as it stands by now, so that many events about one cost as much as one.
    A file of orders may be large: it is only noted here, and settled in chunks.
    """
    happened = Event.objects.within(span).filter(historic=False)
    orders = happened.filter(kind__in=ORDERS).values_list("data__order_id", flat=True)
    # An order that changed hands while somebody settled it was passed over then; and what two
    # spent together may reach another tier.
    changed = happened.filter(kind__in=MERGES).values("customer")
    theirs = Event.objects.filter(customer__in=changed, kind__in=ORDERS, historic=False)
    of_merged = theirs.values_list("data__order_id", flat=True)
    # Who was erased meanwhile left events without details.
    told = Order.objects.filter(pk__in={order for order in (*orders, *of_merged) if order})
    # Nor does it begin to, because something of it comes back today.
    settle(set(told.filter(EARNS).values_list("pk", flat=True)), at=at)
    brought = Order.objects.filter(imported_by=OuterRef("imported_by"))
    files = happened.filter(Exists(brought), kind="customers.file_imported")
    note_imports(files.values_list("imported_by", flat=True))
    undone = happened.filter(kind="customers.file_undone", data__kind="orders")
    note_undone(undone.values_list("imported_by", flat=True))


ORDERS_READER = Consumer(
    name="loyalty.orders",
    label=_("Points and tiers follow the orders"),
    react=react,
    limit=2000,
)
CONSUMERS = [ORDERS_READER]
