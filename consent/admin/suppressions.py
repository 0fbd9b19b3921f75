"""Addresses that are not written to."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter
from unfold.decorators import display

from common.admin import ModelAdmin
from common.errors import DomainError
from common.staff import signed_in
from consent.enums import SuppressionReason
from consent.exports import SUPPRESSIONS
from consent.forms.suppressions import LiftForm, SuppressionForm
from consent.models import Suppression
from consent.operations.suppressions import block, lift
from consent.rules.suppressions import LIFTED_BY_ADMINISTRATORS, LIFTED_BY_STAFF


@admin.register(Suppression)
class SuppressionAdmin(ModelAdmin):
    operation_tells = True
    nothing_yet = _(
        "Addresses to which nothing is sent any more, whatever was allowed. Block one when "
        "somebody asks for it, or bring in a do-not-call register as a file."
    )
    form = SuppressionForm
    export_table = SUPPRESSIONS
    list_display = (
        *("show_block", "channel", "show_scope", "source", "created_at", "show_state"),
    )
    list_select_related = ("purpose", "lifted_by")
    list_filter = (
        ("reason", ChoicesDropdownFilter),
        ("channel", ChoicesDropdownFilter),
        ("source", ChoicesDropdownFilter),
        ("created_at", RangeDateFilter),
    )
    ordering = ("-created_at", "-id")
    change_form_outer_before_template = "consent/suppression_acts.html"

    @display(description=_("reason"))
    def show_block(self, suppression: Suppression) -> str:
        return suppression.get_reason_display()

    @display(description=_("blocked for"))
    def show_scope(self, suppression: Suppression) -> str:
        return str(suppression.purpose or _("Everything"))

    @display(description=_("state"), label={"stands": "danger", "lifted": ""})
    def show_state(self, suppression: Suppression) -> tuple[str, Any]:
        return ("lifted", _("Lifted")) if suppression.lifted_at else ("stands", _("Blocked"))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ["address", "phone_channels", "reason", "purpose"]
        lifted = ["lifted_at", "lifted_by", "lift_reason"] if obj.lifted_at else []
        return ["channel", "reason", "show_scope", "source", "created_at", *lifted]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ["show_scope"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.lift_page)
        lifting = path("<int:pk>/lift/", view, name="consent_suppression_lift")
        return [lifting, *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        offered = {"may_lift": self._may_lift(request, object_id)}
        return super().change_view(request, object_id, form_url, (extra_context or {}) | offered)

    def save_model(self, request: HttpRequest, obj: Suppression, form: Any, change: bool) -> None:
        told = form.cleaned_data
        blocked = block(
            told["address"],
            channels=told["channels"],
            reason=SuppressionReason(told["reason"]),
            purpose=told["purpose"],
            by=signed_in(request),
            at=now(),
        )
        obj.pk = blocked[0].pk

    def lift_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Let an address be written to again, and say why."""
        if not request.user.has_perm("consent.change_suppression"):
            raise PermissionDenied
        suppression = get_object_or_404(Suppression, pk=pk)
        form = LiftForm(request.POST or None)
        if form.is_valid():
            try:
                reason = form.cleaned_data["reason"]
                lift(suppression, reason=reason, by=signed_in(request), at=now())
            except DomainError as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _("The block is lifted."))
                return redirect("admin:consent_suppression_changelist")
        context = {
            **self.admin_site.each_context(request),
            "title": _("Lift the block"),
            "subject": suppression,
            "form": form,
        }
        return TemplateResponse(request, "consent/lift.html", context)

    def _may_lift(self, request: HttpRequest, object_id: str) -> bool:
        """Say whether whoever looks may lift this one: others are lifted by the person alone."""
        may = {*LIFTED_BY_STAFF} if request.user.has_perm("consent.change_suppression") else set()
        if may and request.user.has_perm("consent.lift_complaint"):
            may |= LIFTED_BY_ADMINISTRATORS
        standing = Suppression.objects.filter(pk=object_id, lifted_at=None, reason__in=may)
        return standing.exists()
