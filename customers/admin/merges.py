"""Two records of one person: compared, merged, and divided again; and who may be one."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from common.admin import PeopleList, ReadOnlyAdmin
from common.bell import ring
from common.errors import DomainError
from common.operations import audit
from common.staff import signed_in
from customers.enums import DuplicateReason
from customers.forms.merges import MergeForm
from customers.models import AttributeDefinition, Customer, DuplicateCandidate, Event, Merge
from customers.operations.duplicates import dismiss
from customers.operations.merges import merge, proposed_picks, unmerge, why_not_undone
from customers.queries.holdings import foreseen, moving
from customers.queries.identity import candidate_of
from customers.queries.pages import profile_url
from customers.queries.search import find
from customers.tasks import look_for_duplicates

MAY_MERGE = "customers.merge_customer"


@admin.register(Merge)
class MergeAdmin(PeopleList, ReadOnlyAdmin):
    list_display = ("show_merge", "merged_at", "merged_by", "undone_at", "undone_by")
    list_display_links = None
    list_select_related = ("survivor", "loser", "merged_by", "undone_by")
    ordering = ("-id",)
    fields = ("survivor", "loser", "merged_at", "merged_by", "undone_at", "undone_by")

    @display(description=_("Records"))
    def show_merge(self, record: Merge) -> str:
        page = reverse("admin:customers_merge_undo", args=[record.pk])
        return format_html(
            '<a href="{}" class="link">{} ({}) → {} ({})</a>',
            page,
            record.loser,
            record.loser.external_id,
            record.survivor,
            record.survivor.external_id,
        )

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("with/<int:pk>/", view(self.compare_page), name="customers_merge_with"),
            path("<int:pk>/undo/", view(self.undo_page), name="customers_merge_undo"),
            *super().get_urls(),
        ]

    def compare_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Find the other record, see both side by side and what a merge would do; merge them."""
        _refuse_without_right(request)
        survivor = get_object_or_404(Customer.objects.present(), pk=pk)
        text = request.GET.get("q", "").strip()
        other = request.GET.get("with", "")
        context = {
            **self.admin_site.each_context(request),
            "title": _("Merge with another record"),
            "customer": survivor,
            "text": text,
        }
        if not other.isdecimal() or len(other) > 18:
            # One more, since the record itself may be among them.
            context["found"] = [person for person in find(text, limit=9) if person != survivor]
            return TemplateResponse(request, "customers/merges/find.html", context)
        loser = get_object_or_404(Customer.objects.present().exclude(pk=pk), pk=int(other))
        return self._compare(request, survivor, loser, context)

    def _compare(
        self, request: HttpRequest, survivor: Customer, loser: Customer, context: dict[str, Any]
    ) -> HttpResponse:
        user, at = signed_in(request), now()
        form = MergeForm(
            request.POST or None,
            survivor=survivor,
            loser=loser,
            picks=proposed_picks(survivor, loser),
            labels=dict(AttributeDefinition.objects.values_list("code", "label")),
        )
        if request.method == "POST" and form.is_valid():
            try:
                merge(survivor, loser, picks=form.picks(), by=user, at=at)
            except DomainError as refused:
                messages.error(request, refused.message)
            else:
                messages.success(request, _("The two records are one. It can be undone."))
                return redirect(profile_url(survivor.pk))
        for person in (survivor, loser):
            audit("customers.viewed", person, at=at, by=user)
        context |= {
            "loser": loser,
            "form": form,
            "moving": moving(loser),
            "foreseen": foreseen(survivor, loser, at=at),
            "candidate": candidate_of(survivor, loser),
        }
        return TemplateResponse(request, "customers/merges/compare.html", context)

    def undo_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Say what an undo brings back and what stays; undo."""
        _refuse_without_right(request)
        record = get_object_or_404(Merge.objects.select_related("survivor", "loser"), pk=pk)
        if request.method == "POST":
            try:
                unmerge(record, by=signed_in(request), at=now())
            except DomainError as refused:
                messages.error(request, refused.message)
            else:
                messages.success(request, _("They are two people again."))
                return redirect(profile_url(record.loser_id))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Undo a merge"),
            "record": record,
            "refusal": why_not_undone(record.survivor, record.loser),
            "rows": sum(map(len, record.moved.values_list("rows", flat=True))),
            "since": Event.objects.filter(
                customer=record.survivor, recorded_at__gt=record.merged_at
            ).count(),
        }
        return TemplateResponse(request, "customers/merges/undo.html", context)


def _refuse_without_right(request: HttpRequest) -> None:
    if not request.user.has_perm(MAY_MERGE):
        raise PermissionDenied


class ReasonFilter(admin.SimpleListFilter):
    title = _("Reason")
    parameter_name = "reason"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return DuplicateReason.choices

    def queryset(
        self, request: HttpRequest, candidates: QuerySet[DuplicateCandidate]
    ) -> QuerySet[DuplicateCandidate]:
        reason = self.value()
        return candidates.filter(reasons__contains=[reason]) if reason else candidates


@admin.register(DuplicateCandidate)
class DuplicateCandidateAdmin(PeopleList, ReadOnlyAdmin):
    list_display = ("show_people", "show_known", "show_reasons", "found_at")
    list_display_links = None
    list_filter = (ReasonFilter,)
    list_select_related = ("first", "second")
    list_before_template = "customers/merges/intro.html"
    ordering = ("-score", "id")
    fields = ("first", "second", "show_reasons", "found_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[DuplicateCandidate]:
        return DuplicateCandidate.objects.open()

    @display(description=_("Records"))
    def show_people(self, candidate: DuplicateCandidate) -> str:
        page = reverse("admin:customers_merge_with", args=[candidate.first_id])
        return format_html(
            '<a href="{}?with={}" class="font-semibold link">{} · {}</a>',
            page,
            candidate.second_id,
            candidate.first,
            candidate.second,
        )

    @display(description=_("Known as"))
    def show_known(self, candidate: DuplicateCandidate) -> str:
        people = (candidate.first, candidate.second)
        return " · ".join(person.masked_tax_id or person.external_id for person in people)

    @display(description=_("Why"))
    def show_reasons(self, candidate: DuplicateCandidate) -> str:
        return candidate.why

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("find/", view(self.find), name="customers_duplicatecandidate_find"),
            path(
                "<int:pk>/dismiss/",
                view(self.dismiss),
                name="customers_duplicatecandidate_dismiss",
            ),
            *super().get_urls(),
        ]

    def find(self, request: HttpRequest) -> HttpResponse:
        """Look for duplicates now rather than tonight."""
        _refuse_without_right(request)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        ring(look_for_duplicates)
        messages.success(request, _("Looking; with a million customers it takes a minute."))
        return redirect("admin:customers_duplicatecandidate_changelist")

    def dismiss(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Say that these are two people."""
        _refuse_without_right(request)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        candidates = DuplicateCandidate.objects.select_related("first", "second")
        dismiss(get_object_or_404(candidates, pk=pk), by=signed_in(request), at=now())
        messages.success(request, _("These two are not proposed again."))
        return redirect("admin:customers_duplicatecandidate_changelist")
