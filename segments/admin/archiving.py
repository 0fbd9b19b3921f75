"""Segments are put away, taken back and deleted, or say what uses them."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from common.admin import ModelAdmin
from common.errors import DomainError
from common.staff import signed_in
from segments.models import Segment
from segments.operations.archiving import archive, bring_back, delete_segment, refuse_in_use


class ArchiveFilter(admin.SimpleListFilter):
    """Leaves archived segments out until somebody asks for them."""

    title = _("archive")
    parameter_name = "archive"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("archived", _("Archived"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Segment]) -> QuerySet[Segment]:
        return queryset.filter(archived_at__isnull=self.value() != "archived")


class ArchivePages(ModelAdmin):
    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/archive/", view(self.archive_page), name="segments_segment_archive"),
            *super().get_urls(),
        ]

    def archive_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Put the segment away, or take it back when it was."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        segment = get_object_or_404(Segment, pk=pk)
        act = bring_back if segment.archived_at else archive
        try:
            act(segment, by=signed_in(request), at=now())
        except DomainError as refusal:
            messages.error(request, refusal.message)
        return redirect("admin:segments_segment_overview", pk)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """Say what uses the segment, before the question whether it is to be deleted."""
        segment = Segment.objects.filter(pk=object_id if object_id.isdigit() else 0).first()
        if segment and self.has_delete_permission(request, segment):
            try:
                refuse_in_use(segment)
            except DomainError as refusal:
                messages.error(request, refusal.message)
                return redirect("admin:segments_segment_overview", segment.pk)
        return super().delete_view(request, object_id, extra_context)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Segment]) -> None:
        for segment in queryset:
            try:
                delete_segment(segment, by=signed_in(request), at=now())
            except DomainError as refusal:
                messages.error(request, refusal.message)

    def delete_model(self, request: HttpRequest, obj: Segment) -> None:
        delete_segment(obj, by=signed_in(request), at=now())
