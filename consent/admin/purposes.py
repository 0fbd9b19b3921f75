from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from common.admin import ModelAdmin
from consent.models import Purpose


@admin.register(Purpose)
class PurposeAdmin(ModelAdmin):
    list_display = ("name_en", "name_pt", "basis", "needs_opt_in")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
