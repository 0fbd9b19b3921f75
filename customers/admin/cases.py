"""Complaints and questions."""

from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter
from unfold.decorators import display

from common.admin import ModelAdmin, PeopleList
from common.staff import signed_in
from customers.admin.about import AboutCustomer
from customers.enums import CaseStatus, ProfileTab
from customers.exports import CASES
from customers.forms import CaseForm
from customers.models import Case, Customer
from customers.operations.cases import open_case, resolve_case
from customers.queries.pages import profile_url


class ResolutionForm(forms.ModelForm):
    class Meta:
        model = Case
        fields = ("resolution",)


@admin.register(Case)
class CaseAdmin(AboutCustomer, PeopleList, ModelAdmin):
    nothing_yet = _(
        "Complaints and questions. Agents open a case on the customer's page; files and the "
        "API bring others."
    )
    form = ResolutionForm
    export_table = CASES
    list_display = ("subject", "show_customer", "channel", "show_status", "opened_at", "agent")
    list_select_related = ("customer", "agent")
    list_filter = (
        ("status", ChoicesDropdownFilter),
        ("channel", ChoicesDropdownFilter),
        ("opened_at", RangeDateFilter),
    )
    search_fields = ("reference__exact", "customer__plain_name__startswith")
    search_help_text = _("Case number, or how the customer's name begins")
    ordering = ("status", "-opened_at")
    readonly_fields = (
        "subject",
        "show_customer",
        "channel",
        "text",
        "opened_at",
        "agent",
        "status",
    )
    fields = (
        "subject",
        ("show_customer", "channel"),
        ("opened_at", "agent", "status"),
        "text",
        "resolution",
    )

    @display(description=_("Status"), label={"open": "warning", "resolved": "success"})
    def show_status(self, case: Case) -> tuple[str, str]:
        return case.status, case.get_status_display()

    def has_add_permission(self, request: HttpRequest) -> bool:
        # A case is opened from the page of the customer it is about.
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Case, form: Any, change: bool) -> None:
        if obj.status == CaseStatus.OPEN and obj.resolution:
            resolve_case(obj, resolution=obj.resolution, at=now())

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.open_page)
        return [path("open/<int:pk>/", view, name="customers_case_open"), *super().get_urls()]

    def open_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not request.user.has_perm("customers.add_case"):
            raise PermissionDenied
        customer = get_object_or_404(Customer.objects.present(), pk=pk)
        form = CaseForm(request.POST or None)
        if form.is_valid():
            # The form's own reference makes a double click open one case.
            open_case(
                customer,
                **form.cleaned_data,
                reference=request.POST.get("reference") or uuid4().hex,
                at=now(),
                agent=signed_in(request),
            )
            messages.success(request, _("The case is open."))
            return redirect(profile_url(pk, ProfileTab.CARE))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Open a case"),
            "customer": customer,
            "form": form,
            "reference": uuid4().hex,
            "submit": _("Open the case"),
        }
        return TemplateResponse(request, "customers/form.html", context)
