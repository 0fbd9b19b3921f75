"""Redemptions: read, and rolled back after asking once more."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import (
    ChoicesDropdownFilter,
    RangeDateFilter,
    RelatedDropdownFilter,
)
from unfold.decorators import display

from campaigns.enums import RedemptionState
from campaigns.exports import REDEMPTIONS
from campaigns.models import Redemption, RedemptionLine
from campaigns.operations.redemptions import roll_back
from common.admin import PeopleList, ReadOnlyAdmin
from common.operations import audit
from common.staff import signed_in
from common.templatetags.clientela import money
from customers.admin.about import AboutCustomer


class RedemptionLineInline(TabularInline):
    model = RedemptionLine
    fields = ("sku", "total", "discount")
    readonly_fields = fields
    extra = 0
    hide_title = True
    can_delete = False
    verbose_name_plural = _("articles")

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(Redemption)
class RedemptionAdmin(AboutCustomer, PeopleList, ReadOnlyAdmin):
    nothing_yet = _("The checkout tells here which voucher was used on which order.")
    export_table = REDEMPTIONS
    list_display = (
        "order_reference",
        "show_customer",
        "offer",
        "show_cart_total",
        "show_discount",
        "show_state",
        "redeemed_at",
        "note",
    )
    list_select_related = ("customer", "offer")
    list_filter = (
        ("state", ChoicesDropdownFilter),
        ("offer", RelatedDropdownFilter),
        ("redeemed_at", RangeDateFilter),
    )
    search_fields = ("order_reference__exact",)
    search_help_text = _("Order number")
    ordering = ("-redeemed_at", "-id")
    fields = (
        ("order_reference", "show_customer"),
        ("offer", "voucher"),
        ("show_cart_total", "show_discount"),
        ("state", "redeemed_at", "rolled_back_at"),
        "note",
    )
    inlines = (RedemptionLineInline,)
    change_form_outer_before_template = "campaigns/redemption_acts.html"

    @display(description=_("cart"), ordering="cart_total")
    def show_cart_total(self, redemption: Redemption) -> str:
        return money(redemption.cart_total)

    @display(description=_("discount"), ordering="discount")
    def show_discount(self, redemption: Redemption) -> str:
        return money(redemption.discount)

    @display(
        description=_("State"),
        label={RedemptionState.REDEEMED: "success", RedemptionState.ROLLED_BACK: "warning"},
    )
    def show_state(self, redemption: Redemption) -> tuple[str, str]:
        return redemption.state, redemption.get_state_display()

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.roll_back_page)
        return [
            path("<int:pk>/roll-back/", view, name="campaigns_redemption_roll_back"),
            *super().get_urls(),
        ]

    def roll_back_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not request.user.has_perm("campaigns.change_redemption"):
            raise PermissionDenied
        redemption = get_object_or_404(Redemption.objects.select_related("offer"), pk=pk)
        if request.method == "POST":
            at = now()
            with transaction.atomic():
                roll_back(redemption, at=at)
                audit("redemption.rolled_back", redemption, at=at, by=signed_in(request))
            messages.success(request, _("The redemption is rolled back; the code works again."))
            return redirect("admin:campaigns_redemption_change", pk)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Roll back this redemption?"),
            "redemption": redemption,
        }
        return TemplateResponse(request, "campaigns/redemption_roll_back.html", context)
