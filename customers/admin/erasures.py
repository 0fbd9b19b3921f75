"""Somebody is erased: what it does is told first."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from common.access.recent import recently_verified
from common.operations import audit
from common.staff import signed_in
from customers.forms.erasures import EraseForm
from customers.models import Customer
from customers.operations.erasing import erase, records_of
from customers.queries.holdings import foreseen_leaving, losses


def erase_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what is deleted, blanked and kept, and why; erase whoever's number is typed."""
    if not request.user.has_perm("customers.erase_customer"):
        raise PermissionDenied
    return _plan_or_erase(request, pk)


@recently_verified()
def _plan_or_erase(request: HttpRequest, pk: int) -> HttpResponse:
    customer = get_object_or_404(Customer.objects.present(), pk=pk)
    user, at = signed_in(request), now()
    form = EraseForm(request.POST or None, customer=customer)
    if form.is_valid():
        erase(customer, by=user, reason=form.cleaned_data["reason"], at=at)
        messages.success(request, _("The customer was erased."))
        return redirect("admin:customers_customer_changelist")
    audit("customers.viewed", customer, at=at, by=user)
    records = list(records_of(customer))
    context = {
        **admin.site.each_context(request),
        "title": _("Erase a customer"),
        "customer": customer,
        "others": [record for record in records if record != customer],
        "losses": {fate.value: told for fate, told in losses(records).items()},
        "foreseen": foreseen_leaving(records, at=at),
        "form": form,
    }
    return TemplateResponse(request, "customers/erase.html", context)
