"""A person's data are kept and not used: from their page, and lifted there."""

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

from common.admin import PeopleList
from common.admin.base import ReadOnlyAdmin
from common.staff import signed_in
from consent.enums import RestrictionReason
from consent.forms.restrictions import RestrictionForm
from consent.models import Restriction
from consent.operations.restrictions import lift_restrictions, restrict
from customers.admin.about import AboutCustomer
from customers.enums import ProfileTab
from customers.models import Customer
from customers.queries.pages import profile_url


@admin.register(Restriction)
class RestrictionAdmin(AboutCustomer, PeopleList, ReadOnlyAdmin):
    nothing_yet = _(
        "People whose data are kept and used for nothing: because they dispute them, or because "
        "they have died. Stop the use from the customer's page, under More."
    )
    list_display = ("show_customer", "reason", "since", "until", "show_state")
    list_display_links = ("reason",)
    list_select_related = ("customer", "by")
    list_filter = (("reason", ChoicesDropdownFilter),)
    ordering = ("-id",)
    fields = ("show_customer", "reason", "since", "until", "by", "lifted_at")

    @display(description=_("state"), label={"stands": "danger", "over": ""})
    def show_state(self, restriction: Restriction) -> tuple[str, Any]:
        is_over = restriction.lifted_at or (restriction.until and restriction.until <= now())
        return ("over", _("Over")) if is_over else ("stands", _("Stands"))

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("of/<int:pk>/", wrap(self.restrict_page), name="consent_restrict"),
            path("of/<int:pk>/lift/", wrap(self.lift_page), name="consent_restriction_lift"),
            *super().get_urls(),
        ]

    def restrict_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Stop the use of a customer's data."""
        customer = _customer(request, pk)
        form = RestrictionForm(request.POST or None)
        if form.is_valid():
            reason, until = (
                RestrictionReason(form.cleaned_data["reason"]),
                form.cleaned_data["until"],
            )
            restrict(customer, reason=reason, until=until, by=signed_in(request), at=now())
            messages.success(request, _("The data are kept and used for nothing from now on."))
            return redirect(profile_url(pk, ProfileTab.PERMISSIONS))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Stop the use of data"),
            "customer": customer,
            "form": form,
            "standing": Restriction.objects.standing(at=now()).filter(customer=customer),
            "submit": _("Stop the use"),
        }
        return TemplateResponse(request, "consent/restrict.html", context)

    def lift_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Let the data be used again, as far as the customer permits."""
        customer = _customer(request, pk)
        if request.method == "POST":
            lift_restrictions(customer, by=signed_in(request), at=now())
            messages.success(request, _("The data may be used again, as far as it is permitted."))
        return redirect(profile_url(pk, ProfileTab.PERMISSIONS))


def _customer(request: HttpRequest, pk: int) -> Customer:
    if not request.user.has_perm("consent.add_restriction"):
        raise PermissionDenied
    return get_object_or_404(Customer.objects.present(), pk=pk)
