"""What the columns of this app say."""

from django.utils.translation import gettext_lazy as _

from campaigns.models import (
    Apology,
    Campaign,
    Click,
    Feedback,
    Message,
    Offer,
    OfferUse,
    Redemption,
    RedemptionLine,
    Template,
    TrackedLink,
    Voucher,
)
from customers.enums import Category
from customers.rules.catalogue import Described

OFFERING = _("To give discounts, and to keep to their limits.")
WRITING = _("To write to those who allowed it, and to show why they were written to.")
TILL = _("From the shop's checkout.")
HERE = _("From what the shop sent.")

CATALOGUE = [
    Described(
        Voucher,
        facts={
            Category.PURCHASE: "offer code_ending code_sealed code_hash amount valid_from"
            " valid_until use_limit use_count uses_before voided_at issued_at"
        },
        plain="id customer reference",
        purpose=OFFERING,
        origin=HERE,
        shared=_("Whoever carries the message in which the code stands."),
        words={
            "code_sealed": _("code, sealed"),
            "code_hash": _("keyed hash of the code"),
            "uses_before": _("uses before it came in"),
        },
    ),
    Described(
        OfferUse,
        facts={Category.PURCHASE: "offer use_count use_limit"},
        plain="id customer",
        purpose=OFFERING,
        origin=TILL,
        called=_("uses of offers"),
        words={"offer": _("offer"), "use_count": _("uses"), "use_limit": _("most uses")},
    ),
    Described(
        Redemption,
        facts={
            Category.PURCHASE: "voucher offer order_reference cart_total discount state"
            " redeemed_at rolled_back_at note"
        },
        plain="id customer reference",
        purpose=OFFERING,
        origin=TILL,
    ),
    Described(
        RedemptionLine,
        facts={Category.PURCHASE: "sku total discount"},
        plain="id redemption",
        purpose=OFFERING,
        origin=TILL,
        called=_("lines of redemptions"),
    ),
    Described(
        Apology,
        facts={
            Category.CONTACT: "case reason explanation amount state voucher requested_at"
            " decided_at emailed_at email_problem"
        },
        staff="requested_by decided_by",
        plain="id customer email_lease_until reference",
        purpose=_("To put right what went wrong."),
        origin=_("Written by staff."),
    ),
    Described(
        Message,
        facts={
            Category.CONTACT: "campaign channel outcome state skip_reason voucher decided_at"
            " allowed_at permission_event sent_at error unsubscribed_at"
        },
        plain="id customer ready_at lease_until fence attempts",
        purpose=WRITING,
        origin=HERE,
        shared=_("Whoever carries the message."),
        words={"permission_event": _("on which choice")},
    ),
    Described(
        Feedback,
        facts={Category.CONTACT: "kind happened_at"},
        plain="id campaign message reference",
        purpose=_("To stop writing to addresses that do not exist, and to people who complain."),
        origin=_("From the mail service."),
        called=_("what the mail service told of messages"),
    ),
    Described(
        Click,
        facts={Category.BROWSING: "link clicked_at permission_event"},
        plain="id message",
        purpose=_("To see whether a message was of use."),
        origin=_("From links in messages."),
        words={"link": _("link"), "permission_event": _("on which choice")},
    ),
    Described(
        Offer,
        staff="created_by",
        plain="id name effect percent amount cap minimum_order valid_days per_customer_limit"
        " total_limit use_count is_active is_apology created_at",
    ),
    Described(Template, plain="id name subject body html changed_at"),
    Described(
        Campaign,
        staff="created_by",
        plain="id name segment goes_to channel template offer about_category about_occasion"
        " scheduled_at control_share attribution_days"
        " state subject html purpose basis rule rule_in_words categories template_name"
        " template_changed_at old_members_accepted_at audience_upto"
        " audience_chosen_at launched_at finished_at created_at",
    ),
    Described(TrackedLink, plain="id campaign url"),
]
