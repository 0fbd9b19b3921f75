"""What the columns of this app say."""

from django.utils.translation import gettext_lazy as _

from customers.enums import Category
from customers.rules.catalogue import Described
from segments.models import Membership, Segment

CATALOGUE = [
    Described(
        Membership,
        facts={Category.INFERRED: "segment entered_at left_at cause"},
        plain="id customer",
        purpose=_("To choose whom to write to, among those who allowed it."),
        origin=_("Worked out from the rule of the segment."),
        words={"segment": _("segment")},
    ),
    Described(
        Segment,
        staff="created_by",
        plain="id name description purpose rule member_count reachable_count refreshed_at error"
        " asked_at filled_at filled_upto created_at changed_at",
    ),
]
