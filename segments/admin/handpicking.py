"""The pages on which somebody is added to a segment, or removed from it, by hand."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from common.admin import ModelAdmin
from common.errors import DomainError
from common.operations import audit
from common.staff import signed_in, typed
from customers.enums import ProfileTab
from customers.models import Customer
from customers.queries.pages import profile_url
from customers.queries.search import find
from segments.enums import Handpicked
from segments.forms import DecisionForm, DecisionOfCustomerForm
from segments.models import Handpick, Segment
from segments.operations.handpicking import add_by_hand, remove_by_hand, take_back
from segments.queries.handpicks import decisions, standings

FOUND, PAGE = 9, 25
DECIDE: dict[str, Callable[..., Handpick]] = {
    Handpicked.ADDED.value: add_by_hand,
    Handpicked.REMOVED.value: remove_by_hand,
}
DECIDED: dict[str, str | Promise] = {
    Handpicked.ADDED.value: _("%(customer)s is in “%(segment)s” and stays."),
    Handpicked.REMOVED.value: _("%(customer)s is not in “%(segment)s” and stays out."),
}
# By whether it was about a list, which has no rule.
TAKEN_BACK: dict[bool, str | Promise] = {
    True: _("Taken back."),
    False: _("Taken back; the rule decides again."),
}


class HandpickPages(ModelAdmin):
    """Whoever may change segments and see people decides who is in one."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/by-hand/", view(self.by_hand_page), name="segments_segment_by_hand"),
            path(
                "by-hand/<int:pk>/take-back/",
                view(self.take_back_page),
                name="segments_handpick_take_back",
            ),
            path(
                "of-customer/<int:pk>/",
                view(self.of_customer_page),
                name="segments_segment_of_customer",
            ),
            *super().get_urls(),
        ]

    def by_hand_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Find somebody, see how they stand, decide; below, what was decided before."""
        self._demand(request)
        segment = get_object_or_404(Segment, pk=pk)
        chosen = _chosen(request)
        form = DecisionForm(request.POST or None)
        if chosen and form.is_valid() and _decide(request, segment, chosen, form.cleaned_data):
            return redirect("admin:segments_segment_by_hand", pk)
        text = typed(request)
        found = [chosen] if chosen else find(text, limit=FOUND)
        if found:
            audit("segments.standing_seen", segment, at=now(), by=signed_in(request))
        context = {
            **self._shared(request, _("Add or remove by hand")),
            "segment": segment,
            "form": form,
            "text": text,
            "chosen": chosen,
            "found": standings(segment, found),
            **_page_of_decisions(request, segment),
        }
        return TemplateResponse(request, "segments/by_hand.html", context)

    def of_customer_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Put the customer into a segment of one's choice, or keep them out of it."""
        self._demand(request)
        customer = get_object_or_404(Customer.objects.present(), pk=pk)
        form = DecisionOfCustomerForm(request.POST or None)
        if form.is_valid():
            segment = form.cleaned_data.pop("segment")
            if _decide(request, segment, customer, form.cleaned_data):
                return redirect(profile_url(pk, ProfileTab.MESSAGES))
        context = {
            **self._shared(request, _("Add to a segment, or keep out of it")),
            "customer": customer,
            "form": form,
        }
        return TemplateResponse(request, "segments/of_customer.html", context)

    def take_back_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask whether to take a decision back; a POST does it."""
        self._demand(request)
        people = Handpick.objects.select_related("segment", "customer", "by", "api_key")
        pick = get_object_or_404(people, pk=pk)
        back = reverse("admin:segments_segment_by_hand", args=[pick.segment_id])
        if request.method == "POST":
            try:
                take_back(pick, by=signed_in(request), at=now())
            except DomainError as refusal:
                messages.error(request, refusal.message)
            else:
                messages.success(request, str(TAKEN_BACK[pick.segment.is_list]))
            return redirect(back)
        context = {
            **self._shared(request, _("Take back the decision?")),
            "pick": pick,
            "back": back,
        }
        return TemplateResponse(request, "segments/take_back.html", context)

    def _demand(self, request: HttpRequest) -> None:
        if not (
            self.has_change_permission(request)
            and request.user.has_perm("customers.view_customer")
        ):
            raise PermissionDenied

    def _shared(self, request: HttpRequest, title: str | Promise) -> dict[str, Any]:
        return {**self.admin_site.each_context(request), "opts": self.opts, "title": title}


def _chosen(request: HttpRequest) -> Customer | None:
    text = request.GET.get("customer", "")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
    return Customer.objects.present().filter(pk=number).first()


def _decide(
    request: HttpRequest, segment: Segment, customer: Customer, told: dict[str, str]
) -> bool:
    """Decide as was told, and say so; what is refused is said, and False returned."""
    word = told["word"]
    try:
        DECIDE[word](segment, customer, reason=told["reason"], by=signed_in(request), at=now())
    except DomainError as refusal:
        messages.error(request, refusal.message)
        return False
    said = str(DECIDED[word]) % {"customer": customer, "segment": segment}
    messages.success(request, said)
    return True


def _page_of_decisions(request: HttpRequest, segment: Segment) -> dict[str, Any]:
    """Return the decisions before the one that the address names, and where the next begin."""
    text = request.GET.get("before", "")
    found = decisions(segment)
    if text.isascii() and text.isdigit() and len(text) < 19:
        found = found.filter(pk__lt=int(text))
    page = list(found[: PAGE + 1])
    before = page[PAGE - 1].pk if len(page) > PAGE else None
    more = urlencode({"before": before}) if before else ""
    return {"decisions": page[:PAGE], "more": more}
