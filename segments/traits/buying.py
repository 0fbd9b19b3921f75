"""What somebody bought."""

from collections.abc import Collection
from datetime import datetime
from functools import partial

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from customers.enums import STANDING, CartState, Category, RfmGroup, Stage
from customers.models import Cart, Order, OrderLine
from customers.queries.sensitivity import any_sensitive, any_sensitive_named, sensitive_among
from segments.enums import TraitType
from segments.queries.suggesting import known_values, product_categories, product_names, skus
from segments.rules import Detail, Rows, Trait
from segments.rules.categories import SEPARATOR

BUYING = _("Buying")


def has_product_of(paths: Collection[str]) -> Exists:
    """Keep orders with a product of one of the categories or of one below it."""
    return _has_line(is_of(paths))


def has_product_called(skus: Collection[str]) -> Exists:
    return _has_line(is_called(skus))


def is_of(paths: Collection[str]) -> Q:
    """Keep lines of goods of one of the categories or of one below it."""
    within = Q(product__category__in=paths)
    for path in paths:
        within |= Q(product__category__startswith=path + SEPARATOR)
    return within


def is_called(skus: Collection[str]) -> Q:
    return Q(product__sku__in=skus)


def sensitive_goods(paths: str | Collection[str] | None) -> list[Category]:
    """Say what it takes to ask who bought of these categories, beside looking at purchases."""
    named = [paths] if isinstance(paths, str) else paths
    return [Category.SENSITIVE] if named and any_sensitive(named) else []


def sensitive_names(names: str | Collection[str] | None) -> list[Category]:
    """Say what it takes to ask for goods by their numbers or by words."""
    named = [names] if isinstance(names, str) else names
    return [Category.SENSITIVE] if named and sensitive_among(named) else []


def sensitive_words(words: str | Collection[str] | None) -> list[Category]:
    """Say what it takes to ask for goods by words, or parts of words, of their names."""
    named = [words] if isinstance(words, str) else words
    return [Category.SENSITIVE] if named and any_sensitive_named(named) else []


def _has_line(condition: Q) -> Exists:
    return Exists(OrderLine.objects.filter(condition, order=OuterRef("pk")))


def _orders(at: datetime) -> QuerySet[Order]:
    return Order.objects.standing()


def _goods(at: datetime) -> QuerySet[OrderLine]:
    """Return what was bought and kept, line by line."""
    standing = OrderLine.objects.filter(order__status__in=STANDING)
    kept = standing.exclude(returned_quantity__gt=0, returned_quantity=F("quantity"))
    return kept.annotate(customer=F("order__customer_id"))


def _open_carts(at: datetime) -> QuerySet[Cart]:
    return Cart.objects.filter(state=CartState.OPEN)


ORDERS = Rows(
    found=_orders,
    moment="ordered_at",
    label=_("orders"),
    details={
        "category": Detail(
            _("Category"),
            keeps=has_product_of,
            suggest=product_categories,
            also=sensitive_goods,
        ),
        "sku": Detail(
            _("Product (SKU)"), keeps=has_product_called, suggest=skus, also=sensitive_names
        ),
        "store": Detail(_("Store"), field="store", suggest=partial(known_values, Order, "store")),
        "amount": Detail(_("Amount"), TraitType.MONEY, field="net_total"),
        "discount": Detail(_("Discount"), TraitType.MONEY, field="discount"),
    },
)
GOODS = Rows(
    found=_goods,
    owner="order__customer",
    moment="order__ordered_at",
    label=_("goods bought"),
    details={
        "category": Detail(
            _("Category"), keeps=is_of, suggest=product_categories, also=sensitive_goods
        ),
        "sku": Detail(_("Product (SKU)"), keeps=is_called, suggest=skus, also=sensitive_names),
        "product": Detail(
            _("Product"),
            field="product__name",
            suggest=product_names,
            also=sensitive_words,
            is_measured=False,
        ),
        "amount": Detail(
            _("Amount"),
            TraitType.MONEY,
            field="amount_kept",
            reads=F("total") - F("returned_total"),
        ),
        "quantity": Detail(
            _("Quantity"),
            TraitType.NUMBER,
            field="quantity_kept",
            reads=F("quantity") - F("returned_quantity"),
        ),
        "store": Detail(
            _("Store"), field="order__store", suggest=partial(known_values, Order, "store")
        ),
    },
)
CARTS = Rows(
    found=_open_carts,
    moment="changed_at",
    label=_("carts"),
    details={
        "amount": Detail(_("Amount"), TraitType.MONEY, field="total"),
        "items": Detail(_("Items"), TraitType.NUMBER, field="item_count", is_whole=True),
    },
)


TRAITS = [
    Trait(
        code="customers.last_order",
        label=_("Last order"),
        group=BUYING,
        type=TraitType.MOMENT,
        category=Category.PURCHASE,
        words=_("inactive lapsed recency purchase"),
        field="metrics__last_order_at",
        flat="last_order_at",
    ),
    Trait(
        code="customers.first_order",
        label=_("First order"),
        group=BUYING,
        type=TraitType.MOMENT,
        category=Category.PURCHASE,
        field="metrics__first_order_at",
        flat="first_order_at",
    ),
    Trait(
        code="customers.order_count",
        label=_("Number of orders"),
        group=BUYING,
        type=TraitType.NUMBER,
        category=Category.PURCHASE,
        field="metrics__order_count",
        flat="order_count",
        is_whole=True,
        if_absent=0,
    ),
    Trait(
        code="customers.spend",
        label=_("Spend"),
        group=BUYING,
        type=TraitType.MONEY,
        category=Category.PURCHASE,
        words=_("revenue money lifetime value"),
        field="metrics__spend",
        flat="spend",
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
        flat="average",
    ),
    Trait(
        code="customers.days_between_orders",
        label=_("Days between orders"),
        group=BUYING,
        type=TraitType.NUMBER,
        category=Category.PURCHASE,
        field="metrics__days_between_orders",
        flat="days_between_orders",
    ),
    Trait(
        code="customers.rfm_group",
        label=_("RFM group"),
        group=BUYING,
        type=TraitType.CHOICE,
        category=Category.INFERRED,
        field="metrics__rfm_group",
        flat="rfm_group",
        choices=lambda: RfmGroup.choices,
    ),
    Trait(
        code="customers.recency_score",
        label=_("RFM: recency score"),
        group=BUYING,
        type=TraitType.NUMBER,
        category=Category.INFERRED,
        field="metrics__recency_score",
        is_whole=True,
    ),
    Trait(
        code="customers.frequency_score",
        label=_("RFM: frequency score"),
        group=BUYING,
        type=TraitType.NUMBER,
        category=Category.INFERRED,
        field="metrics__frequency_score",
        is_whole=True,
    ),
    Trait(
        code="customers.monetary_score",
        label=_("RFM: monetary score"),
        group=BUYING,
        type=TraitType.NUMBER,
        category=Category.INFERRED,
        field="metrics__monetary_score",
        is_whole=True,
    ),
    Trait(
        code="customers.year_spend",
        label=_("Spend in 12 months"),
        group=BUYING,
        type=TraitType.MONEY,
        category=Category.PURCHASE,
        field="metrics__year_spend",
    ),
    # What the best of similar customers spend more in a year.
    Trait(
        code="customers.growth_potential",
        label=_("Growth potential"),
        group=BUYING,
        type=TraitType.MONEY,
        category=Category.INFERRED,
        field="metrics__growth_potential",
    ),
    # Of what they would spend in a year, were they of the best: 0.5 where it would be twice.
    Trait(
        code="customers.growth_share",
        label=_("Growth potential as a share (0 to 1)"),
        group=BUYING,
        type=TraitType.NUMBER,
        category=Category.INFERRED,
        field="metrics__growth_share",
    ),
    Trait(
        code="customers.buys",
        label=_("Buys most"),
        group=BUYING,
        type=TraitType.LIST,
        category=Category.INFERRED,
        field="metrics__buys",
        flat="buys",
        suggest=product_categories,
        also=sensitive_goods,
    ),
    Trait(
        code="customers.orders",
        label=_("Ordered"),
        group=BUYING,
        type=TraitType.TIMES,
        category=Category.PURCHASE,
        words=_("purchases bought"),
        rows=ORDERS,
    ),
    Trait(
        code="customers.goods",
        label=_("Bought goods"),
        group=BUYING,
        type=TraitType.TIMES,
        category=Category.PURCHASE,
        words=_("products items lines quantity"),
        rows=GOODS,
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
        rows=Rows(found=_open_carts),
    ),
    Trait(
        code="customers.stage",
        label=_("Stage"),
        group=BUYING,
        type=TraitType.CHOICE,
        category=Category.PURCHASE,
        field="stage",
        flat="stage",
        always_known=True,
        choices=lambda: Stage.choices,
    ),
    Trait(
        code="customers.carts",
        label=_("Left a cart open"),
        group=BUYING,
        type=TraitType.TIMES,
        category=Category.PURCHASE,
        rows=CARTS,
    ),
]
