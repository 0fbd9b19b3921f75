"""What people ask about their data: by deadline, and one page that leads through each."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from common.admin import ModelAdmin, PeopleList
from common.bell import ring
from common.errors import DomainError
from common.operations import audit
from common.staff import signed_in
from consent.enums import ClockColour, RequestDoor, RequestKind
from consent.forms.subject_requests import AnswerForm, AskForm
from consent.models import SubjectRequest
from consent.operations.packages import answer_by_package
from consent.operations.subject_requests import (
    ask,
    ask_for_identity,
    confirm_identity,
    correct,
    finish,
    let_stand_still,
    object_to_profiling,
    refuse,
)
from consent.queries.packages import latest_package
from consent.queries.subject_requests import answer_to, proposals, words_of
from consent.rules.packages import ANSWERED
from consent.tasks import make_packages
from customers.admin.about import AboutCustomer
from customers.models import Customer
from customers.queries.erasures import waiting_erasure

PERMISSION = "consent.change_subjectrequest"


@admin.register(SubjectRequest)
class SubjectRequestAdmin(AboutCustomer, PeopleList, ModelAdmin):
    nothing_yet = _(
        "What customers ask about their data: to see, correct, take along or erase them. They ask "
        "on their own page, by API, or you take it down on the customer's page."
    )
    list_display = ("show_kind", "show_customer", "show_stage", "show_clock", "due_at", "door")
    list_display_links = ("show_kind",)
    list_select_related = ("customer",)
    list_filter = (
        ("stage", ChoicesDropdownFilter),
        ("kind", ChoicesDropdownFilter),
        ("door", ChoicesDropdownFilter),
    )
    # Whatever waits, and of that the most urgent, first: PostgreSQL sorts down from NULL.
    ordering = ("-closed_at", "due_at", "pk")

    @display(description=_("Asks to"))
    def show_kind(self, request: SubjectRequest) -> str:
        return request.get_kind_display()

    @display(
        description=_("State"),
        label={
            "received": "info",
            "identity": "warning",
            "waiting": "warning",
            "in_work": "info",
            "done": "success",
        },
    )
    def show_stage(self, request: SubjectRequest) -> tuple[str, str]:
        if request.waits_for_second:
            return "waiting", str(_("Waits for a second person"))
        return request.stage, request.get_stage_display()

    @display(
        description=_("Clock"),
        label={"green": "success", "amber": "warning", "red": "danger", "stopped": "info"},
    )
    def show_clock(self, request: SubjectRequest) -> tuple[str, str] | None:
        return clock(request) if request.is_open else None

    def get_queryset(self, request: HttpRequest) -> QuerySet[SubjectRequest]:
        return SubjectRequest.objects.with_second_person()

    def has_add_permission(self, request: HttpRequest) -> bool:
        # It is taken down on the page of the customer who asks.
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(ask_page)
        return [path("ask/<int:pk>/", view, name="consent_ask"), *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the request with what can be done; a POST does it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        asked = get_object_or_404(SubjectRequest.objects.select_related("customer"), pk=object_id)
        form = AnswerForm(request.POST or None, proposals=proposals(asked))
        if request.method == "POST" and self._acted(request, asked, form):
            return redirect("admin:consent_subjectrequest_change", asked.pk)
        audit("requests.viewed", asked, at=now(), by=signed_in(request))
        context = {
            **self.admin_site.each_context(request),
            "title": asked.get_kind_display(),
            "asked": asked,
            "customer": asked.customer,
            "is_erased": asked.customer.erased_at is not None,
            "clock": clock(asked),
            "words": words_of(asked),
            "answer": answer_to(asked),
            "erasure": waiting_erasure(asked.customer),
            "proposals": proposals(asked),
            "is_by_package": asked.kind in ANSWERED,
            "package": latest_package(asked.customer) if asked.kind in ANSWERED else None,
            "form": form,
            "may_act": asked.is_open and request.user.has_perm(PERMISSION),
            "back": reverse("admin:consent_subjectrequest_changelist"),
        }
        return TemplateResponse(request, "consent/subject_request.html", context)

    def _acted(self, request: HttpRequest, asked: SubjectRequest, form: AnswerForm) -> bool:
        """Do what the button says; a refusal stands at its field."""
        if not request.user.has_perm(PERMISSION):
            raise PermissionDenied
        act = ACTS.get(request.POST.get("act", ""))
        if act is None:
            raise Http404
        if not form.is_valid():
            return False
        try:
            act(request, asked, form.cleaned_data)
        except DomainError as refused:
            field = refused.field if refused.field in form.fields else None
            form.add_error(field, str(refused))
            return False
        messages.success(request, _("It is done, and written down."))
        return True


def clock(request: SubjectRequest) -> tuple[str, str]:
    """Return the colour of the clock, and what it says."""
    at = now()
    left, colour = request.days_left(at=at), request.colour(at=at)
    if colour == ClockColour.STOPPED:
        return colour.value, str(_("stopped"))
    if left < 0:
        late = ngettext("%(days)s day late", "%(days)s days late", -left) % {"days": -left}
        return colour.value, late
    return colour.value, ngettext("%(days)s day left", "%(days)s days left", left) % {"days": left}


def ask_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Take down what a customer asks by phone, by letter or at the counter."""
    if not request.user.has_perm("consent.add_subjectrequest"):
        raise PermissionDenied
    customer = get_object_or_404(Customer.objects.present(), pk=pk)
    form = AskForm(request.POST or None)
    if form.is_valid() and (asked := _taken_down(request, customer, form)):
        messages.success(request, _("The request is taken down; its clock runs."))
        if request.user.has_perm("consent.view_subjectrequest"):
            return redirect("admin:consent_subjectrequest_change", asked.pk)
        return redirect("admin:customers_customer_profile", pk)
    context = {
        **admin.site.each_context(request),
        "title": _("Take down a request"),
        "customer": customer,
        "form": form,
        "submit": _("Take down"),
    }
    return TemplateResponse(request, "customers/form.html", context)


def _taken_down(request: HttpRequest, customer: Customer, form: AskForm) -> SubjectRequest | None:
    told = form.cleaned_data
    try:
        return ask(
            customer,
            RequestKind(told["kind"]),
            door=RequestDoor(told["door"]),
            words=told["words"],
            proposed=form.proposed(),
            identity_is_known=told["identity_is_known"],
            by=signed_in(request),
            at=now(),
        )
    except DomainError as refused:
        field = f"proposed_{refused.field}"
        form.add_error(field if field in form.fields else None, str(refused))
        return None


Doing = Callable[[HttpRequest, SubjectRequest, Mapping[str, Any]], Any]


def _ask_for_identity(request: HttpRequest, asked: SubjectRequest, _told: Any) -> None:
    ask_for_identity(asked, by=signed_in(request), at=now())


def _confirm_identity(request: HttpRequest, asked: SubjectRequest, _told: Any) -> None:
    confirm_identity(asked, by=signed_in(request), at=now())


def _finish(request: HttpRequest, asked: SubjectRequest, told: Mapping[str, Any]) -> None:
    finish(asked, answer=told["answer"], by=signed_in(request), at=now())


def _send_package(request: HttpRequest, asked: SubjectRequest, _told: Any) -> None:
    answer_by_package(asked, by=signed_in(request), at=now())
    ring(make_packages)


def _refuse(request: HttpRequest, asked: SubjectRequest, told: Mapping[str, Any]) -> None:
    refuse(asked, because=told["answer"], by=signed_in(request), at=now())


def _correct(request: HttpRequest, asked: SubjectRequest, told: Mapping[str, Any]) -> None:
    fields, user = told["fields_to_correct"], signed_in(request)
    correct(asked, fields=fields, answer=told["answer"], by=user, at=now())


def _object(request: HttpRequest, asked: SubjectRequest, told: Mapping[str, Any]) -> None:
    object_to_profiling(asked, answer=told["answer"], by=signed_in(request), at=now())


def _restrict(request: HttpRequest, asked: SubjectRequest, told: Mapping[str, Any]) -> None:
    let_stand_still(asked, answer=told["answer"], by=signed_in(request), at=now())


ACTS: dict[str, Doing] = {
    "ask_identity": _ask_for_identity,
    "confirm_identity": _confirm_identity,
    "finish": _finish,
    "package": _send_package,
    "refuse": _refuse,
    "correct": _correct,
    "object": _object,
    "restrict": _restrict,
}
