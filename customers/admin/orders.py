"""Orders, carts and products, as the shop told them: to read; of orders, what comes back."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import ChoicesDropdownFilter, FieldTextFilter, RangeDateFilter
from unfold.decorators import display

from common.admin import PeopleList, ReadOnlyAdmin
from common.discovery import declared
from common.errors import DomainError
from common.operations import audit
from common.staff import signed_in
from common.templatetags.clientela import money, quantity
from customers.admin.about import AboutCustomer
from customers.enums import OrderStatus
from customers.exports import CARTS, ORDERS, PRODUCTS, SURVEY_ANSWERS
from customers.forms import ReturnForm
from customers.models import Cart, Order, OrderLine, Product, SurveyAnswer
from customers.operations.orders import (
    Returned,
    after_return,
    cancel_order,
    facts_of,
    return_lines,
)


class LineInline(TabularInline):
    model = OrderLine
    extra = 0
    can_delete = False
    fields = readonly_fields = (
        *("number", "product", "show_quantity", "show_total", "show_discount"),
        *("show_returned", "show_given_back"),
    )
    ordering = ("number",)
    hide_title = True
    verbose_name_plural = _("lines")

    def get_queryset(self, request: HttpRequest) -> QuerySet[OrderLine]:
        return super().get_queryset(request).select_related("product")

    @display(description=_("Quantity"))
    def show_quantity(self, line: OrderLine) -> str:
        return quantity(line.quantity)

    @display(description=_("Total"))
    def show_total(self, line: OrderLine) -> str:
        return money(line.total)

    @display(description=_("Discount"))
    def show_discount(self, line: OrderLine) -> str:
        return money(line.discount) if line.discount else "—"

    @display(description=_("Came back"))
    def show_returned(self, line: OrderLine) -> str:
        return quantity(line.returned_quantity) if line.returned_quantity else "—"

    @display(description=_("Given back"))
    def show_given_back(self, line: OrderLine) -> str:
        return money(line.returned_total) if line.returned_quantity else "—"

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Order)
class OrderAdmin(AboutCustomer, PeopleList, ReadOnlyAdmin):
    nothing_yet = _("Orders come in by file or from the shop through the API.")
    export_table = ORDERS
    list_display = ("external_id", "show_customer", "ordered_at", "show_total", "show_status")
    list_select_related = ("customer",)
    list_filter = (("status", ChoicesDropdownFilter), ("ordered_at", RangeDateFilter))
    search_fields = ("external_id__exact",)
    search_help_text = _("Order number")
    ordering = ("-ordered_at", "-id")
    inlines = (LineInline,)
    fields = (
        ("external_id", "show_customer"),
        ("ordered_at", "store"),
        ("show_total", "show_discount"),
        ("show_given_back", "show_stands"),
    )
    readonly_fields = (
        *("external_id", "show_customer", "ordered_at", "store", "show_total", "show_discount"),
        *("show_given_back", "show_stands"),
    )
    change_form_outer_before_template = "customers/order_acts.html"

    @display(description=_("Total"), ordering="total")
    def show_total(self, order: Order) -> str:
        return money(order.total)

    @display(description=_("Discount"))
    def show_discount(self, order: Order) -> str:
        return money(order.discount)

    @display(description=_("Given back"))
    def show_given_back(self, order: Order) -> str:
        return money(order.returned_total)

    @display(description=_("Stands"))
    def show_stands(self, order: Order) -> str:
        return money(order.net_total)

    @display(
        description=_("Status"),
        label={
            OrderStatus.PLACED: "success",
            OrderStatus.PARTIALLY_RETURNED: "warning",
            OrderStatus.RETURNED: "danger",
            OrderStatus.CANCELLED: "danger",
        },
    )
    def show_status(self, order: Order) -> tuple[str, str]:
        return order.status, order.get_status_display()

    def get_urls(self) -> list[URLPattern]:
        back, off = map(self.admin_site.admin_view, (self.return_page, self.cancel_page))
        return [
            path("<int:pk>/return/", back, name="customers_order_return"),
            path("<int:pk>/cancel/", off, name="customers_order_cancel"),
            *super().get_urls(),
        ]

    def return_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask how much of which line comes back, show what that does, and then do it."""
        order = _order_to_change(request, pk)
        lines = order.lines.select_related("product").order_by("number")
        form = ReturnForm(request.POST or None, lines=list(lines))
        seen: dict[str, Any] = {}
        if form.is_valid():
            try:
                # Nobody records what they were not shown.
                if request.POST.get("seen") == str(form.returned):
                    return self._returned(request, order, form.returned)
                after = after_return(facts_of(order), form.returned)
                effects = _effects(request, order, after.net_total)
                seen = {"seen": str(form.returned), "effects": effects}
            except DomainError as refusal:
                form.add_error(None, refusal.message)
        context = {
            **self.admin_site.each_context(request),
            "title": _("What comes back?"),
            "order": order,
            "form": form,
            "reference": request.POST.get("reference") or uuid4().hex,
            **seen,
        }
        return TemplateResponse(request, "customers/order_return.html", context)

    def _returned(
        self, request: HttpRequest, order: Order, returned: Sequence[Returned]
    ) -> HttpResponse:
        # The form's own reference makes a double click one return.
        at, reference = now(), request.POST.get("reference", "")[:64] or uuid4().hex
        with transaction.atomic():
            return_lines(order, returned=returned, reference=reference, at=at)
            audit("customers.order_lines_returned", order.customer, at=at, by=signed_in(request))
        messages.success(request, _("The return is recorded."))
        return redirect("admin:customers_order_change", order.pk)

    def cancel_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show what the cancellation does, and do it when asked once more."""
        order = _order_to_change(request, pk)
        if request.method == "POST":
            try:
                self._cancel(request, order)
            except DomainError as refusal:
                messages.error(request, refusal.message)
            return redirect("admin:customers_order_change", pk)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Cancel this order?"),
            "order": order,
            "effects": _effects(request, order, Decimal(0)),
        }
        return TemplateResponse(request, "customers/order_cancel.html", context)

    def _cancel(self, request: HttpRequest, order: Order) -> None:
        at = now()
        with transaction.atomic():
            cancel_order(order, at=at)
            audit("customers.order_cancelled", order.customer, at=at, by=signed_in(request))
        messages.success(request, _("The order is cancelled."))


def _order_to_change(request: HttpRequest, pk: int) -> Order:
    if not request.user.has_perm("customers.change_order"):
        raise PermissionDenied
    orders = Order.objects.select_related("customer").filter(customer__erased_at=None)
    return get_object_or_404(orders, pk=pk)


def _effects(request: HttpRequest, order: Order, net_total: Decimal) -> list[str]:
    """Say what happens when no more than ``net_total`` of the order stands."""
    amounts = {"amount": money(order.net_total - net_total), "rest": money(net_total)}
    stands = _("%(amount)s to give back; %(rest)s of the order stand.") % amounts
    others = [
        effect.says(order, net_total)
        for effect in declared("panels", "ORDER_EFFECTS")
        if request.user.has_perm(effect.permission)
    ]
    return [stands, *filter(None, others)]


@admin.register(Product)
class ProductAdmin(ReadOnlyAdmin):
    nothing_yet = _("Products come in by file. Bring them before the orders that name them.")
    export_table = PRODUCTS
    list_display = ("name", "sku", "category", "show_price")
    list_filter = (("category", FieldTextFilter),)
    search_fields = ("sku__exact", "name__istartswith")
    search_help_text = _("SKU, or how the name begins")
    ordering = ("name", "id")

    @display(description=_("Price"), ordering="price")
    def show_price(self, product: Product) -> str:
        return money(product.price)


@admin.register(SurveyAnswer)
class SurveyAnswerAdmin(AboutCustomer, PeopleList, ReadOnlyAdmin):
    nothing_yet = _(
        "How likely customers are to recommend you, from 0 to 10. The survey tool tells the "
        "answers through the API."
    )
    export_table = SURVEY_ANSWERS
    list_display = ("score", "show_customer", "survey", "comment", "answered_at")
    list_select_related = ("customer",)
    list_filter = ("score", ("answered_at", RangeDateFilter))
    ordering = ("-id",)
    fields = readonly_fields = ("score", "show_customer", "survey", "comment", "answered_at")


@admin.register(Cart)
class CartAdmin(AboutCustomer, PeopleList, ReadOnlyAdmin):
    nothing_yet = _("The shop's site tells carts as they are filled.")
    export_table = CARTS
    list_display = (
        "external_id",
        "show_customer",
        "state",
        "item_count",
        "show_total",
        "changed_at",
    )
    list_select_related = ("customer",)
    list_filter = (("state", ChoicesDropdownFilter),)
    ordering = ("-id",)

    @display(description=_("Total"), ordering="total")
    def show_total(self, cart: Cart) -> str:
        return money(cart.total)
