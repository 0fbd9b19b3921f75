"""Whose permissions end within 30 days."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from common.admin import PeopleList, ReadOnlyAdmin
from consent.models import Permission
from consent.queries.endings import ending_soon
from customers.admin.about import AboutCustomer


@admin.register(Permission)
class PermissionAdmin(AboutCustomer, PeopleList, ReadOnlyAdmin):
    nothing_yet = _(
        "Nobody's permission ends within 30 days. Who is listed here can be asked to renew it."
    )
    list_display = ("show_customer", "purpose", "valid_until")
    list_display_links = None
    list_select_related = ("customer", "purpose")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Permission]:
        return ending_soon(at=now())

    def get_urls(self) -> list[URLPattern]:
        # What somebody permits stands on their own page.
        return [url for url in super().get_urls() if url.name == "consent_permission_changelist"]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        title = {"title": _("Permissions that end within 30 days")}
        return super().changelist_view(request, {**title, **(extra_context or {})})
