"""Vouchers: listed by their ending; a code is shown on request, and that is written down."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.formats import date_format
from django.utils.timezone import get_default_timezone, now
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateFilter, RelatedDropdownFilter
from unfold.decorators import display

from campaigns.exports import VOUCHERS
from campaigns.forms.vouchers import CodeForm
from campaigns.models import Voucher
from campaigns.operations.vouchers import show_code, void
from campaigns.queries.quotes import check
from campaigns.rules.codes import normal_code
from campaigns.rules.sentences import for_agent, for_customer
from common.admin import PeopleList, ReadOnlyAdmin
from common.staff import signed_in
from common.templatetags.clientela import money
from customers.admin.about import AboutCustomer


@admin.register(Voucher)
class VoucherAdmin(AboutCustomer, PeopleList, ReadOnlyAdmin):
    nothing_yet = _(
        "Vouchers come with an offer: a campaign that is launched gives each customer one, and "
        "an agent gives one as an apology."
    )
    export_table = VOUCHERS
    list_display = (
        "show_ending",
        "offer",
        "show_customer",
        "show_amount",
        "show_state",
        "last_day",
        "issued_at",
    )
    list_select_related = ("offer", "customer")
    list_filter = (("offer", RelatedDropdownFilter), ("issued_at", RangeDateFilter))
    search_fields = ("code_ending",)
    search_help_text = _("The last four symbols of the code")
    ordering = ("-id",)
    fields = (
        ("show_ending", "show_state_in_words"),
        ("offer", "show_customer"),
        ("show_amount", "issued_at"),
        ("valid_from", "last_day"),
        ("use_limit", "use_count", "voided_at"),
    )
    list_before_template = "campaigns/voucher_check_link.html"
    change_form_outer_before_template = "campaigns/voucher_acts.html"

    @display(description=_("Amount"), ordering="amount")
    def show_amount(self, voucher: Voucher) -> str:
        return money(voucher.amount)

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
    def last_day(self, voucher: Voucher) -> str:
        return date_format(voucher.last_day)

    @display(description=_("State"))
    def show_state_in_words(self, voucher: Voucher) -> Any:
        return self.show_state(voucher)[1]

    def get_search_results(
        self, request: HttpRequest, vouchers: QuerySet[Voucher], search_term: str
    ) -> tuple[QuerySet[Voucher], bool]:
        """Find by ending only: what is searched for stands in the address, and so in logs."""
        if not search_term:
            return vouchers, False
        return vouchers.filter(code_ending=normal_code(search_term)[-4:]), False

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("check/", wrap(self.check_page), name="campaigns_voucher_check"),
            path("<int:pk>/code/", wrap(self.code_page), name="campaigns_voucher_code"),
            path("<int:pk>/void/", wrap(self.void_page), name="campaigns_voucher_void"),
            *super().get_urls(),
        ]

    def check_page(self, request: HttpRequest) -> HttpResponse:
        """Say to an agent why a code that a customer reads out is taken or not."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = CodeForm(request.POST or None)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Check a code"),
            "form": form,
        }
        if form.is_valid():
            zone = get_default_timezone()
            quoted = check(**form.cleaned_data, at=now())
            context |= {
                "quoted": quoted,
                "objections": for_agent(quoted.decision, zone=zone),
                "for_customer": for_customer(quoted.told, zone=zone),
            }
        return TemplateResponse(request, "campaigns/voucher_check.html", context)

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
