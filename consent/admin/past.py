"""What we could do with a person on a day, and the page that proves it."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils.timezone import localtime, now
from django.utils.translation import gettext_lazy as _

from common.operations import audit
from common.staff import signed_in
from consent.forms.past import MomentForm
from consent.queries.past import events_until, past, person_then
from consent.queries.proofs import chain_holds
from customers.models import Customer
from customers.rules.masking import masked, masked_email, masked_phone

MAY_SEE = "consent.view_permission"
# Who proves to an authority names the person; others need not know who it is.
MAY_NAME = "common.view_auditentry"
NAMES = ("email", "name", "phone")


def past_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what could be done with somebody at a moment, on which words."""
    customer = _customer(request, pk, MAY_SEE)
    asked = request.GET.get("at")
    form = MomentForm({"at": asked} if asked else None, initial={"at": localtime(now())})
    at = form.cleaned_data["at"] if form.is_bound and form.is_valid() else now()
    audit("customers.viewed", customer, at=now(), by=signed_in(request), fields=["permissions"])
    context = {
        **admin.site.each_context(request),
        "title": _("What we could do, and on which words"),
        "customer": customer,
        "form": form,
        "at": at,
        "past": past(customer, at=at),
        "then": person_then(customer, at=at),
        "may_prove": request.user.has_perm(MAY_NAME),
    }
    return TemplateResponse(request, "consent/past/page.html", context)


def proof_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show on one page to print what was allowed and on what it rests."""
    customer = _customer(request, pk, MAY_NAME)
    at, user, in_full = now(), signed_in(request), "full" in request.GET
    audit("consent.proved", customer, at=at, by=user, fields=NAMES if in_full else ())
    context = {
        "customer": customer,
        "in_full": in_full,
        "person": _named(customer, in_full=in_full),
        "past": past(customer, at=at),
        "then": person_then(customer, at=at),
        "events": events_until(customer, at=at),
        "chain_holds": chain_holds(customer),
        "at": at,
        "by": user,
    }
    return TemplateResponse(request, "consent/past/proof.html", context)


def _named(customer: Customer, *, in_full: bool) -> dict[str, str]:
    if in_full:
        return {
            "name": customer.name,
            "email": customer.email,
            "phone": customer.written_phone,
        }
    return {
        "name": " ".join(masked(word) for word in customer.name.split()),
        "email": masked_email(customer.email),
        "phone": masked_phone(customer.phone),
    }


def _customer(request: HttpRequest, pk: int, permission: str) -> Customer:
    if not request.user.has_perm(permission):
        raise PermissionDenied
    return get_object_or_404(Customer.objects.present(), pk=pk)
