"""The link to a customer's own page, for an agent to hand out."""

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils.timezone import now
from django.utils.translation import gettext as _

from common.operations import audit
from common.staff import signed_in
from consent.enums import LinkSource
from consent.queries.tokens import preferences_url
from customers.models import Customer


def link_page(site: AdminSite, request: HttpRequest, pk: int) -> HttpResponse:
    """Show the link on request, and write down who asked: whoever has it can choose."""
    if not request.user.has_perm("consent.add_consentevent"):
        raise PermissionDenied
    customer = get_object_or_404(Customer.objects.present(), pk=pk)
    at, link = now(), ""
    if request.method == "POST":
        link = preferences_url(customer.pk, source=LinkSource.STAFF, at=at)
        audit("consent.link_given", customer, at=at, by=signed_in(request))
    context = {
        **site.each_context(request),
        "title": _("Link to the preference centre"),
        "customer": customer,
        "link": link,
    }
    return TemplateResponse(request, "consent/link.html", context)
