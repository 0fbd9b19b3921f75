"""What may stand in the timeline about the people and orders of this app."""

from django.utils.translation import gettext_lazy as _

from customers.enums import Category
from customers.rules import EventKind

KINDS = [
    EventKind(
        code="customers.registered",
        label=_("Registered"),
        category=Category.IDENTITY,
        sentence=_("Became known to the shop"),
        icon="person_add",
    ),
    EventKind(
        code="customers.file_imported",
        label=_("File imported"),
        category=Category.IDENTITY,
        sentence=_("A file came in"),
        icon="upload_file",
    ),
    EventKind(
        code="customers.order_placed",
        label=_("Order placed"),
        category=Category.PURCHASE,
        sentence=_("Order %(order)s over %(total)s"),
        icon="shopping_bag",
    ),
    EventKind(
        code="customers.order_cancelled",
        label=_("Order cancelled"),
        category=Category.PURCHASE,
        sentence=_("Order %(order)s was cancelled"),
        icon="remove_shopping_cart",
    ),
    EventKind(
        code="customers.order_returned",
        label=_("Order returned"),
        category=Category.PURCHASE,
        sentence=_("Order %(order)s came back"),
        icon="assignment_return",
    ),
    EventKind(
        code="customers.case_opened",
        label=_("Case opened"),
        category=Category.CONTACT,
        sentence=_("Case: %(subject)s"),
        icon="support_agent",
    ),
    EventKind(
        code="customers.case_resolved",
        label=_("Case resolved"),
        category=Category.CONTACT,
        sentence=_("Case resolved: %(subject)s"),
        icon="task_alt",
    ),
]
