"""Which lists left as files: who took them, and what for."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import (
    ChoicesDropdownFilter,
    RangeDateFilter,
    RelatedDropdownFilter,
)
from unfold.decorators import display

from common.admin.base import ReadOnlyAdmin
from common.admin.exporting import filter_label
from common.exports.lists import EXPORTS
from common.models import Export
from common.templatetags.clientela import whole

COLUMNS_SHOWN = 3


@admin.register(Export)
class ExportAdmin(ReadOnlyAdmin):
    nothing_yet = _(
        "Whoever takes a list away as a file is written down here: who, which list, how many "
        "rows and what for."
    )
    export_table = EXPORTS
    list_display = (
        "started_at", "show_who", "show_list", "show_columns_shortly", "show_filters", "format",
        "show_rows", "reason",
    )  # fmt: skip
    list_select_related = ("actor", "api_key")
    list_filter = (
        ("actor", RelatedDropdownFilter),
        ("format", ChoicesDropdownFilter),
        ("started_at", RangeDateFilter),
    )
    ordering = ("-started_at", "-id")
    fields = (
        ("started_at", "finished_at"),
        ("show_who", "reason"),
        ("show_list", "show_record"),
        "show_filters",
        ("format", "show_rows"),
        "show_columns",
    )

    @display(description=_("Who"))
    def show_who(self, export: Export) -> str:
        return str(export.actor or export.api_key)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changelist = super().get_changelist_instance(request)
        records = _records_of(changelist.result_list)
        for export in changelist.result_list:
            export.record = records.get((export.subject_type, export.subject_id))
        return changelist

    @display(description=_("List"), ordering="subject_type")
    def show_list(self, export: Export) -> str:
        called = capfirst(str(_model_of(export)._meta.verbose_name_plural))
        return f"{called}: {export.record}" if export.record else called

    @display(description=_("Of which"))
    def show_record(self, export: Export) -> str:
        if export.subject_id is None:
            return gettext("all of them")
        record = _model_of(export)._default_manager.filter(pk=export.subject_id).first()
        return str(record) if record else gettext("one that is gone")

    @display(description=_("Narrowed by"))
    def show_filters(self, export: Export) -> str:
        return ", ".join(filter_label(_model_of(export), name) for name in export.filters)

    @display(description=_("Columns"))
    def show_columns_shortly(self, export: Export) -> str:
        told = ", ".join(export.columns[:COLUMNS_SHOWN])
        return f"{told} …" if len(export.columns) > COLUMNS_SHOWN else told

    @display(description=_("Columns"))
    def show_columns(self, export: Export) -> str:
        return ", ".join(export.columns)

    @display(description=_("Rows"), ordering="row_count")
    def show_rows(self, export: Export) -> str:
        if export.row_count is None:
            return gettext("on its way")
        told = whole(export.row_count)
        return (
            told if export.finished_at else gettext("%(rows)s, then broken off") % {"rows": told}
        )


def _records_of(exports: Iterable[Export]) -> dict[tuple[str, int | None], Model]:
    """Return the single records that these are about, a query for each kind of them."""
    numbers = defaultdict(set)
    for export in exports:
        if export.subject_id is not None:
            numbers[export.subject_type].add(export.subject_id)
    return {
        (kind, record.pk): record
        for kind, wanted in numbers.items()
        for record in apps.get_model(kind)._default_manager.filter(pk__in=wanted)
    }


def _model_of(export: Export) -> type[Model]:
    return apps.get_model(export.subject_type)
