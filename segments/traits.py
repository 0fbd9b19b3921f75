"""What a rule may ask of the apps below: who somebody is, what they bought, what they allowed."""

from collections.abc import Collection
from functools import partial

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from consent.enums import Channel
from consent.queries.predicate import standing_answer
from customers.enums import (
    AttributeType,
    CartState,
    CaseStatus,
    Category,
    Gender,
    RfmGroup,
    Stage,
)
from customers.models import Cart, Case, Order, OrderLine
from customers.queries.attributes import attribute_value, attribute_values, attributes
from customers.queries.sensitivity import any_sensitive
from customers.queries.tags import known_tags
from customers.rules.attributes import Attribute
from segments.enums import TraitType
from segments.queries import interests, product_categories, values_of
from segments.rules import Filter, Rows, Trait
from segments.rules.categories import SEPARATOR

ABOUT = _("About the person")
BUYING = _("Buying")
CONTACT = _("Contact and service")


def has_product_of(paths: Collection[str]) -> Exists:
    """Keep orders with a product of one of the categories or of one below it."""
    within = Q(product__category__in=paths)
    for path in paths:
        within |= Q(product__category__startswith=path + SEPARATOR)
    return Exists(OrderLine.objects.filter(within, order=OuterRef("pk")))


def sensitive_goods(paths: str | Collection[str] | None) -> list[Category]:
    """Say what it takes to ask who bought of these categories, beside looking at purchases."""
    named = [paths] if isinstance(paths, str) else paths
    return [Category.SENSITIVE] if named and any_sensitive(named) else []


ORDERS = Rows(
    found=Order.objects.standing,
    moment="ordered_at",
    filters={
        "category": Filter(
            label=_("Of category"),
            keeps=has_product_of,
            suggest=product_categories,
            also=sensitive_goods,
        )
    },
)

TRAITS = [
    Trait(
        code="customers.last_order",
        label=_("Last order"),
        group=BUYING,
        type=TraitType.MOMENT,
        category=Category.PURCHASE,
        field="metrics__last_order_at",
    ),
    Trait(
        code="customers.first_order",
        label=_("First order"),
        group=BUYING,
        type=TraitType.MOMENT,
        category=Category.PURCHASE,
        field="metrics__first_order_at",
    ),
    Trait(
        code="customers.order_count",
        label=_("Number of orders"),
        group=BUYING,
        type=TraitType.NUMBER,
        category=Category.PURCHASE,
        field="metrics__order_count",
        if_absent=0,
    ),
    Trait(
        code="customers.spend",
        label=_("Spend"),
        group=BUYING,
        type=TraitType.MONEY,
        category=Category.PURCHASE,
        field="metrics__spend",
        rows=ORDERS,
        adds="net_total",
        if_absent=0,
    ),
    Trait(
        code="customers.average_order",
        label=_("Average order"),
        group=BUYING,
        type=TraitType.MONEY,
        category=Category.PURCHASE,
        field="metrics__average",
    ),
    Trait(
        code="customers.days_between_orders",
        label=_("Days between orders"),
        group=BUYING,
        type=TraitType.NUMBER,
        category=Category.PURCHASE,
        field="metrics__days_between_orders",
    ),
    Trait(
        code="customers.rfm_group",
        label=_("RFM group"),
        group=BUYING,
        type=TraitType.CHOICE,
        category=Category.INFERRED,
        field="metrics__rfm_group",
        choices=lambda: RfmGroup.choices,
    ),
    Trait(
        code="customers.buys",
        label=_("Buys most"),
        group=BUYING,
        type=TraitType.LIST,
        category=Category.INFERRED,
        field="metrics__buys",
        suggest=product_categories,
        also=sensitive_goods,
    ),
    Trait(
        code="customers.last_seen",
        label=_("Last seen"),
        group=CONTACT,
        type=TraitType.MOMENT,
        category=Category.BROWSING,
        field="metrics__last_seen_at",
    ),
    Trait(
        code="customers.last_open",
        label=_("Last message opened"),
        group=CONTACT,
        type=TraitType.MOMENT,
        category=Category.BROWSING,
        field="metrics__last_open_at",
    ),
    Trait(
        code="customers.last_click",
        label=_("Last link followed"),
        group=CONTACT,
        type=TraitType.MOMENT,
        category=Category.BROWSING,
        field="metrics__last_click_at",
    ),
    Trait(
        code="customers.orders",
        label=_("Ordered"),
        group=BUYING,
        type=TraitType.TIMES,
        category=Category.PURCHASE,
        rows=ORDERS,
    ),
    Trait(
        code="customers.bought",
        label=_("Category bought"),
        group=BUYING,
        type=TraitType.LIST,
        category=Category.PURCHASE,
        rows=ORDERS,
        by="category",
    ),
    Trait(
        code="customers.open_cart",
        label=_("Has an open cart"),
        group=BUYING,
        type=TraitType.YES_NO,
        category=Category.PURCHASE,
        rows=Rows(found=lambda: Cart.objects.filter(state=CartState.OPEN)),
    ),
    Trait(
        code="customers.stage",
        label=_("Stage"),
        group=BUYING,
        type=TraitType.CHOICE,
        category=Category.PURCHASE,
        field="stage",
        always_known=True,
        choices=lambda: Stage.choices,
    ),
    Trait(
        code="customers.country",
        label=_("Country"),
        group=ABOUT,
        type=TraitType.TEXT,
        category=Category.DEMOGRAPHIC,
        field="country",
        suggest=partial(values_of, "country"),
    ),
    Trait(
        code="customers.state",
        label=_("State"),
        group=ABOUT,
        type=TraitType.TEXT,
        category=Category.DEMOGRAPHIC,
        field="state",
        suggest=partial(values_of, "state"),
    ),
    Trait(
        code="customers.city",
        label=_("City"),
        group=ABOUT,
        type=TraitType.TEXT,
        category=Category.DEMOGRAPHIC,
        field="city",
        suggest=partial(values_of, "city"),
    ),
    Trait(
        code="customers.gender",
        label=_("Gender"),
        group=ABOUT,
        type=TraitType.CHOICE,
        category=Category.DEMOGRAPHIC,
        field="gender",
        choices=lambda: Gender.choices,
    ),
    Trait(
        code="customers.age",
        label=_("Age"),
        group=ABOUT,
        type=TraitType.AGE,
        category=Category.DEMOGRAPHIC,
        field="birth_date",
    ),
    Trait(
        code="customers.birthday",
        label=_("Birthday"),
        group=ABOUT,
        type=TraitType.BIRTHDAY,
        category=Category.DEMOGRAPHIC,
        field="birth_date",
    ),
    Trait(
        code="customers.interests",
        label=_("Interests"),
        group=ABOUT,
        type=TraitType.LIST,
        category=Category.DEMOGRAPHIC,
        field="interests",
        suggest=interests,
    ),
    Trait(
        code="customers.tags",
        label=_("Tags"),
        group=ABOUT,
        type=TraitType.LIST,
        category=Category.DEMOGRAPHIC,
        field="tags",
        suggest=known_tags,
    ),
    Trait(
        code="customers.registered",
        label=_("Registered"),
        group=ABOUT,
        type=TraitType.MOMENT,
        category=Category.IDENTITY,
        field="registered_at",
        always_known=True,
    ),
    Trait(
        code="customers.language",
        label=_("Language"),
        group=CONTACT,
        type=TraitType.TEXT,
        category=Category.CONTACT,
        field="language",
        suggest=partial(values_of, "language"),
    ),
    Trait(
        code="customers.open_case",
        label=_("Has an open case"),
        group=CONTACT,
        type=TraitType.YES_NO,
        category=Category.CONTACT,
        rows=Rows(found=lambda: Case.objects.filter(status=CaseStatus.OPEN)),
    ),
    Trait(
        code="consent.email",
        label=_("E-mail permission"),
        group=CONTACT,
        type=TraitType.YES_NO,
        category=Category.IDENTITY,
        field="answer_email",
        reads=standing_answer(Channel.EMAIL),
    ),
]


ATTRIBUTES = _("Attributes")
OF_TYPE = {
    AttributeType.TEXT: TraitType.TEXT,
    AttributeType.NUMBER: TraitType.NUMBER,
    AttributeType.MONEY: TraitType.MONEY,
    AttributeType.DATE: TraitType.DAY,
    AttributeType.MOMENT: TraitType.MOMENT,
    AttributeType.BOOLEAN: TraitType.YES_NO,
    AttributeType.CHOICE: TraitType.CHOICE,
    AttributeType.LIST: TraitType.LIST,
}


def attribute_traits() -> list[Trait]:
    """Return a trait for each attribute in use, in one query."""
    return [_attribute_trait(attribute) for attribute in attributes().values()]


def _attribute_trait(attribute: Attribute) -> Trait:
    words = [(word, word) for word in attribute.choices]
    has_own_words = attribute.type in {AttributeType.TEXT, AttributeType.LIST} and not words
    return Trait(
        code=f"attribute.{attribute.code}",
        label=attribute.label,
        group=ATTRIBUTES,
        type=OF_TYPE[attribute.type],
        category=attribute.category,
        # Two underscores would mean a path; codes have no capitals.
        field=f"attribute_{attribute.code.replace('_', 'X')}",
        reads=attribute_value(attribute),
        choices=(lambda: words) if words else None,
        suggest=partial(attribute_values, attribute) if has_own_words else None,
    )


TRAITS_IN_TABLES = [attribute_traits]
