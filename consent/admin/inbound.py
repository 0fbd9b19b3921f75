"""What people wrote from their phones and may mean "stop": somebody reads it and says."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from common.admin import ModelAdmin, PeopleList
from common.errors import DomainError
from common.staff import signed_in
from consent.enums import InboundState
from consent.models import InboundMessage
from consent.operations.inbound import READ_WITHIN, settle, words_of
from customers.admin.about import AboutCustomer


@admin.register(InboundMessage)
class InboundMessageAdmin(AboutCustomer, PeopleList, ModelAdmin):
    nothing_yet = _(
        "What people write from their phones, as your provider passes it on. A word like SAIR is "
        "done at once; a sentence that may mean it waits here until somebody reads it."
    )
    list_display = ("received_at", "channel", "show_customer", "meaning", "show_state")
    list_display_links = ("received_at",)
    list_select_related = ("customer",)
    list_filter = (("state", ChoicesDropdownFilter), ("channel", ChoicesDropdownFilter))
    # As they came in: by the moment it would be the same, without an index.
    ordering = ("-id",)
    fields = (
        *("channel", "show_customer", "meaning", "state", "reply"),
        *("received_at", "read_at", "read_by"),
    )
    change_form_outer_before_template = "consent/inbound_acts.html"

    @display(description=_("State"), label={"waiting": "warning", "stopped": "danger"})
    def show_state(self, message: InboundMessage) -> tuple[str, str]:
        return message.state, message.get_state_display()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.read_page)
        return [path("<int:pk>/read/", view, name="consent_inbound_read"), *super().get_urls()]

    def read_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show what somebody wrote, and take the answer to what they meant."""
        if not request.user.has_perm("consent.change_inboundmessage"):
            raise PermissionDenied
        message = get_object_or_404(InboundMessage.objects.select_related("customer"), pk=pk)
        user, at = signed_in(request), now()
        if request.method == "POST":
            try:
                settle(message, is_stop="other" not in request.POST, by=user, at=at)
                messages.success(request, _("Done. Thank you for reading."))
            except DomainError as refused:
                messages.error(request, refused.message)
            return redirect("admin:consent_inboundmessage_changelist")
        context = {
            **self.admin_site.each_context(request),
            "title": _("What did they mean?"),
            "message": message,
            "waits": message.state == InboundState.WAITING,
            "words": words_of(message, by=user, at=at),
            "until": message.received_at + READ_WITHIN,
        }
        return TemplateResponse(request, "consent/inbound_read.html", context)
