from decimal import Decimal
from typing import Self

from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Round
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from customers.enums import STANDING, CartState, OrderStatus
from customers.models.imports import ImportJob
from customers.models.profile import Customer


class Product(models.Model):
    """Something sold; ``category`` is a path from wide to narrow: ``Grocery > Dairy > Milk``.

    ``sensitive``, whether buying it says something that many keep to themselves, is set by the
    database whenever a product is written; what a staff member or the lexicon says later, by
    ``customers.operations.sensitivity``.
    """

    sku = models.CharField(_("SKU"), max_length=64, unique=True)
    name = models.CharField(_("name"), max_length=200)
    category = models.CharField(_("category"), max_length=200, blank=True)
    price = models.DecimalField(_("price"), max_digits=14, decimal_places=2, null=True, blank=True)
    sensitive = models.BooleanField(
        _("sensitive"), default=False, db_default=False, editable=False
    )

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        indexes = [
            # A category is asked for with everything below it: LIKE 'Grocery > Dairy%'.
            models.Index(
                OpClass(F("category"), name="varchar_pattern_ops"), name="product_by_category"
            ),
            models.Index(
                fields=["id"], name="product_that_is_sensitive", condition=Q(sensitive=True)
            ),
        ]

    def __str__(self) -> str:
        return self.name


class OrderQuerySet(models.QuerySet["Order"]):
    def standing(self) -> Self:
        """Return the orders that count, each with its ``net_total``."""
        return self.filter(status__in=STANDING)


class Order(models.Model):
    """What was bought together.

    ``total`` is what was paid after ``discount``, ``returned_total`` what of it was given back
    for the lines that came back, and ``net_total`` what stands: all sums over orders add that.
    ``revision`` counts how often the order was changed.
    """

    external_id = models.CharField(_("order number"), max_length=64, unique=True)
    customer = models.ForeignKey(
        Customer,
        models.PROTECT,
        related_name="orders",
        # order_of_customer leads with it; of two such indexes the planner takes the unsorted one.
        db_index=False,
        verbose_name=_("customer"),
    )
    ordered_at = models.DateTimeField(_("ordered at"))
    status = models.CharField(
        _("status"), max_length=20, choices=OrderStatus, default=OrderStatus.PLACED
    )
    total = models.DecimalField(_("total"), max_digits=14, decimal_places=2)
    returned_total = models.DecimalField(
        _("given back"), max_digits=14, decimal_places=2, default=0, db_default=0
    )
    # Generated, so that no writer can forget it.
    net_total = models.GeneratedField(
        verbose_name=_("stands"),
        expression=Case(
            When(status__in=STANDING, then=F("total") - F("returned_total")),
            default=Value(Decimal(0)),
        ),
        output_field=models.DecimalField(max_digits=14, decimal_places=2),
        db_persist=True,
    )
    discount = models.DecimalField(_("discount"), max_digits=14, decimal_places=2, default=0)
    store = models.CharField(_("store"), max_length=64, blank=True)
    revision = models.PositiveIntegerField(default=1, db_default=1, editable=False)
    created_at = models.DateTimeField(default=now, editable=False)
    updated_at = models.DateTimeField(default=now, editable=False)
    imported_by = models.ForeignKey(
        ImportJob,
        models.SET_NULL,
        null=True,
        editable=False,
        # order_of_import leads with it.
        db_index=False,
        # As with Customer.imported_by.
        db_constraint=False,
    )

    objects = OrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        constraints = [
            models.CheckConstraint(
                condition=Q(total__gte=0, discount__gte=0),
                name="order_amounts_are_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(returned_total__gte=0, returned_total__lte=F("total")),
                name="order_gives_back_no_more_than_was_paid",
            ),
        ]
        indexes = [
            models.Index(
                fields=["customer", "-ordered_at"],
                include=["net_total", "status"],
                name="order_of_customer",
            ),
            # With it, segments find who bought in a period, and for how much, in no other page.
            models.Index(
                fields=["-ordered_at", "-id"],
                include=["customer", "status", "net_total"],
                name="order_newest_first",
            ),
            # The points of a file of orders are settled in the order of their ids.
            models.Index(
                fields=["imported_by", "id"],
                condition=Q(imported_by__isnull=False),
                name="order_of_import",
            ),
        ]

    def __str__(self) -> str:
        return self.external_id


class OrderLine(models.Model):
    order = models.ForeignKey(
        Order,
        models.CASCADE,
        related_name="lines",
        # order_line_once_per_number leads with it.
        db_index=False,
    )
    number = models.PositiveIntegerField(_("line"))
    product = models.ForeignKey(
        Product,
        models.PROTECT,
        # line_of_product leads with it.
        db_index=False,
        verbose_name=_("product"),
    )
    quantity = models.DecimalField(_("quantity"), max_digits=12, decimal_places=3)
    returned_quantity = models.DecimalField(
        _("returned"), max_digits=12, decimal_places=3, default=0, db_default=0
    )
    total = models.DecimalField(_("total"), max_digits=14, decimal_places=2)
    discount = models.DecimalField(_("discount"), max_digits=14, decimal_places=2, default=0)
    # As customers.rules.returns.worth says; the last unit takes what rounding left over.
    returned_total = models.GeneratedField(
        verbose_name=_("given back"),
        expression=Case(
            When(
                quantity__gt=0,
                then=Round(F("total") * F("returned_quantity") / F("quantity"), precision=2),
            ),
            default=Value(Decimal(0)),
        ),
        output_field=models.DecimalField(max_digits=14, decimal_places=2),
        db_persist=True,
    )

    class Meta:
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")
        indexes = [
            # Which orders had something of a category, by the index alone.
            models.Index(fields=["product", "order"], name="line_of_product"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["order", "number"], name="order_line_once_per_number"),
            models.CheckConstraint(
                condition=Q(returned_quantity__gte=0, returned_quantity__lte=F("quantity")),
                name="order_line_returns_no_more_than_was_bought",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_id}/{self.number}"


class Cart(models.Model):
    """What somebody put together and has not paid."""

    external_id = models.CharField(_("cart number"), max_length=64, unique=True)
    customer = models.ForeignKey(
        Customer,
        models.PROTECT,
        related_name="carts",
        db_index=False,
        verbose_name=_("customer"),
    )
    state = models.CharField(_("state"), max_length=9, choices=CartState, default=CartState.OPEN)
    total = models.DecimalField(_("total"), max_digits=14, decimal_places=2)
    item_count = models.PositiveIntegerField(_("items"), default=0)
    changed_at = models.DateTimeField(_("changed at"))
    imported_by = models.ForeignKey(
        ImportJob,
        models.SET_NULL,
        null=True,
        editable=False,
        # As with Customer.imported_by.
        db_constraint=False,
    )

    class Meta:
        verbose_name = _("cart")
        verbose_name_plural = _("carts")
        indexes = [
            models.Index(fields=["customer", "-changed_at"], name="cart_of_customer"),
            models.Index(
                fields=["changed_at"], name="open_cart_by_age", condition=Q(state="open")
            ),
        ]

    def __str__(self) -> str:
        return self.external_id
