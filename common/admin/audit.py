from typing import Any

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
from common.subjects import about, kind_in_words, kinds_told_of


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


class KindFilter(DropdownFilter):
    title = _("kind of record")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(kinds_told_of())

    def queryset(
        self, request: HttpRequest, entries: QuerySet[AuditEntry]
    ) -> QuerySet[AuditEntry]:
        return entries.filter(subject_type=self.value()) if self.value() else entries


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
        KindFilter,
        ("actor", RelatedDropdownFilter),
        ("at", RangeDateFilter),
    )
    ordering = ("-at",)
    # Django shows the box only if there are some; what is searched says get_search_results.
    search_fields = ("subject_id",)
    search_help_text = _(
        "Who acted, or whom it was about: a colleague, an API key, the number, name, "
        "e-mail or CPF of a customer, a segment or a campaign."
    )
    fields = (
        ("at", "show_who"),
        ("show_action", "reason"),
        ("show_kind", "show_record", "count"),
        "show_fields",
    )

    def get_search_results(
        self, request: HttpRequest, entries: QuerySet[AuditEntry], search_term: str
    ) -> tuple[QuerySet[AuditEntry], bool]:
        text = search_term.strip()
        return (entries.filter(about(text)) if text else entries), False

    @display(description=_("Who"))
    def show_who(self, entry: AuditEntry) -> str:
        return str(entry.actor or entry.api_key or _("the program itself"))

    @display(description=_("action"), ordering="action")
    def show_action(self, entry: AuditEntry) -> str:
        return in_words(entry.action)

    @display(description=_("kind of record"), ordering="subject_type")
    def show_kind(self, entry: AuditEntry) -> str:
        return kind_in_words(entry.subject_type)

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
