"""All that is held about one customer, as a ZIP of tables."""

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils.timezone import now
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from common.access.recent import recently_verified
from common.admin.exporting import may_export
from common.enums import FileFormat, Language
from common.exports import bundle_of
from common.staff import signed_in
from customers.models import Customer
from customers.operations.erasing import records_of
from customers.queries.package import package

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
    at, user = now(), signed_in(request)
    file_format = FileFormat(form.cleaned_data["format"])
    people = list(records_of(customer).values_list("pk", flat=True))
    files, rows = package(
        people,
        language=Language(get_language()),
        file_format=file_format,
        may_see=lambda model: _may_see(request, model),
        at=at,
    )
    file = bundle_of(
        files,
        subject=customer,
        rows=rows,
        file_format=file_format,
        reason=form.cleaned_data["reason"],
        by=user,
        at=at,
    )
    return FileResponse(file, as_attachment=True, filename=f"{customer.external_id}.zip")


def _may_see(request: HttpRequest, model: type[Model]) -> bool:
    """Say whether a table goes along: whoever answers people about their data takes all of it."""
    meta, user = model._meta, request.user
    has_door = "view" in meta.default_permissions
    return (
        user.has_perm("customers.erase_customer")
        or not has_door
        or user.has_perm(f"{meta.app_label}.view_{meta.model_name}")
    )
