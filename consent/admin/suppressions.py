"""Addresses that are not written to."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from common.admin import ModelAdmin
from common.operations import audit
from common.staff import signed_in
from consent.enums import Channel, SuppressionReason
from consent.exports import SUPPRESSIONS
from consent.models import Suppression
from consent.operations.suppressions import suppress
from customers.rules import normal_email


class SuppressionForm(forms.ModelForm):
    """The address is hashed when saved and cannot be read again."""

    address = forms.EmailField(label=_("E-mail"))

    class Meta:
        model = Suppression
        fields = ("address",)


@admin.register(Suppression)
class SuppressionAdmin(ModelAdmin):
    operation_tells = True
    nothing_yet = _(
        "Addresses to which nothing is sent any more, whatever was allowed. "
        "Block one when somebody asks for it."
    )
    form = SuppressionForm
    export_table = SUPPRESSIONS
    list_display = ("channel", "reason", "created_at", "lifted_at")
    list_filter = (("reason", ChoicesDropdownFilter), ("channel", ChoicesDropdownFilter))
    ordering = ("-created_at", "-id")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Suppression, form: Any, change: bool) -> None:
        address = normal_email(form.cleaned_data["address"])
        blocked = suppress(
            address, channel=Channel.EMAIL, reason=SuppressionReason.MANUAL, at=now()
        )
        if blocked:
            obj.pk = blocked.pk
            audit("suppressions.added", blocked, at=now(), by=signed_in(request))
