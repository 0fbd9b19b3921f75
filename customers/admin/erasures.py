"""Somebody is erased: what it does is told first; where the shop wants it, two people decide."""

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from common.access.recent import recently_verified
from common.admin import PeopleList, ReadOnlyAdmin
from common.errors import DomainError
from common.operations import audit
from common.staff import signed_in
from customers.admin.about import AboutCustomer
from customers.enums import ErasureState
from customers.forms.erasures import DeclineForm, EraseForm
from customers.models import Customer, ErasureRequest
from customers.operations.erasing import records_of
from customers.operations.erasure_requests import (
    approve_erasure,
    decline_erasure,
    erase_or_ask,
    why_asked,
    why_declined,
    why_not_decide,
)
from customers.queries.erasures import erasures_approved_by, waiting_erasure
from customers.queries.holdings import foreseen_leaving, losses

PERMISSION = "customers.erase_customer"


def erase_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what is deleted, blanked and kept, and why; erase whoever's number is typed."""
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    return _plan_or_erase(request, pk)


@recently_verified()
def _plan_or_erase(request: HttpRequest, pk: int) -> HttpResponse:
    customer = get_object_or_404(Customer.objects.present(), pk=pk)
    user, at = signed_in(request), now()
    form = EraseForm(request.POST or None, customer=customer)
    if form.is_valid():
        return _erased_or_asked(request, customer, reason=form.cleaned_data["reason"])
    audit("customers.viewed", customer, at=at, by=user)
    context = {
        **admin.site.each_context(request),
        **plan(customer, at=at),
        "title": _("Erase a customer"),
        "form": form,
        "needs_second": bool(erasures_approved_by()),
        "waiting": waiting_erasure(customer),
    }
    return TemplateResponse(request, "customers/erase.html", context)


def _erased_or_asked(request: HttpRequest, customer: Customer, *, reason: str) -> HttpResponse:
    outcome = erase_or_ask(customer, by=signed_in(request), reason=reason, at=now())
    if isinstance(outcome, ErasureRequest):
        messages.success(request, _("Nothing is erased yet: a second person decides."))
        return redirect("admin:customers_erasurerequest_change", outcome.pk)
    messages.success(request, _("The customer was erased."))
    return redirect("admin:customers_customer_changelist")


def plan(customer: Customer, *, at: datetime) -> dict[str, Any]:
    """Return what the plan shows: the person's records, and what becomes of their rows."""
    records = list(records_of(customer))
    return {
        "customer": customer,
        "others": [record for record in records if record != customer],
        "losses": {fate.value: told for fate, told in losses(records).items()},
        "foreseen": foreseen_leaving(records, at=at),
    }


@admin.register(ErasureRequest)
class ErasureRequestAdmin(AboutCustomer, PeopleList, ReadOnlyAdmin):
    nothing_yet = _(
        "When the privacy settings name who approves erasures, whatever staff ask to erase waits "
        "here for a second person."
    )
    list_display = (
        "requested_at", "show_customer", "show_state", "requested_by", "decided_by", "decided_at",
    )  # fmt: skip
    list_select_related = ("customer", "requested_by", "decided_by")
    list_filter = (("state", ChoicesDropdownFilter),)
    # What waits first, and of that the oldest.
    ordering = ("-decided_at", "requested_at", "pk")

    @display(
        description=_("State"),
        label={"waiting": "warning", "erased": "success", "declined": "danger"},
    )
    def show_state(self, asked: ErasureRequest) -> tuple[str, str]:
        return state_of(asked)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the plan again, and decide; a POST does."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return self._shown_or_decided(request, object_id)

    @recently_verified(methods=["POST"])
    def _shown_or_decided(self, request: HttpRequest, pk: str) -> HttpResponse:
        people = ("customer__merged_into", "requested_by", "decided_by")
        asked = get_object_or_404(ErasureRequest.objects.select_related(*people), pk=pk)
        form = DeclineForm(request.POST or None)
        if request.method == "POST" and self._decided(request, asked, form):
            return redirect("admin:customers_erasurerequest_change", asked.pk)
        user, at = signed_in(request), now()
        audit("erasures.viewed", asked, at=at, by=user)
        context = {
            **self.admin_site.each_context(request),
            "customer": asked.customer,
            **(
                plan(asked.customer.merged_into or asked.customer, at=at)
                if asked.is_waiting
                else {}
            ),
            "title": _("Erasure to approve"),
            "asked": asked,
            "state": state_of(asked)[1],
            "is_gone": asked.customer.erased_at is not None,
            "reason": why_asked(asked),
            "answer": why_declined(asked),
            "why_not": why_not_decide(asked, by=user),
            "form": form,
        }
        return TemplateResponse(request, "customers/erasure_request.html", context)

    def _decided(self, request: HttpRequest, asked: ErasureRequest, form: DeclineForm) -> bool:
        """Do what the button says; a refusal stands at its field."""
        act = request.POST.get("act")
        if act not in ("approve", "decline") or not form.is_valid():
            raise Http404
        by, at = signed_in(request), now()
        try:
            if act == "approve":
                approve_erasure(asked, by=by, at=at)
                messages.success(request, _("The customer was erased."))
            else:
                decline_erasure(asked, because=form.cleaned_data["because"], by=by, at=at)
                messages.success(request, _("The erasure is declined; the customer stays."))
        except DomainError as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
            return False
        return True


def state_of(asked: ErasureRequest) -> tuple[str, str]:
    """Return the state, and its words: somebody may have been erased otherwise meanwhile."""
    if asked.state == ErasureState.WAITING and not asked.is_waiting:
        return ErasureState.ERASED.value, str(_("Erased otherwise meanwhile"))
    return asked.state, asked.get_state_display()
