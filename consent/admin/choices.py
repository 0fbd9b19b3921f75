"""Choices: to read, and to record for somebody on the line."""

from functools import partial
from typing import Any
from uuid import uuid4

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import (
    ChoicesDropdownFilter,
    RangeDateFilter,
    RelatedDropdownFilter,
)
from unfold.decorators import display

from common.admin import ModelAdmin, PeopleList
from common.errors import DomainError
from common.operations import audit
from common.staff import signed_in
from consent.admin.links import link_page
from consent.admin.past import past_page, proof_page
from consent.exports import CONSENT_EVENTS
from consent.forms.choices import ChoiceForm, staffed_points
from consent.models import ConsentEvent
from consent.operations.choices import record_choice
from consent.queries.notices import read_out
from customers.admin.about import AboutCustomer
from customers.enums import ProfileTab
from customers.models import Customer
from customers.queries.pages import profile_url


@admin.register(ConsentEvent)
class ConsentEventAdmin(AboutCustomer, PeopleList, ModelAdmin):
    nothing_yet = _(
        "What customers allowed, refused or withdrew. Agents record it on the customer's page; "
        "files, forms and the unsubscribe link bring the rest."
    )
    export_table = CONSENT_EVENTS
    list_display = (
        "show_customer",
        "purpose",
        "show_scope",
        "show_act",
        "collection_point",
        "actor_kind",
        "occurred_at",
        "valid_until",
        "actor",
    )
    list_display_links = ("show_scope",)
    list_select_related = ("customer", "purpose", "collection_point", "actor")
    list_filter = (
        ("act", ChoicesDropdownFilter),
        ("channel", ChoicesDropdownFilter),
        ("collection_point", RelatedDropdownFilter),
        ("occurred_at", RangeDateFilter),
    )
    ordering = ("-id",)

    @display(description=_("About"))
    def show_scope(self, event: ConsentEvent) -> str:
        return event.get_channel_display() if event.channel else event.get_category_display()

    @display(
        description=_("Choice"),
        label={
            "given": "success",
            "renewed": "success",
            "refused": "danger",
            "withdrawn": "danger",
            "objected": "danger",
            "expired": "warning",
            "suspended": "warning",
        },
    )
    def show_act(self, event: ConsentEvent) -> tuple[str, str]:
        return event.act, event.get_act_display()

    def has_add_permission(self, request: HttpRequest) -> bool:
        # A choice is recorded from the page of the customer who made it.
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("record/<int:pk>/", view(self.choice_page), name="consent_choice"),
            path("link/<int:pk>/", view(partial(link_page, self.admin_site)), name="consent_link"),
            path("then/<int:pk>/", view(past_page), name="consent_then"),
            path("proof/<int:pk>/", view(proof_page), name="consent_proof"),
            *super().get_urls(),
        ]

    def choice_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Record what a customer chose by phone or at the counter."""
        if not request.user.has_perm("consent.add_consentevent"):
            raise PermissionDenied
        customer = get_object_or_404(Customer.objects.present(), pk=pk)
        form = ChoiceForm(request.POST or None)
        if form.is_valid():
            try:
                self._record(request, customer, form)
            except DomainError as refused:
                form.add_error(
                    refused.field if refused.field in form.fields else None, refused.message
                )
            else:
                messages.success(request, _("The choice is recorded and holds from now on."))
                return redirect(profile_url(pk, ProfileTab.PERMISSIONS))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Record consent"),
            "customer": customer,
            "form": form,
            "reference": uuid4().hex,
            "submit": _("Record"),
            "texts": read_out(customer, points=staffed_points(), at=now()),
        }
        return TemplateResponse(request, "consent/record.html", context)

    def _record(self, request: HttpRequest, customer: Customer, form: ChoiceForm) -> None:
        at = now()
        # The form's own reference makes a double click one choice.
        reference = f"staff:{request.POST.get('reference') or uuid4().hex}"
        with transaction.atomic():
            record_choice(
                customer,
                **form.choice(),
                occurred_at=at,
                reference=reference,
                at=at,
                by=signed_in(request),
            )
            audit("consent.recorded", customer, at=at, by=signed_in(request))
