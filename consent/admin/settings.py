"""What the shop chose where the law leaves a choice: one page."""

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from common.admin import ModelAdmin
from common.bell import ring
from common.staff import signed_in
from consent.models import PrivacySettings
from consent.models.settings import THE_ONE
from consent.operations.settings import change_privacy_settings
from consent.queries.settings import privacy_settings
from customers.tasks import keep_less_of_birth_dates


@admin.register(PrivacySettings)
class PrivacySettingsAdmin(ModelAdmin):
    operation_tells = True
    fieldsets = (
        (
            _("Age"),
            {"fields": (("age_of_consent", "unknown_age_is_minor"), "birth_date_policy")},
        ),
        (_("Quiet hours"), {"fields": (("quiet_from", "quiet_until"), "quiet_on_sundays")}),
        (
            _("How long data are kept"),
            {
                "description": _("In months. Empty means for ever, which the law rarely allows."),
                "fields": (
                    ("events_months", "messages_months"),
                    ("cases_months", "inactive_customers_months"),
                    ("permissions_unused_months", "evidence_months"),
                ),
            },
        ),
        (
            _("What people ask of us"),
            {"fields": ("erasures_approved_by", "request_days")},
        ),
    )

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        # There is nothing to choose from: the list is the page.
        return self.changeform_view(request, str(THE_ONE), extra_context=extra_context)

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> PrivacySettings | None:
        return privacy_settings() if object_id == str(THE_ONE) else None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(
        self, request: HttpRequest, obj: PrivacySettings, form: Any, change: bool
    ) -> None:
        # What is kept less from now on is cut of those who are here, too.
        transaction.on_commit(lambda: ring(keep_less_of_birth_dates))
        change_privacy_settings(obj, fields=form.changed_data, by=signed_in(request), at=now())
