"""Kinds of event that the staff declare, so that programs can tell them."""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline

from common.admin.base import ModelAdmin
from common.operations import audit
from common.staff import signed_in
from customers.models import DeclaredField, DeclaredKind


class FieldInline(TabularInline):
    model = DeclaredField
    fields = ("name", "type", "required")
    extra = 0


@admin.register(DeclaredKind)
class DeclaredKindAdmin(ModelAdmin):
    operation_tells = True
    nothing_yet = _(
        "Orders, carts and cases are known already. Declare here what else your shop tells of "
        "its customers, such as a visit or a booking; segments can then ask for it."
    )
    list_display = ("label", "code", "category", "created_at")
    ordering = ("code",)
    fields = ("code", "label", "category")
    inlines = (FieldInline,)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        # Events name their kind by its code.
        return ["code"] if obj else []

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        # Events of the kind stay, and are shown by what it says.
        return False

    def save_model(self, request: HttpRequest, obj: DeclaredKind, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        action = "customers.kind_changed" if change else "customers.kind_declared"
        audit(action, obj, at=now(), by=signed_in(request), fields=form.changed_data)
