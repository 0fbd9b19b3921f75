"""The files of customers, and of what they bought, said and had to complain about."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import partial
from json import dumps
from typing import Any
from uuid import UUID

from django.contrib.admin.utils import get_fields_from_path
from django.db.models import Model
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.exports import Cell, Column, Table, Veil
from customers.catalogue import categories_of
from customers.enums import AttributeType
from customers.models import (
    AttributeDefinition,
    Cart,
    Case,
    Customer,
    CustomerMetrics,
    Event,
    ImportJob,
    Order,
    Product,
    SurveyAnswer,
    WebhookDelivery,
    WebhookSubscription,
)
from customers.operations.imports import file_kinds
from customers.queries.attributes import attributes
from customers.queries.gates import withheld_from_programs
from customers.queries.history import describe
from customers.queries.timeline import all_kinds
from customers.rules import EventKind
from customers.rules.attributes import Attribute
from customers.rules.webhooks import shown_details


def full_name(first: str | None, last: str | None) -> str:
    return f"{first or ''} {last or ''}".strip()


def of_customer(path: str = "customer") -> tuple[str | Column, str | Column]:
    """Return the columns that say whom a row is about: the shop's number, and the name."""
    names = (f"{path}__first_name", f"{path}__last_name")
    return f"{path}__external_id", Column(_("customer"), names, full_name)


def _attributes() -> list[Column]:
    """Return a column for every attribute that the shop declared."""
    return [
        Column(attribute.label, ("attributes",), partial(_value, attribute), attribute.category)
        for attribute in attributes().values()
    ]


def _value(attribute: Attribute, told: dict[str, Any]) -> Cell:
    value = told.get(attribute.code)
    match attribute.type, value:
        case _, None:
            return None
        case AttributeType.DATE, _:
            return date.fromisoformat(value)
        case AttributeType.MOMENT, _:
            return datetime.fromisoformat(value)
        case AttributeType.BOOLEAN, _:
            return gettext("Yes") if value else gettext("No")
        case AttributeType.LIST, _:
            return " | ".join(value)
    return value


# The fields first that an import takes, so that the file can be brought in again.
CUSTOMERS = Table(
    Customer,
    (
        "external_id", "first_name", "last_name", "email", "phone", "birth_date", "gender",
        "language", "timezone", "country", "state", "city", "postal_code", "stage", "interests",
        "tags", "tax_id", "registered_at",
        "metrics__order_count", "metrics__spend", "metrics__first_order_at",
        "metrics__last_order_at", "metrics__average", "metrics__days_between_orders",
        "metrics__last_seen_at", "metrics__rfm_group", "metrics__buys",
        "metrics__year_spend", "metrics__growth_potential",
    ),
    more=_attributes,
)  # fmt: skip

ORDERS = Table(
    Order,
    (
        *("external_id", *of_customer(), "ordered_at", "status", "total", "discount"),
        *("returned_total", "net_total", "store"),
    ),
)
PRODUCTS = Table(Product, ("sku", "name", "category", "price"), personal=False)
CARTS = Table(Cart, ("external_id", *of_customer(), "state", "item_count", "total", "changed_at"))
CASES = Table(
    Case,
    (
        Column(_("Case number"), ("reference",)), *of_customer(), "channel", "subject", "text",
        "status", "agent__username", "opened_at", "resolved_at", "resolution",
    ),
)  # fmt: skip
SURVEY_ANSWERS = Table(SurveyAnswer, (*of_customer(), "survey", "score", "comment", "answered_at"))


ATTRIBUTES = Table(
    AttributeDefinition,
    ("code", "label", "type", "choices", "category", "created_at", "retired_at"),
    personal=False,
)


def _happenings() -> list[Column]:
    """Return what an event is and says in words, and in the details a program would read."""
    kinds = all_kinds()
    return [
        Column(_("Kind"), ("kind",), partial(_kind_of_event, kinds)),
        Column(_("What happened"), ("kind", "data"), partial(_sentence, kinds)),
        Column(_("Details"), ("data",), _details),
    ]


def _kind_of_event(kinds: Mapping[str, EventKind], code: str) -> str:
    return str(kinds[code].label) if code in kinds else code


def _sentence(kinds: Mapping[str, EventKind], code: str, data: dict[str, Any]) -> str:
    return describe(kinds[code], data) if code in kinds else code


def _details(data: dict[str, Any]) -> str:
    return dumps(shown_details(data), ensure_ascii=False)


TIMELINE = Table(Event, (*of_customer(), "occurred_at", "recorded_at"), more=_happenings)

WEBHOOKS = Table(
    WebhookSubscription,
    (
        "name", "url", "all_kinds", "kinds", "content", "is_active", "disabled_reason",
        "last_success_at", "failing_since",
    ),
    personal=False,
)  # fmt: skip


def _webhook_id(message: UUID) -> str:
    return f"msg_{message.hex}"


DELIVERIES = Table(
    WebhookDelivery,
    (
        "subscription__name", Column(_("Number"), ("message",), _webhook_id), "kind", "state",
        "tries", "created_at", "next_try_at", "delivered_at", "last_outcome", "last_status",
        "last_seconds",
    ),
    personal=False,
)  # fmt: skip


def _kind(code: str) -> str:
    return str(file_kinds()[code].label)


IMPORTS = Table(
    ImportJob,
    (
        "file_name", Column(_("kind of file"), ("kind",), _kind), "state", "row_count",
        "created_count", "updated_count", "unchanged_count", "rejected_count",
        "created_by__username", "created_at", "started_at", "finished_at",
    ),
    personal=False,
)  # fmt: skip

# What a column tells of its customer; the shop's number is what a row is called by.
KINDS = {
    model: {name: kind for name, kind in categories_of(model).items() if name != "external_id"}
    for model in (Customer, CustomerMetrics)
}


def withheld_in(table: Table) -> Veil | None:
    """Return what programs are not told of the customers in this file, as in lists of JSON."""
    if table.model is Customer:
        person = "pk"
    elif names := [it.name for it in table.model._meta.fields if it.related_model is Customer]:
        person = names[0]
    else:
        return None
    return Veil(person, partial(_kind_of_column, table.model), withheld_from_programs)


def _kind_of_column(model: type[Model], column: Column) -> str | None:
    field: Any = get_fields_from_path(model, column.reads[0])[-1]
    return column.kind or KINDS.get(field.model, {}).get(field.name)


VEILS = [withheld_in]
