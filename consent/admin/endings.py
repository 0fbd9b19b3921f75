"""Whose permissions end within 30 days."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.timezone import now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display

from common.admin import PeopleList, ReadOnlyAdmin
from consent.models import ALWAYS, Permission
from consent.queries.endings import ending_soon, unused_soon
from customers.admin.about import AboutCustomer


class WhyFilter(DropdownFilter):
    """Two lists rather than one: each has its index, and they are renewed for other reasons."""

    title = _("why")
    parameter_name = "why"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("unused", gettext("Not used for long"))]

    def queryset(
        self, request: HttpRequest, permissions: QuerySet[Permission]
    ) -> QuerySet[Permission]:
        return permissions


@admin.register(Permission)
class PermissionAdmin(AboutCustomer, PeopleList, ReadOnlyAdmin):
    nothing_yet = _(
        "Nobody's permission ends within 30 days. Who is listed here can be asked to renew it."
    )
    list_display = ("show_customer", "purpose", "show_last_choice", "show_end")
    list_display_links = None
    list_select_related = ("customer", "purpose")
    list_filter = (WhyFilter,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Permission]:
        soon = unused_soon if request.GET.get("why") == "unused" else ending_soon
        return soon(at=now())

    @display(description=_("chosen at"), ordering="changed_at")
    def show_last_choice(self, permission: Permission) -> datetime:
        return permission.changed_at

    @display(description=_("valid until"), ordering="valid_until")
    def show_end(self, permission: Permission) -> datetime | str:
        if permission.valid_until == ALWAYS:
            return gettext("as long as it is used")
        return permission.valid_until

    def get_urls(self) -> list[URLPattern]:
        # What somebody permits stands on their own page.
        return [url for url in super().get_urls() if url.name == "consent_permission_changelist"]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        title = {"title": _("Permissions that end within 30 days")}
        return super().changelist_view(request, {**title, **(extra_context or {})})
