"""Message templates: written, looked at as a named customer, tried on oneself."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from campaigns.exports import TEMPLATES
from campaigns.forms.templates import ReaderForm, TemplateForm
from campaigns.models import Template
from campaigns.operations.templates import preview, save_template, send_test
from campaigns.rules.templates import FILTERS
from campaigns.rules.variables import VARIABLES
from common.admin import ModelAdmin
from common.errors import DomainError
from common.operations import audit
from common.staff import signed_in
from customers.models import Customer
from customers.queries.search import find


@admin.register(Template)
class TemplateAdmin(ModelAdmin):
    operation_tells = True
    nothing_yet = _(
        "A template is the subject and text of an e-mail, with the customer's name and voucher "
        "filled in. Campaigns send it."
    )
    export_table = TEMPLATES
    form = TemplateForm
    list_display = ("name", "subject", "changed_at")
    search_fields = ("name", "subject")
    ordering = ("name",)
    readonly_fields = ("show_variables",)
    fields = ("name", "subject", "body", "show_variables")
    change_form_outer_before_template = "campaigns/template_acts.html"

    @display(description=_("What a message may say"))
    def show_variables(self, template: Template) -> str:
        context = {"variables": VARIABLES.values(), "filters": sorted(FILTERS)}
        return render_to_string("campaigns/variables.html", context)

    def save_model(self, request: HttpRequest, obj: Template, form: Any, change: bool) -> None:
        at = now()
        save_template(obj, at=at)
        action = "templates.changed" if change else "templates.added"
        audit(action, obj, at=at, by=signed_in(request), fields=form.changed_data)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.preview_page)
        return [
            path("<int:pk>/preview/", view, name="campaigns_template_preview"),
            *super().get_urls(),
        ]

    def preview_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the message as a customer would get it; POST sends it to whoever looks."""
        user = signed_in(request)
        if not (self.has_view_permission(request) and user.has_perm("customers.view_customer")):
            raise PermissionDenied
        template = get_object_or_404(Template, pk=pk)
        form = ReaderForm(request.GET)
        customer = _reader(request, form)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Preview"),
            "opts": self.opts,
            "template": template,
            "form": form,
            "customer": customer,
        }
        if customer:
            try:
                context["letter"] = preview(template, customer=customer, by=user, at=now())
                if request.method == "POST":
                    send_test(template, customer=customer, by=user, at=now())
                    messages.success(request, _("The test is on its way to you."))
            except DomainError as refused:
                messages.error(request, refused.message)
        return TemplateResponse(request, "campaigns/template_preview.html", context)


def _reader(request: HttpRequest, form: ReaderForm) -> Customer | None:
    """Return the first customer whom the words may mean, or just anybody for no words.

    A test goes out as it was looked at, whomever the words may mean by now.
    """
    people = Customer.objects.present()
    if request.method == "POST":
        told = request.POST.get("customer", "")
        return get_object_or_404(people, pk=told if told.isdecimal() else 0)
    form.is_valid()
    if words := form.cleaned_data["reader"].strip():
        return next(iter(find(words, limit=1)), None)
    return people.order_by("pk").first()
