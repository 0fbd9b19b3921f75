"""What we hold about customers, for whoever answers for it."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from customers.queries.catalogue import held_by_category


def catalogue_page(request: HttpRequest) -> HttpResponse:
    """Show the data catalogue in words; nobody's data stand in it."""
    if not request.user.has_perm("customers.view_customer"):
        raise PermissionDenied
    context = {
        **admin.site.each_context(request),
        "title": _("What we hold"),
        "categories": [
            {"code": category.value, "label": category.label, "tables": tables}
            for category, tables in held_by_category().items()
        ],
    }
    return TemplateResponse(request, "customers/catalogue.html", context)
