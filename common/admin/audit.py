from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter, RangeDateFilter, RelatedDropdownFilter
from unfold.decorators import display

from common.admin.base import LongList, ReadOnlyAdmin
from common.exports.lists import AUDIT_ENTRIES
from common.models import AuditEntry
from common.operations import action_words, in_words


class ActionFilter(DropdownFilter):
    title = _("action")
    parameter_name = "action"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        words = ((code, str(label)) for code, label in action_words().items())
        return sorted(words, key=lambda pair: pair[1])

    def queryset(
        self, request: HttpRequest, entries: QuerySet[AuditEntry]
    ) -> QuerySet[AuditEntry]:
        return entries.filter(action=self.value()) if self.value() else entries


@admin.register(AuditEntry)
class AuditEntryAdmin(LongList, ReadOnlyAdmin):
    export_table = AUDIT_ENTRIES
    list_display = (
        "at",
        "show_who",
        "show_action",
        "show_kind",
        "show_record",
        "count",
        "show_fields",
    )
    list_select_related = ("actor", "api_key")
    list_filter = (
        ActionFilter,
        ("actor", RelatedDropdownFilter),
        ("at", RangeDateFilter),
    )
    ordering = ("-at",)
    fields = (
        ("at", "show_who"),
        ("show_action", "reason"),
        ("show_kind", "show_record", "count"),
        "show_fields",
    )

    @display(description=_("Who"))
    def show_who(self, entry: AuditEntry) -> str:
        return str(entry.actor or entry.api_key or _("the program itself"))

    @display(description=_("action"), ordering="action")
    def show_action(self, entry: AuditEntry) -> str:
        return in_words(entry.action)

    @display(description=_("kind of record"), ordering="subject_type")
    def show_kind(self, entry: AuditEntry) -> str:
        try:
            return str(apps.get_model(entry.subject_type)._meta.verbose_name)
        except LookupError:
            return entry.subject_type

    @display(description=_("record"))
    def show_record(self, entry: AuditEntry) -> str:
        """Lead to the record instead of naming it: a list of names would be one more to guard."""
        if entry.subject_id is None:
            return ""
        try:
            name = f"admin:{entry.subject_type.replace('.', '_')}_change"
            page = reverse(name, args=[entry.subject_id])
        except NoReverseMatch:
            return ""
        return format_html('<a href="{}" class="link">{}</a>', page, gettext("Open it"))

    @display(description=_("Fields"))
    def show_fields(self, entry: AuditEntry) -> str:
        return ", ".join(entry.fields)
