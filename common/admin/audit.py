from django.apps import apps
from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import FieldTextFilter, RangeDateFilter, RelatedDropdownFilter
from unfold.decorators import display

from common.admin.base import ReadOnlyAdmin
from common.models import AuditEntry


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display = ("at", "show_who", "action", "show_kind", "subject_id", "show_fields")
    list_select_related = ("actor", "api_key")
    list_filter = (
        ("action", FieldTextFilter),
        ("actor", RelatedDropdownFilter),
        ("at", RangeDateFilter),
    )
    ordering = ("-at",)

    @display(description=_("Who"))
    def show_who(self, entry: AuditEntry) -> str:
        return str(entry.actor or entry.api_key or _("the program itself"))

    @display(description=_("kind of record"), ordering="subject_type")
    def show_kind(self, entry: AuditEntry) -> str:
        try:
            return str(apps.get_model(entry.subject_type)._meta.verbose_name)
        except LookupError:
            return entry.subject_type

    @display(description=_("Fields"))
    def show_fields(self, entry: AuditEntry) -> str:
        return ", ".join(entry.fields)
