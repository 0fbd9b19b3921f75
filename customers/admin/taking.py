"""All that is held about one customer, as a ZIP of tables."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from common.access.recent import recently_verified
from common.admin.exporting import may_export
from common.discovery import declared
from common.enums import FileFormat
from common.exports import Part, Table, bundle_of
from common.staff import signed_in
from customers.exports import CUSTOMERS
from customers.models import Customer
from customers.operations.erasing import records_of
from customers.queries.holdings import holdings

TEXTS = [(each.value, each.label) for each in (FileFormat.CSV, FileFormat.EXCEL_CSV)]


class TakingForm(forms.Form):
    format = forms.ChoiceField(label=_("Format"), choices=TEXTS, widget=UnfoldAdminSelectWidget)
    reason = forms.CharField(
        label=_("What for?"),
        max_length=200,
        help_text=_("Whoever protects the customers' data reads it."),
        widget=UnfoldAdminTextInputWidget,
    )


def take_page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Ask what for; a POST that says so is answered by the ZIP."""
    if not (may_export(request) and request.user.has_perm("customers.view_customer")):
        raise PermissionDenied
    return _ask_or_take(request, pk)


@recently_verified()
def _ask_or_take(request: HttpRequest, pk: int) -> HttpResponseBase:
    customer = get_object_or_404(Customer.objects.present(), pk=pk)
    form = TakingForm(request.POST or None)
    if form.is_valid():
        return _zip(request, customer, form)
    context = {
        **admin.site.each_context(request),
        "title": _("Export all about a customer"),
        "customer": customer,
        "form": form,
        "submit": _("Export"),
    }
    return TemplateResponse(request, "customers/form.html", context)


def _zip(request: HttpRequest, customer: Customer, form: TakingForm) -> FileResponse:
    file = bundle_of(
        parts_about(customer, request),
        subject=customer,
        file_format=FileFormat(form.cleaned_data["format"]),
        reason=form.cleaned_data["reason"],
        by=signed_in(request),
        at=now(),
    )
    return FileResponse(file, as_attachment=True, filename=f"{customer.external_id}.zip")


def parts_about(customer: Customer, request: HttpRequest) -> Iterator[Part]:
    """Return the tables with rows about the customer: their lists' files, and ``HELD``."""
    people = [record.pk for record in records_of(customer)]
    yield Part(CUSTOMERS, Customer.objects.filter(pk__in=people))
    tables: dict[Any, Table] = {table.model: table for table in declared("exports", "HELD")}
    for holding in holdings():
        door = admin.site._registry.get(holding.model)
        if held := tables.get(holding.model):
            rows = holding.model._default_manager.filter(**{f"{holding.person}__in": people})
            yield Part(held, rows.order_by("pk"))
        table: Table | None = getattr(door, "export_table", None)
        if door and table and holding.model is not Customer:
            rows = door.get_queryset(request).filter(**{f"{holding.person}__in": people})
            yield Part(table, rows.order_by("pk"))
