"""What may stand in the timeline about segments."""

from django.utils.translation import gettext_lazy as _

from customers.enums import Category
from customers.rules import EventKind

KINDS = [
    EventKind(
        code="segments.entered",
        label=_("Entered a segment"),
        category=Category.INFERRED,
        sentence=_("Entered the segment “%(segment)s”"),
        icon="login",
    ),
    EventKind(
        code="segments.left",
        label=_("Left a segment"),
        category=Category.INFERRED,
        sentence=_("Left the segment “%(segment)s”"),
        icon="logout",
    ),
]
