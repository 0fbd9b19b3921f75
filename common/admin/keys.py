"""Credentials of programs: the secret is shown once, on the page that answers the creation."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from common.access.recent import recently_verified
from common.admin.base import ModelAdmin
from common.enums import Scope
from common.models import ApiKey
from common.operations import change_key, create_key, revoke_key
from common.staff import signed_in


class ApiKeyForm(forms.ModelForm):
    scopes = forms.MultipleChoiceField(
        label=_("Scopes"),
        choices=Scope.choices,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("What the program may do. Fewer is safer."),
    )

    class Meta:
        model = ApiKey
        fields = ("name", "scopes", "requests_per_minute", "expires_at")


@admin.register(ApiKey)
class ApiKeyAdmin(ModelAdmin):
    operation_tells = True
    nothing_yet = _(
        "A program signs in with a key: the checkout, the shop's site, a report. Each key "
        "opens only what you choose."
    )
    form = ApiKeyForm
    list_display = ("name", "prefix", "show_state", "show_scopes", "last_used_at", "created_at")
    list_filter = ("revoked_at",)
    ordering = ("-created_at",)
    actions = ("revoke",)

    @display(
        description=_("State"),
        label={"usable": "success", "expired": "warning", "revoked": "danger"},
    )
    def show_state(self, key: ApiKey) -> tuple[str, Any]:
        if key.revoked_at:
            return "revoked", _("Revoked")
        if key.expires_at and key.expires_at <= now():
            return "expired", _("Expired")
        return "usable", _("Usable")

    @display(description=_("Scopes"))
    def show_scopes(self, key: ApiKey) -> str:
        return ", ".join(str(Scope(scope).label) for scope in key.scopes)

    @admin.action(description=_("Revoke the selected keys"), permissions=["change"])
    def revoke(self, request: HttpRequest, keys: QuerySet[ApiKey]) -> None:
        revoked = sum(revoke_key(key, by=signed_in(request), at=now()) for key in keys)
        text = ngettext("%(count)d key revoked.", "%(count)d keys revoked.", revoked)
        self.message_user(request, text % {"count": revoked}, messages.SUCCESS)

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
        if change:
            change_key(obj, fields=form.changed_data, by=signed_in(request), at=now())
        else:
            create_key(obj, by=signed_in(request), at=now())

    @recently_verified()
    def add_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().add_view(request, *args, **kwargs)

    @recently_verified(methods=["POST"])
    def change_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().change_view(request, *args, **kwargs)

    def response_add(
        self, request: HttpRequest, obj: ApiKey, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Show the secret in the answer itself: a redirect would have to store it somewhere.

        No page of the admin is kept by a browser (``never_cache``).
        """
        context = {
            **self.admin_site.each_context(request),
            "title": _("The key is ready"),
            "key": obj,
            "done": reverse("admin:common_apikey_changelist"),
        }
        return TemplateResponse(request, "common/api_key_secret.html", context)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        # What a key did stays on record: keys are revoked.
        return False
