"""What the columns of this app say."""

from django.utils.translation import gettext_lazy as _

from customers.enums import Category
from customers.models import Customer, CustomerMetrics
from customers.rules.catalogue import Described
from segments.models import (
    Disclosure,
    Due,
    Handpick,
    Membership,
    Profile,
    PurposePlace,
    Round,
    Segment,
    Sweep,
)

# A flat profile calls its columns as the tables do that it copies.
COPIED = {
    field.name: field.verbose_name
    for model in (CustomerMetrics, Customer)
    for field in model._meta.concrete_fields
}

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
        Profile,
        facts={
            Category.IDENTITY: "registered_at",
            Category.CONTACT: "language",
            Category.DEMOGRAPHIC: "birth_date gender timezone country state city postal_code"
            " interests tags attributes",
            Category.INFERRED: "rfm_group buys",
            Category.PURCHASE: "stage order_count spend average days_between_orders first_order_at"
            " last_order_at tier points joined_at",
            Category.BROWSING: "last_seen_at last_open_at last_click_at",
        },
        plain="customer written_at allowed refused stands_until",
        purpose=_("To find the members of segments fast; read through the same permissions."),
        origin=_("Copied from the customer's own record."),
        called=_("flat profiles"),
        words={
            **COPIED,
            "tier": _("tier"),
            "points": _("points"),
            "joined_at": _("joined at"),
        },
    ),
    Described(PurposePlace, plain="purpose place"),
    Described(
        Handpick,
        facts={Category.INFERRED: "segment word reason decided_at ended_at"},
        staff="by api_key",
        plain="id customer",
        purpose=_("To choose whom to write to, among those who allowed it."),
        origin=_("Decided by the shop's staff."),
    ),
    Described(
        Disclosure,
        facts={Category.CONTACT: "platform with_email with_phone told_at"},
        plain="id customer export",
        purpose=_("To prove to whom addresses were passed on, of those who allowed it."),
        origin=_("Written down when the file left."),
        shared=_("The advertising platform named, which gets the address as a hash (SHA-256)."),
    ),
    Described(
        Segment,
        staff="created_by",
        plain="id name description purpose rule origin origin_as_of origin_words data_used"
        " member_count reachable_count refreshed_at error"
        " failed_at failures retry_at asked_at filled_at filled_upto created_at changed_at"
        " archived_at",
    ),
    # When somebody is looked at next says nothing of them.
    Described(Due, plain="customer at"),
    Described(Round, plain="id asked_upto rests_on"),
    Described(Sweep, plain="id reason asked_at done_upto profiles memberships finished_at"),
]
