"""What may stand in the timeline about the people and orders of this app."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from customers.enums import Category, FieldType, Touch
from customers.models import Customer
from customers.rules import PROFILE, EventKind, KindField

SEEN = frozenset({Touch.SEEN})


def _fields(data: Mapping[str, Any]) -> dict[str, Any]:
    """Name the fields as the profile does; nothing once the customer was erased."""
    names = [name for name in data.get("fields", []) if name in PROFILE]
    labels = [str(getattr(Customer, name).field.verbose_name) for name in names]
    return {"fields": ", ".join(labels)} if labels else {}


TOTAL = KindField("total", FieldType.NUMBER, label=_("Total"), is_money=True)
CAME_BACK = KindField("amount", FieldType.NUMBER, label=_("Amount given back"), is_money=True)
ITEMS = KindField("items", FieldType.NUMBER, label=_("Items"), is_whole=True)


KINDS = [
    EventKind(
        code="customers.registered",
        label=_("Registered"),
        category=Category.IDENTITY,
        sentence=_("Became known to the shop"),
        icon="person_add",
        touches=SEEN,
    ),
    EventKind(
        code="customers.changed",
        label=_("Profile changed"),
        category=Category.IDENTITY,
        sentence=_("Changed: %(fields)s"),
        in_words=_fields,
        icon="edit",
    ),
    EventKind(
        code="customers.merged",
        label=_("Records merged"),
        category=Category.IDENTITY,
        sentence=_("Customer %(customer)s turned out to be the same person"),
        icon="merge",
    ),
    EventKind(
        code="customers.unmerged",
        label=_("Merge undone"),
        category=Category.IDENTITY,
        sentence=_("Customer %(customer)s is somebody else after all"),
        icon="call_split",
    ),
    EventKind(
        code="customers.erased",
        label=_("Customer erased"),
        category=Category.IDENTITY,
        sentence=_("Was erased"),
        icon="person_off",
    ),
    EventKind(
        code="customers.file_imported",
        label=_("File imported"),
        category=Category.IDENTITY,
        sentence=_("A file came in"),
        icon="upload_file",
    ),
    EventKind(
        code="customers.file_undone",
        label=_("Import undone"),
        category=Category.IDENTITY,
        sentence=_("A file was taken back"),
        icon="undo",
    ),
    EventKind(
        code="customers.order_placed",
        label=_("Order placed"),
        category=Category.PURCHASE,
        sentence=_("Order %(order)s over %(total)s"),
        icon="shopping_bag",
        tells=(TOTAL,),
        touches=SEEN,
    ),
    EventKind(
        code="customers.order_cancelled",
        label=_("Order cancelled"),
        category=Category.PURCHASE,
        sentence=_("Order %(order)s was cancelled"),
        icon="remove_shopping_cart",
        tells=(CAME_BACK,),
        touches=SEEN,
    ),
    EventKind(
        code="customers.order_returned",
        label=_("Order returned"),
        category=Category.PURCHASE,
        sentence=_("Order %(order)s came back"),
        icon="assignment_return",
        tells=(CAME_BACK,),
    ),
    EventKind(
        code="customers.order_partly_returned",
        label=_("Order partly returned"),
        category=Category.PURCHASE,
        sentence=_("%(amount)s of order %(order)s came back"),
        icon="assignment_return",
        tells=(CAME_BACK, TOTAL),
    ),
    EventKind(
        code="customers.order_changed",
        label=_("Order changed"),
        category=Category.PURCHASE,
        sentence=_("Order %(order)s was changed, now %(total)s"),
        icon="edit_note",
        tells=(TOTAL,),
    ),
    EventKind(
        code="customers.order_reinstated",
        label=_("Order stands again"),
        category=Category.PURCHASE,
        sentence=_("Order %(order)s stands again, over %(total)s"),
        icon="replay",
        tells=(TOTAL,),
    ),
    EventKind(
        code="customers.case_opened",
        label=_("Case opened"),
        category=Category.CONTACT,
        sentence=_("Case: %(subject)s"),
        icon="support_agent",
        touches=SEEN,
    ),
    EventKind(
        code="customers.case_resolved",
        label=_("Case resolved"),
        category=Category.CONTACT,
        sentence=_("Case resolved: %(subject)s"),
        icon="task_alt",
    ),
    EventKind(
        code="customers.survey_answered",
        label=_("Survey answered"),
        category=Category.CONTACT,
        sentence=_("Gave %(score)s of 10"),
        icon="sentiment_satisfied",
        tells=(
            KindField("survey", label=_("Survey")),
            KindField("score", FieldType.NUMBER, label=_("Score"), is_whole=True),
        ),
        touches=SEEN,
    ),
    EventKind(
        code="customers.cart_changed",
        label=_("Cart changed"),
        category=Category.PURCHASE,
        sentence=_("Has a cart over %(total)s"),
        icon="shopping_cart",
        tells=(TOTAL, ITEMS),
        touches=SEEN,
    ),
    EventKind(
        code="customers.cart_ordered",
        label=_("Cart ordered"),
        category=Category.PURCHASE,
        sentence=_("Ordered the cart over %(total)s"),
        icon="shopping_cart_checkout",
        tells=(TOTAL,),
    ),
    EventKind(
        code="customers.cart_abandoned",
        label=_("Cart abandoned"),
        category=Category.PURCHASE,
        sentence=_("Left a cart over %(total)s"),
        icon="production_quantity_limits",
        tells=(TOTAL,),
    ),
    EventKind(
        code="customers.page_viewed",
        label=_("Page viewed"),
        category=Category.BROWSING,
        sentence=_("Looked at %(page)s"),
        icon="visibility",
        fields=(KindField("page", required=True, label=_("Page")),),
        touches=SEEN,
    ),
    EventKind(
        code="customers.product_viewed",
        label=_("Product viewed"),
        category=Category.BROWSING,
        sentence=_("Looked at the product %(sku)s"),
        icon="preview",
        fields=(
            KindField("sku", required=True, label=_("Product (SKU)")),
            KindField("price", FieldType.NUMBER, label=_("Price"), is_money=True),
        ),
        touches=SEEN,
    ),
    EventKind(
        code="customers.searched",
        label=_("Searched"),
        category=Category.SEARCH,
        sentence=_("Searched for %(words)s"),
        icon="search",
        fields=(
            KindField("words", required=True, label=_("Words")),
            KindField("results", FieldType.NUMBER, label=_("Results")),
        ),
        touches=SEEN,
    ),
    EventKind(
        code="customers.store_visited",
        label=_("Store visited"),
        category=Category.IN_STORE,
        sentence=_("Was in the store %(store)s"),
        icon="storefront",
        fields=(KindField("store", required=True, label=_("Store")),),
        touches=SEEN,
    ),
    EventKind(
        code="customers.seen_near",
        label=_("Seen nearby"),
        category=Category.LOCATION_COARSE,
        sentence=_("Was near %(place)s"),
        icon="location_on",
        fields=(KindField("place", required=True, label=_("Place")),),
    ),
]
