"""What this app shows on a customer's page."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, Q
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from common.models import AuditEntry
from common.subjects import Subject
from common.templatetags.clientela import money, whole
from customers.enums import ProfileTab
from customers.models import (
    Cart,
    Case,
    Customer,
    CustomerMetrics,
    DuplicateCandidate,
    Note,
    Order,
    SurveyAnswer,
)
from customers.queries.attributes import attribute_rows
from customers.queries.gathering import Rows
from customers.queries.search import ids_called, orders_called
from customers.rules import Headline, Panel, Profile, ProfileAction
from customers.rules.attributes import shown

ROWS = 20
LOOKS = 30


def _orders(at: datetime) -> dict[str, Rows]:
    orders = Order.objects.filter(customer=OuterRef("pk")).order_by("-ordered_at", "-id")
    return {
        "orders": Rows(
            orders[:ROWS], ("id", "external_id", "status", "ordered_at", "total", "returned_total")
        )
    }


def _carts(at: datetime) -> dict[str, Rows]:
    carts = Cart.objects.filter(customer=OuterRef("pk")).order_by("-changed_at")
    return {"carts": Rows(carts[:ROWS], ("id", "item_count", "total", "state", "changed_at"))}


def _cases(at: datetime) -> dict[str, Rows]:
    cases = Case.objects.filter(customer=OuterRef("pk")).order_by("-opened_at")
    return {"cases": Rows(cases[:ROWS], ("id", "subject", "channel", "status", "opened_at"))}


def _answers(at: datetime) -> dict[str, Rows]:
    answers = SurveyAnswer.objects.filter(customer=OuterRef("pk")).order_by("-answered_at", "-id")
    return {"answers": Rows(answers[:ROWS], ("id", "score", "comment", "answered_at"))}


def _attributes(profile: Profile) -> dict[str, Any]:
    values = profile.customer.attributes
    known = [definition.as_attribute() for definition in profile.rows["attributes"]]
    return {
        "attributes": [
            (attribute.label, shown(attribute, values[attribute.code]))
            for attribute in known
            if attribute.code in values
        ],
        "is_any_declared": bool(known),
    }


def _looks(at: datetime) -> dict[str, Rows]:
    about = {"subject_type": Customer._meta.label_lower, "subject_id": OuterRef("pk")}
    shown = ("id", "at", "action", "reason", "actor__id", "actor__username", "api_key__id")
    entries = AuditEntry.objects.filter(**about).order_by("-at", "-id")
    return {"looks": Rows(entries[:LOOKS], (*shown, "api_key__name"))}


def _notes(at: datetime) -> dict[str, Rows]:
    notes = Note.objects.filter(customer=OuterRef("pk")).in_reading_order()
    shown = ("id", "text", "is_pinned", "written_at", "author__id", "author__username")
    return {"notes": Rows(notes[:ROWS], shown)}


def _shown(*names: str) -> Callable[[Profile], dict[str, Any]]:
    return lambda profile: {name: profile.rows[name] for name in names}


def _metrics(profile: Profile) -> CustomerMetrics | None:
    """Return what orders and events add up to; None for whoever has done nothing."""
    return getattr(profile.customer, "metrics", None)


def _spend(profile: Profile) -> str:
    return money(metrics.spend if (metrics := _metrics(profile)) else 0)


def _order_count(profile: Profile) -> str:
    return whole(metrics.order_count if (metrics := _metrics(profile)) else 0)


def _last_order(profile: Profile) -> str:
    last = (metrics := _metrics(profile)) and metrics.last_order_at
    return date_format(localtime(last), "SHORT_DATE_FORMAT") if last else "—"


def _average(profile: Profile) -> str:
    return money(metrics.average) if (metrics := _metrics(profile)) else ""


def _group(profile: Profile) -> str:
    metrics = _metrics(profile)
    return metrics.get_rfm_group_display() if metrics and metrics.rfm_group else ""


def _duplicates(at: datetime) -> dict[str, Rows]:
    whose = Q(first=OuterRef("pk")) | Q(second=OuterRef("pk"))
    pairs = DuplicateCandidate.objects.open().filter(whose).order_by("-score", "id")
    known = ("id", "external_id", "first_name", "last_name")
    people = (f"{side}__{name}" for side in ("first", "second") for name in known)
    return {"duplicates": Rows(pairs[:ROWS], ("id", "reasons", *people))}


def _pairs(profile: Profile) -> dict[str, Any]:
    return {
        "pairs": [
            (pair.second if pair.first.pk == profile.customer.pk else pair.first, pair.why)
            for pair in profile.rows["duplicates"]
        ]
    }


PANELS = [
    Panel(
        code="duplicates",
        title=_("Possible duplicates"),
        template="customers/panels/duplicates.html",
        context=_pairs,
        rows=_duplicates,
        order=90,
        permission="customers.view_duplicatecandidate",
    ),
    Panel(
        code="attributes",
        title=_("Attributes"),
        template="customers/panels/attributes.html",
        context=_attributes,
        rows=lambda at: attribute_rows(),
        order=5,
        permission="customers.view_attributedefinition",
    ),
    Panel(
        code="notes",
        title=_("Notes"),
        template="customers/panels/notes.html",
        context=_shown("notes"),
        rows=_notes,
        order=1,
        permission="customers.view_note",
    ),
    Panel(
        code="orders",
        title=_("Orders"),
        template="customers/panels/orders.html",
        context=_shown("orders"),
        rows=_orders,
        order=10,
        permission="customers.view_order",
        tab=ProfileTab.ORDERS,
    ),
    Panel(
        code="carts",
        title=_("Carts"),
        template="customers/panels/carts.html",
        context=_shown("carts"),
        rows=_carts,
        order=15,
        permission="customers.view_cart",
        tab=ProfileTab.ORDERS,
    ),
    Panel(
        code="cases",
        title=_("Cases"),
        template="customers/panels/cases.html",
        context=_shown("cases"),
        rows=_cases,
        order=60,
        permission="customers.view_case",
        tab=ProfileTab.CARE,
    ),
    Panel(
        code="surveys",
        title=_("Surveys"),
        template="customers/panels/surveys.html",
        context=_shown("answers"),
        rows=_answers,
        order=65,
        permission="customers.view_surveyanswer",
        tab=ProfileTab.CARE,
    ),
    Panel(
        code="looks",
        title=_("Who looked or changed something"),
        template="customers/panels/looks.html",
        context=_shown("looks"),
        rows=_looks,
        order=90,
        permission="common.view_auditentry",
        tab=ProfileTab.ACCESS,
    ),
]

HEADLINES = [
    Headline("spend", _("Spend"), _spend, order=10, permission="customers.view_order"),
    Headline("orders", _("Orders"), _order_count, order=20, permission="customers.view_order"),
    Headline("average", _("Average order"), _average, order=25, permission="customers.view_order"),
    Headline("last_order", _("Last order"), _last_order, order=30),
    Headline("group", _("RFM group"), _group, order=35, permission="customers.view_order"),
]

PROFILE_ACTIONS = [
    ProfileAction(
        code="merge",
        label=_("Merge with…"),
        url_name="admin:customers_merge_with",
        icon="merge",
        order=85,
        permission="customers.merge_customer",
        is_rare=True,
    ),
    ProfileAction(
        code="open_case",
        label=_("Open a case"),
        url_name="admin:customers_case_open",
        icon="support_agent",
        order=20,
        permission="customers.add_case",
    ),
    ProfileAction(
        code="export",
        label=_("Export"),
        url_name="admin:customers_customer_take",
        icon="download",
        order=85,
        permission="common.export_lists",
        is_rare=True,
    ),
    ProfileAction(
        code="edit",
        label=_("Edit"),
        url_name="admin:customers_customer_change",
        icon="edit",
        order=90,
        permission="customers.change_customer",
    ),
    ProfileAction(
        code="erase",
        label=_("Erase…"),
        url_name="admin:customers_customer_erase",
        icon="person_off",
        order=100,
        permission="customers.erase_customer",
        is_danger=True,
        is_rare=True,
    ),
]

SUBJECTS = [Subject(Customer, ids_called), Subject(Order, orders_called)]
