from django.utils.translation import gettext_lazy as _

from customers.enums import Category
from customers.rules import EventKind

KINDS = [
    EventKind(
        code="consent.given",
        label=_("Permission given"),
        category=Category.IDENTITY,
        sentence=_("Gave permission"),
        icon="check_circle",
    ),
    EventKind(
        code="consent.refused",
        label=_("Permission refused"),
        category=Category.IDENTITY,
        sentence=_("Refused permission"),
        icon="block",
    ),
    EventKind(
        code="consent.withdrawn",
        label=_("Permission withdrawn"),
        category=Category.IDENTITY,
        sentence=_("Withdrew permission"),
        icon="cancel",
    ),
    EventKind(
        code="consent.unproven",
        label=_("Consent without proof"),
        category=Category.IDENTITY,
        sentence=_("A file claimed consent without proof; it counts for nothing"),
        icon="help",
    ),
]
