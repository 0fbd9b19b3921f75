"""Who was in a segment at the end of a day."""

from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.timezone import localtime, now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.admin import ModelAdmin
from common.admin.exporting import export_page, may_export
from common.operations import audit
from common.staff import signed_in
from segments.compiler import still_allowed
from segments.exports import MEMBERS_THEN, members_then
from segments.forms import DayForm, end_of_day
from segments.models import Membership, Segment
from segments.queries import stays_as_of
from segments.rules import BadRule

PAGE = 25


class ThenPages(ModelAdmin):
    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/then/", view(self.then_page), name="segments_segment_then"),
            path(
                "<int:pk>/then/export/",
                view(self.then_export_page),
                name="segments_segment_export_then",
            ),
            *super().get_urls(),
        ]

    def then_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask for a day, and show who was in the segment when it ended, a page at a time."""
        segment, at = self._segment(request, pk), now()
        form = DayForm(request.GET if "day" in request.GET else None, at=at)
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Who was in it"),
            "segment": segment,
            "form": form,
            "may_export": may_export(request),
        }
        if form.is_valid():
            context |= _people(request, segment, form.cleaned_data["day"], at=at)
            audit("segments.members_seen", segment, at=at, by=signed_in(request))
        return TemplateResponse(request, "segments/then.html", context)

    def then_export_page(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        segment, at = self._segment(request, pk), now()
        if not may_export(request):
            raise PermissionDenied
        back = reverse("admin:segments_segment_then", args=[pk])
        day = parse_date(request.GET.get("day", "")) or localtime(at).date()
        try:
            members = members_then(segment, as_of=end_of_day(day, at=at), at=at)
        except BadRule as refusal:
            messages.error(request, refusal.message)
            return redirect(back)
        title = gettext("Export: who was in %(segment)s on %(day)s") % {
            "segment": segment,
            "day": date_format(day, "SHORT_DATE_FORMAT"),
        }
        return export_page(
            request, MEMBERS_THEN, members, filters=(), back=back, title=title, subject=segment
        )

    def _segment(self, request: HttpRequest, pk: int) -> Segment:
        sees_people = request.user.has_perm("customers.view_customer")
        if not (self.has_view_permission(request) and sees_people):
            raise PermissionDenied
        return get_object_or_404(Segment.objects.select_related("purpose"), pk=pk)


def _people(request: HttpRequest, segment: Segment, day: date, *, at: datetime) -> dict[str, Any]:
    text = request.GET.get("page", "1")
    number = int(text) if text.isascii() and text.isdigit() and 0 < len(text) < 6 else 1
    found = stays_as_of(segment, end_of_day(day, at=at))
    page: list[Membership] = list(found[(number - 1) * PAGE : number * PAGE + 1])
    try:
        shown = still_allowed(page[:PAGE], segment=segment, at=at)
    except BadRule as refusal:
        return {"wrong": refusal.message, "day": day}
    return {
        "day": day,
        "count": found.count(),
        "stays": shown,
        "next": number + 1 if len(page) > PAGE else None,
    }
