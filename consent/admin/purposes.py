"""What data are used for, and where people choose."""

from typing import Any

from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from common.admin import ModelAdmin
from common.staff import signed_in
from consent.forms.purposes import PurposeForm
from consent.models import CollectionPoint, ConsentEvent, Purpose
from consent.operations.notices import save_point, save_purpose


class Declared(ModelAdmin):
    """What the shop declares under a code of its own: changed, retired, never deleted."""

    operation_tells = True

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("code",) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Purpose)
class PurposeAdmin(Declared):
    form = PurposeForm
    list_display = ("show_name", "basis", "needs_opt_in", "adults_only", "valid_days", "is_active")
    fieldsets = (
        (None, {"fields": ("code", ("name_en", "name_pt"), ("explanation_en", "explanation_pt"))}),
        (
            _("What it rests on"),
            {
                "description": _(
                    "Neither can change once people chose: declare another purpose instead."
                ),
                "fields": ("basis", "needs_opt_in"),
            },
        ),
        (_("Limits"), {"fields": ("adults_only", "valid_days", "is_active")}),
    )

    @admin.display(description=_("purpose"))
    def show_name(self, purpose: Purpose) -> str:
        return str(purpose)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        relied_on = obj and ConsentEvent.objects.filter(purpose=obj.pk).exists()
        return (
            *super().get_readonly_fields(request, obj),
            *(("basis", "needs_opt_in") if relied_on else ()),
        )

    def save_model(
        self, request: HttpRequest, obj: Purpose, form: ModelForm, change: bool
    ) -> None:
        save_purpose(obj, changed=form.changed_data, by=signed_in(request), at=now())


@admin.register(CollectionPoint)
class CollectionPointAdmin(Declared):
    list_display = ("show_name", "kind", "notice", "double_opt_in", "version", "is_active")
    list_select_related = ("notice",)
    fieldsets = (
        (None, {"fields": ("code", "kind", ("name_en", "name_pt"))}),
        (
            _("What people see there"),
            {
                "description": _("A change makes a new version of the point."),
                "fields": ("notice", "double_opt_in"),
            },
        ),
        (None, {"fields": ("is_active",)}),
    )

    @admin.display(description=_("collection point"))
    def show_name(self, point: CollectionPoint) -> str:
        return str(point)

    def save_model(
        self, request: HttpRequest, obj: CollectionPoint, form: ModelForm, change: bool
    ) -> None:
        save_point(obj, changed=form.changed_data, by=signed_in(request), at=now())
