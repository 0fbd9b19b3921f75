"""Mappings that were saved by name."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from common.admin import ModelAdmin
from customers.models import SavedMapping
from customers.operations.imports import file_kinds


@admin.register(SavedMapping)
class SavedMappingAdmin(ModelAdmin):
    """Mappings with a name: renamed and deleted by whoever brings files in."""

    list_display = ("name", "show_kind", "created_by", "created_at")
    list_select_related = ("created_by",)
    ordering = ("kind", "name")
    fields = ("name",)

    @display(description=_("kind of file"), ordering="kind")
    def show_kind(self, saved: SavedMapping) -> str:
        return str(file_kinds()[saved.kind].label)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("customers.view_importjob")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("customers.add_importjob")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("customers.add_importjob")

    def has_add_permission(self, request: HttpRequest) -> bool:
        # They are saved where a file is mapped.
        return False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)
