"""Apology vouchers: given from a customer's page, decided on by a second person."""

from typing import Any
from uuid import uuid4

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter
from unfold.decorators import display

from campaigns.enums import ApologyState
from campaigns.exports import APOLOGIES
from campaigns.forms.apologies import ApologyForm
from campaigns.models import Apology
from campaigns.operations.apologies import approve, ask_for_apology, decline
from campaigns.queries.apologies import recent
from campaigns.rules.apologies import MANY, MANY_WITHIN_DAYS
from campaigns.tasks import email_apologies
from common.access.recent import recently_verified
from common.admin import PeopleList, ReadOnlyAdmin
from common.bell import ring
from common.errors import DomainError
from common.staff import signed_in
from common.templatetags.clientela import money
from customers.admin.about import AboutCustomer
from customers.enums import ProfileTab
from customers.models import Customer
from customers.queries.pages import profile_url

ANSWERS = {
    ApologyState.ISSUED: _("The voucher is issued; the customer gets it by e-mail."),
    ApologyState.WAITING: _("This is above your limit: the voucher waits for a second person."),
    ApologyState.DECLINED: _("The voucher is declined; nothing was sent."),
}


@admin.register(Apology)
class ApologyAdmin(AboutCustomer, PeopleList, ReadOnlyAdmin):
    nothing_yet = _(
        "Agents give apology vouchers on the customer's page; those beyond their limit wait "
        "here for a second person."
    )
    export_table = APOLOGIES
    list_display = (
        "show_amount",
        "show_customer",
        "show_state",
        "reason",
        "requested_by",
        "requested_at",
        "decided_by",
        "show_email",
    )
    list_select_related = ("customer", "requested_by", "decided_by")
    list_filter = (
        ("state", ChoicesDropdownFilter),
        ("reason", ChoicesDropdownFilter),
        ("requested_at", RangeDateFilter),
    )
    fields = (
        ("show_customer", "case"),
        ("show_amount", "state"),
        ("reason", "explanation"),
        ("requested_by", "requested_at"),
        ("decided_by", "decided_at"),
        ("voucher", "show_email"),
    )
    change_form_outer_before_template = "campaigns/apology_acts.html"

    @display(description=_("Amount"), ordering="amount")
    def show_amount(self, apology: Apology) -> str:
        return money(apology.amount)

    @display(
        description=_("State"),
        label={
            ApologyState.WAITING: "warning",
            ApologyState.ISSUED: "success",
            ApologyState.DECLINED: "danger",
        },
    )
    def show_state(self, apology: Apology) -> tuple[str, str]:
        return apology.state, apology.get_state_display()

    @display(description=_("E-mail"))
    def show_email(self, apology: Apology) -> Any:
        if apology.email_problem:
            return apology.get_email_problem_display()
        if apology.emailed_at:
            return pgettext("e-mail", "Sent")
        return _("On its way") if apology.state == ApologyState.ISSUED else "-"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Apology]:
        waiting_first = Case(
            When(state=ApologyState.WAITING, then=Value(0)),
            default=Value(1),
            output_field=IntegerField(),
        )
        return super().get_queryset(request).order_by(waiting_first, "-requested_at", "-id")

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("give/<int:pk>/", wrap(self.issue_page), name="campaigns_apology_issue"),
            path("<int:pk>/decide/", wrap(self.decide_page), name="campaigns_apology_decide"),
            *super().get_urls(),
        ]

    def issue_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Give one customer a voucher, or ask for a second person above the limit."""
        if not request.user.has_perm("campaigns.add_apology"):
            raise PermissionDenied
        customer = get_object_or_404(Customer.objects.present(), pk=pk)
        form = ApologyForm(request.POST or None, customer=customer)
        if form.is_valid() and (answer := self._ask(request, customer, form)):
            return answer
        at, agent = now(), signed_in(request)
        before = list(recent(customer, at=at).select_related("requested_by")[:10])
        context = {
            **self.admin_site.each_context(request),
            "title": _("Give an apology voucher"),
            "customer": customer,
            "form": form,
            # The form's own reference makes a double click one voucher.
            "reference": request.POST.get("reference") or uuid4().hex,
            "limit": agent.apology_limit,
            "before": before,
            "many": len(before) >= MANY,
            "days": MANY_WITHIN_DAYS,
        }
        return TemplateResponse(request, "campaigns/apology_issue.html", context)

    def _ask(
        self, request: HttpRequest, customer: Customer, form: ApologyForm
    ) -> HttpResponse | None:
        try:
            apology = ask_for_apology(
                customer,
                agent=signed_in(request),
                **form.cleaned_data,
                reference=f"staff:{request.POST.get('reference') or uuid4().hex}",
                at=now(),
            )
        except DomainError as refused:
            form.add_error(None, refused.message)
            return None
        self._tell(request, apology)
        return redirect(profile_url(customer.pk, ProfileTab.REWARDS))

    def decide_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not request.user.has_perm("campaigns.approve_apology"):
            raise PermissionDenied
        return self._decided(request, pk)

    @recently_verified(methods=["POST"])
    def _decided(self, request: HttpRequest, pk: int) -> HttpResponse:
        if request.method == "POST":
            self._decide(request, get_object_or_404(Apology, pk=pk))
        return redirect("admin:campaigns_apology_change", pk)

    def _decide(self, request: HttpRequest, apology: Apology) -> None:
        act = approve if request.POST.get("act") == "approve" else decline
        try:
            decided = act(apology, by=signed_in(request), at=now())
        except DomainError as refused:
            messages.error(request, refused.message)
        else:
            self._tell(request, decided)

    def _tell(self, request: HttpRequest, apology: Apology) -> None:
        messages.success(request, ANSWERS[ApologyState(apology.state)])
        if apology.state == ApologyState.ISSUED:
            ring(email_apologies)
