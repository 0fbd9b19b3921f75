"""The button "Export" of a list, the page behind it, and the record of what left."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import FieldDoesNotExist, PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, reverse
from django.utils.text import capfirst
from django.utils.timezone import now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from import_export.admin import ExportMixin
from unfold.admin import ModelAdmin as UnfoldModelAdmin
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminTextInputWidget,
)

from common.access.recent import recently_verified
from common.enums import FileFormat
from common.exports import Table, Wanted, file_of
from common.staff import signed_in

# What a list's address holds beside its filters.
NO_FILTERS = {"o", "p", "e", "all", "_changelist_filters", "_popup", "_to_field"}
SEARCH = "q"
RANGE_ENDS = ("_from_0", "_from_1", "_to_0", "_to_1", "_from", "_to")


class ExportForm(forms.Form):
    format = forms.ChoiceField(
        label=_("File"),
        choices=FileFormat.choices,
        initial=FileFormat.CSV,
        widget=UnfoldAdminRadioSelectWidget,
    )
    columns = forms.MultipleChoiceField(
        label=_("Columns"),
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("Take what you need, and no more."),
    )
    reason = forms.CharField(
        label=_("What for?"),
        max_length=200,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("It is kept with your name, and the privacy officer can read it."),
    )

    def __init__(self, *args: Any, columns: list[str], asks_why: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shown: Any = self.fields["columns"]
        shown.choices = [(label, label) for label in columns]
        shown.initial = columns
        self.fields["reason"].required = asks_why


@recently_verified()
def export_page(
    request: HttpRequest,
    table: Table,
    rows: QuerySet[Any],
    *,
    filters: Iterable[str],
    back: str,
    title: str,
    subject: Model | None = None,
) -> HttpResponseBase:
    """Ask which file, which columns and what for; a POST that says so is answered by the file."""
    labels = [str(column.label) for column in table.columns()]
    form = ExportForm(request.POST or None, columns=labels, asks_why=table.personal)
    if form.is_valid():
        facts = form.cleaned_data
        wanted = Wanted(
            format=FileFormat(facts["format"]),
            columns=facts["columns"],
            filters=list(filters),
            reason=facts["reason"],
        )
        by = signed_in(request)
        return file_of(table, rows, wanted=wanted, by=by, at=now(), subject=subject)
    context = {
        **admin.site.each_context(request),
        "title": title,
        "opts": (subject or table.model)._meta,
        "form": form,
        "filters": [filter_label(table.model, name) for name in filters],
        "back": back,
    }
    return TemplateResponse(request, "common/export.html", context)


def may_export(request: HttpRequest) -> bool:
    return request.user.has_perm("common.export_lists")


def filter_label(model: type[Model], name: str) -> str:
    """Return the reader's word for a filter, which is named as the first field of its path."""
    if name == SEARCH:
        return gettext("search")
    try:
        return str(getattr(model._meta.get_field(name), "verbose_name", name))
    except FieldDoesNotExist:
        return name


class Exportable(ExportMixin, UnfoldModelAdmin):
    """A list with a button that takes it away as a file, filters and search as they stand.

    django-import-export brings the button, the address and the filtered rows; the columns are an
    ``export_table`` and the file is our own: the library's is built in memory, and its way with
    formulas changes what people wrote.
    """

    export_table: Table | None = None
    import_export_change_list_template = "common/list_with_export.html"

    def get_urls(self) -> list[URLPattern]:
        if self.export_table:
            return super().get_urls()
        # Passes the library's address by.
        return UnfoldModelAdmin.get_urls(self)

    def has_export_permission(self, request: HttpRequest) -> bool:
        may_see = self.has_view_permission(request)
        return bool(self.export_table) and may_see and may_export(request)

    def export_action(self, request: HttpRequest) -> HttpResponseBase:
        if self.export_table is None or not self.has_export_permission(request):
            raise PermissionDenied
        meta = self.opts
        back = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
        try:
            rows = self.get_export_queryset(request)
        except IncorrectLookupParameters:
            # The list says the same to an address that it cannot read.
            return redirect(f"{back}?e=1")
        return export_page(
            request,
            self.export_table,
            rows,
            filters=filters_in(request),
            back=f"{back}?{request.GET.urlencode()}",
            title=gettext("Export: %(list)s") % {"list": capfirst(str(meta.verbose_name_plural))},
        )


def filters_in(request: HttpRequest) -> list[str]:
    """Return the fields by which the list is narrowed, and never to which values."""
    told = (name for name, value in request.GET.items() if value and name not in NO_FILTERS)
    return sorted({_field_of(name) for name in told})


def _field_of(parameter: str) -> str:
    for end in RANGE_ENDS:
        parameter = parameter.removesuffix(end)
    return parameter.split("__")[0][:64]
