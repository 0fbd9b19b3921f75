"""Vouchers: listed by their ending; a code is shown on request, and that is written down."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateFilter, RelatedDropdownFilter
from unfold.decorators import display

from campaigns.models import Voucher
from campaigns.operations.vouchers import show_code, void
from campaigns.queries.vouchers import find_by_code
from common.admin import ReadOnlyAdmin
from common.staff import signed_in


@admin.register(Voucher)
class VoucherAdmin(ReadOnlyAdmin):
    list_display = (
        "show_ending",
        "offer",
        "customer",
        "amount",
        "show_state",
        "last_day",
        "issued_at",
    )
    list_select_related = ("offer", "customer")
    list_filter = (("offer", RelatedDropdownFilter), ("issued_at", RangeDateFilter))
    search_fields = ("code_ending",)
    search_help_text = _("The whole code, or its last four symbols")
    ordering = ("-id",)
    fields = (
        ("show_ending", "show_state"),
        ("offer", "customer"),
        ("amount", "issued_at"),
        ("valid_from", "last_day"),
        ("use_limit", "use_count", "voided_at"),
    )
    change_form_outer_before_template = "campaigns/voucher_acts.html"

    @display(description=_("Code ends in"))
    def show_ending(self, voucher: Voucher) -> str:
        return f"…{voucher.code_ending}"

    @display(
        description=_("State"),
        label={"usable": "success", "used": "info", "expired": "warning", "voided": "danger"},
    )
    def show_state(self, voucher: Voucher) -> tuple[str, Any]:
        if voucher.voided_at:
            return "voided", _("Voided")
        if voucher.use_count >= voucher.use_limit:
            return "used", _("Used")
        if voucher.valid_until <= now():
            return "expired", _("Expired")
        return "usable", _("Usable")

    @display(description=_("last day"))
    def last_day(self, voucher: Voucher) -> object:
        return voucher.last_day

    def get_search_results(
        self, request: HttpRequest, vouchers: QuerySet[Voucher], search_term: str
    ) -> tuple[QuerySet[Voucher], bool]:
        """Find a whole code by its hash; the text itself stands nowhere."""
        if not search_term:
            return vouchers, False
        if found := find_by_code(search_term):
            return vouchers.filter(pk=found.pk), False
        return vouchers.filter(code_ending=search_term.strip(" .…").upper()), False

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/code/", wrap(self.code_page), name="campaigns_voucher_code"),
            path("<int:pk>/void/", wrap(self.void_page), name="campaigns_voucher_void"),
            *super().get_urls(),
        ]

    def code_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not request.user.has_perm("campaigns.show_voucher_code"):
            raise PermissionDenied
        if request.method != "POST":
            return redirect("admin:campaigns_voucher_change", pk)
        voucher = get_object_or_404(Voucher, pk=pk)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Voucher code"),
            "voucher": voucher,
            "code": show_code(voucher, by=signed_in(request), at=now()),
        }
        return TemplateResponse(request, "campaigns/voucher_code.html", context)

    def void_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not request.user.has_perm("campaigns.change_voucher"):
            raise PermissionDenied
        if request.method == "POST":
            void(get_object_or_404(Voucher, pk=pk), by=signed_in(request), at=now())
            messages.success(request, _("The voucher is void: nobody can use its code any more."))
        return redirect("admin:campaigns_voucher_change", pk)
