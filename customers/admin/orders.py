"""Orders, carts and products, as the shop told them: to read."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import ChoicesDropdownFilter, FieldTextFilter, RangeDateFilter
from unfold.decorators import display

from common.admin import PeopleList, ReadOnlyAdmin
from common.templatetags.clientela import money
from customers.exports import CARTS, ORDERS, PRODUCTS, SURVEY_ANSWERS
from customers.models import Cart, Order, OrderLine, Product, SurveyAnswer


class LineInline(TabularInline):
    model = OrderLine
    extra = 0
    can_delete = False
    fields = readonly_fields = ("number", "product", "quantity", "total", "discount")
    ordering = ("number",)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Order)
class OrderAdmin(PeopleList, ReadOnlyAdmin):
    export_table = ORDERS
    list_display = ("external_id", "customer", "ordered_at", "show_total", "show_status")
    list_select_related = ("customer",)
    list_filter = (("status", ChoicesDropdownFilter), ("ordered_at", RangeDateFilter))
    search_fields = ("external_id__exact",)
    search_help_text = _("Order number")
    ordering = ("-ordered_at", "-id")
    inlines = (LineInline,)
    fields = readonly_fields = (
        "external_id",
        "customer",
        "ordered_at",
        "status",
        "total",
        "discount",
        "store",
    )

    @display(description=_("Total"), ordering="total")
    def show_total(self, order: Order) -> str:
        return money(order.total)

    @display(
        description=_("Status"),
        label={"placed": "success", "cancelled": "warning", "returned": "danger"},
    )
    def show_status(self, order: Order) -> tuple[str, str]:
        return order.status, order.get_status_display()


@admin.register(Product)
class ProductAdmin(ReadOnlyAdmin):
    export_table = PRODUCTS
    list_display = ("name", "sku", "category", "show_price")
    list_filter = (("category", FieldTextFilter),)
    search_fields = ("sku__exact", "name__istartswith")
    ordering = ("name", "id")

    @display(description=_("Price"), ordering="price")
    def show_price(self, product: Product) -> str:
        return money(product.price)


@admin.register(SurveyAnswer)
class SurveyAnswerAdmin(PeopleList, ReadOnlyAdmin):
    export_table = SURVEY_ANSWERS
    list_display = ("score", "customer", "survey", "comment", "answered_at")
    list_select_related = ("customer",)
    list_filter = ("score", ("answered_at", RangeDateFilter))
    ordering = ("-answered_at", "-id")
    fields = readonly_fields = ("score", "customer", "survey", "comment", "answered_at")


@admin.register(Cart)
class CartAdmin(PeopleList, ReadOnlyAdmin):
    export_table = CARTS
    list_display = ("external_id", "customer", "state", "item_count", "show_total", "changed_at")
    list_select_related = ("customer",)
    list_filter = (("state", ChoicesDropdownFilter),)
    ordering = ("-changed_at", "-id")

    @display(description=_("Total"), ordering="total")
    def show_total(self, cart: Cart) -> str:
        return money(cart.total)
