"""Segments: built, read and refreshed."""

from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timezone import localtime, now
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from common.admin.exporting import export_page, may_export
from common.bell import ring
from common.operations import audit
from common.staff import signed_in
from common.templatetags.clientela import percent, whole
from customers.enums import Category
from customers.operations.imports import kinds_for
from segments.admin import audiences, builder, combining, explaining, page, reaching
from segments.admin.archiving import ArchiveFilter, ArchivePages
from segments.admin.handpicking import HandpickPages
from segments.admin.listing import ListPages
from segments.admin.then import ThenPages
from segments.compiler import still_meant
from segments.enums import SegmentTab
from segments.exports import MEMBERS, SEGMENTS, still_members
from segments.forms import SegmentForm
from segments.models import Membership, Segment
from segments.operations.saving import Archived, ask_for_refresh, save_segment
from segments.queries import data_of, filled_percent, sentence_of, stays, traits, using
from segments.queries.staleness import OutOfDate, out_of_date
from segments.rules import BadRule
from segments.rules.gallery import EMPTY, ready
from segments.tasks import refresh_waiting_segments

PAGE = 25


class DataFilter(admin.SimpleListFilter):
    """Keeps the segments that use a kind of data, for whoever answers for its use."""

    title = _("kind of data used")
    parameter_name = "data"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return Category.choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[Segment]) -> QuerySet[Segment]:
        chosen = self.value()
        if chosen not in Category.values:
            return queryset
        return queryset.filter(pk__in=using(Category(chosen)))


@admin.register(Segment)
class SegmentAdmin(HandpickPages, ListPages, ThenPages, ArchivePages):
    operation_tells = True
    nothing_yet = _(
        "A segment says whom you mean: those who bought twice, who have a birthday soon, who "
        "have not come for a while. It keeps itself up to date."
    )
    form = SegmentForm
    export_table = SEGMENTS
    list_display = (
        "show_name",
        "show_sentence",
        "purpose",
        "show_size",
        "show_reach",
        "show_state",
    )
    list_display_links = None
    list_select_related = ("purpose",)
    list_filter = ("purpose", DataFilter, ArchiveFilter)
    search_fields = ("name", "description")

    @display(description=_("Segment"), ordering="name")
    def show_name(self, segment: Segment) -> str:
        page = reverse("admin:segments_segment_overview", args=[segment.pk])
        return format_html('<a href="{}" class="font-semibold link">{}</a>', page, segment)

    @display(description=_("Who belongs to it"))
    def show_sentence(self, segment: Segment) -> str:
        stale = _stale(segment)
        if stale is None:
            return segment.sentence
        told = '<div>{} <span class="state-trouble">{}</span></div>'
        return format_html(told, segment.sentence, stale.reason)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changelist = super().get_changelist_instance(request)
        known = traits()
        for segment in changelist.result_list:
            segment.sentence = sentence_of(segment, known)
        return changelist

    @display(description=pgettext_lazy("of a segment", "Members"), ordering="member_count")
    def show_size(self, segment: Segment) -> str:
        return whole(segment.member_count) if segment.refreshed_at else "…"

    @display(description=_("Reachable by e-mail"), ordering="reachable_count")
    def show_reach(self, segment: Segment) -> str:
        if segment.refreshed_at is None or segment.reachable is None:
            return "…"
        reachable = segment.reachable
        return f"{whole(reachable)} ({percent(reachable / (segment.member_count or 1))})"

    @display(
        description=_("Right as of"),
        ordering="refreshed_at",
        label={"right": "success", "counting": "info", "broken": "danger"},
    )
    def show_state(self, segment: Segment) -> tuple[str, Any]:
        if stale := _stale(segment):
            told = _("out of date since %(day)s")
            since = stale.since or segment.failed_at or segment.changed_at
            day = date_format(localtime(since), "SHORT_DATETIME_FORMAT")
            return "broken", str(told) % {"day": day}
        if segment.refreshed_at is None:
            return "counting", _("being counted")
        return "right", date_format(localtime(segment.refreshed_at), "SHORT_DATETIME_FORMAT")

    # The builder

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        chosen = ready(request.GET.get("ready", ""))
        if chosen is None:
            return combining.joined(request) or {"rule": EMPTY}
        facts = {
            "name": str(chosen.name),
            "description": str(chosen.description),
            "rule": chosen.rule,
        }
        return facts | ({"purpose": chosen.purpose} if chosen.purpose else {})

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if object_id and self._only_reads(request):
            return redirect("admin:segments_segment_overview", object_id)
        context: dict[str, Any] = {
            "builder": builder.settings(object_id),
            "show_save_and_add_another": False,
            "show_save_and_continue": False,
            **(extra_context or {}),
        }
        if object_id is None:
            chosen = ready(request.GET.get("ready", ""))
            context |= {"gallery": builder.gallery(chosen), "chosen": chosen}
        return super().changeform_view(request, object_id, form_url, context)

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Segment | None = None,
    ) -> HttpResponse:
        context["stale"] = out_of_date(obj, at=now()) if obj else None
        return super().render_change_form(request, context, add, change, form_url, obj)

    def save_model(self, request: HttpRequest, obj: Segment, form: Any, change: bool) -> None:
        save_segment(obj, by=signed_in(request), at=now())
        transaction.on_commit(partial(ring, refresh_waiting_segments))

    def response_post_save_add(self, request: HttpRequest, obj: Segment) -> HttpResponse:
        return redirect("admin:segments_segment_overview", obj.pk)

    def response_post_save_change(self, request: HttpRequest, obj: Segment) -> HttpResponse:
        return redirect("admin:segments_segment_overview", obj.pk)

    # Pages of our own

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("total/", view(self.total_page), name="segments_segment_total"),
            path("check/", view(self.check_page), name="segments_segment_check"),
            path("look/", view(self.look_page), name="segments_segment_look"),
            path("reach/", view(self.rule_reach_page), name="segments_segment_rule_reach"),
            path("values/", view(self.values_page), name="segments_segment_values"),
            path("<int:pk>/overview/", view(self.overview_page), name="segments_segment_overview"),
            path("<int:pk>/panel/", view(self.panel_page), name="segments_segment_panel"),
            path(
                "<int:pk>/explain/<int:customer_pk>/",
                view(explaining.explain_page),
                name="segments_segment_explain",
            ),
            path("why/<int:customer_pk>/", view(explaining.why_page), name="segments_segment_why"),
            path("<int:pk>/reach/", view(self.reach_page), name="segments_segment_reach"),
            path(
                "<int:pk>/members/export/",
                view(self.members_export_page),
                name="segments_segment_export_members",
            ),
            path("<int:pk>/audience/", view(self.audience_page), name="segments_segment_audience"),
            path("<int:pk>/refresh/", view(self.refresh_page), name="segments_segment_refresh"),
            *super().get_urls(),
        ]

    def total_page(self, request: HttpRequest) -> HttpResponse:
        self._demand_builder(request)
        return builder.total(request)

    def check_page(self, request: HttpRequest) -> HttpResponse:
        self._demand_builder(request)
        return builder.check(request)

    def look_page(self, request: HttpRequest) -> HttpResponse:
        self._demand_builder(request)
        return builder.look(request)

    def rule_reach_page(self, request: HttpRequest) -> HttpResponse:
        self._demand_builder(request)
        return builder.reach(request)

    def values_page(self, request: HttpRequest) -> HttpResponse:
        self._demand_builder(request)
        return builder.values(request)

    def overview_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show what a segment says and one part of its page, first who is in it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        segment = get_object_or_404(Segment.objects.select_related("purpose"), pk=pk)
        may_see_people = request.user.has_perm("customers.view_customer")
        tab = page.tab_of(request)
        shows_people = may_see_people and tab == SegmentTab.MEMBERS
        shown, after = _members_page(request, segment) if shows_people else ([], None)
        data = data_of(segment)
        context = {
            **self.admin_site.each_context(request),
            "title": segment.name,
            "opts": self.opts,
            "segment": segment,
            "is_waiting": _is_waiting(segment),
            "filled_percent": filled_percent(segment),
            "sentence": sentence_of(segment),
            "data": [it.label for it in sorted(data)],
            "is_sensitive": Category.SENSITIVE in data,
            "tab": tab,
            "tabs": list(SegmentTab),
            "parts": page.parts(request, segment, tab),
            "stays": shown,
            "after": after,
            "may_see_people": may_see_people,
            "may_export": self._takes_people(request),
            "may_change": self.has_change_permission(request),
            "may_add": self.has_add_permission(request),
            "may_bring": "list_members" in kinds_for(signed_in(request)),
            "stale": out_of_date(segment, at=now()),
            "decided_count": segment.handpicks.standing().count(),
        }
        return TemplateResponse(request, "segments/overview.html", context)

    def reach_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Say who of those whom the rule means can be reached, and why not the others."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        segment = get_object_or_404(Segment.objects.select_related("purpose"), pk=pk)
        return reaching.show(request, segment)

    def panel_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Answer with one of the figures on a segment's page."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        segment = get_object_or_404(Segment.objects.select_related("purpose"), pk=pk)
        return page.panel_page(request, segment)

    def members_export_page(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Take who is in the segment as a file, asked against the rule again."""
        if not (self.has_view_permission(request) and self._takes_people(request)):
            raise PermissionDenied
        segment = get_object_or_404(Segment.objects.select_related("purpose"), pk=pk)
        back = reverse("admin:segments_segment_overview", args=[pk])
        try:
            members = still_members(segment, at=now())
        except BadRule as refusal:
            messages.error(request, refusal.message)
            return redirect(back)
        title = gettext("Export: members of %(segment)s") % {"segment": segment}
        return export_page(
            request, MEMBERS, members, filters=(), back=back, title=title, subject=segment
        )

    def audience_page(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Hand the members' hashed addresses to an advertising platform."""
        if not (self.has_change_permission(request) and self._takes_people(request)):
            raise PermissionDenied
        segment = get_object_or_404(Segment.objects.select_related("purpose"), pk=pk)
        return audiences.audience_page(request, segment)

    def refresh_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.has_change_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        segment = get_object_or_404(Segment, pk=pk)
        try:
            ask_for_refresh(segment, by=signed_in(request), at=now())
        except Archived as refusal:
            messages.error(request, refusal.message)
        else:
            ring(refresh_waiting_segments)
            messages.success(request, _("The members are being found anew; the page shows it."))
        return redirect("admin:segments_segment_overview", pk)

    def _takes_people(self, request: HttpRequest) -> bool:
        return request.user.has_perm("customers.view_customer") and may_export(request)

    def _only_reads(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request) and not self.has_change_permission(request)

    def _demand_builder(self, request: HttpRequest) -> None:
        if not (self.has_add_permission(request) or self.has_change_permission(request)):
            raise PermissionDenied


def _is_waiting(segment: Segment) -> bool:
    """Say whether the members are about to be found; of an archived one they never are."""
    is_new = not (segment.refreshed_at or segment.error)
    return segment.archived_at is None and (segment.asked_at is not None or is_new)


def _stale(segment: Segment) -> OutOfDate | None:
    """Say what is wrong with the members; of one whose first are being found, nothing."""
    known = segment.refreshed_at or segment.error
    return out_of_date(segment, at=now()) if known else None


def _members_page(request: HttpRequest, segment: Segment) -> tuple[list[Membership], int | None]:
    """Return the members after the customer that the address names, and where the next begins."""
    text = request.GET.get("after", "")
    after = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
    found = list(stays(segment).filter(customer_id__gt=after)[: PAGE + 1])
    first, more = found[:PAGE], found[PAGE:]
    at = now()
    audit("segments.members_seen", segment, at=at, by=signed_in(request))
    try:
        shown = still_meant(first, segment=segment, at=at)
    except BadRule:
        shown = []
    return shown, first[-1].customer_id if more else None
