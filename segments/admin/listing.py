"""The pages of lists, segments without a rule, and of keeping a segment's members as one."""

from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from common.admin import ModelAdmin
from common.bell import ring
from common.errors import DomainError
from common.staff import signed_in
from segments.forms import KeepForm, ListForm
from segments.models import Segment
from segments.operations.listing import keep_as_list
from segments.operations.saving import save_segment
from segments.tasks import refresh_waiting_segments


class ListPages(ModelAdmin):
    list_before_template = "segments/lists_intro.html"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("lists/add/", view(self.add_list_page), name="segments_segment_add_list"),
            path("<int:pk>/list/", view(self.edit_list_page), name="segments_segment_edit_list"),
            path("<int:pk>/keep/", view(self.keep_page), name="segments_segment_keep"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Open a list by its own form: it has no rule to build."""
        if self.has_change_permission(request) and object_id.isdigit():
            found = Segment.objects.filter(pk=object_id).first()
            if found and found.is_list:
                return redirect("admin:segments_segment_edit_list", found.pk)
        return super().change_view(request, object_id, form_url, extra_context)

    def add_list_page(self, request: HttpRequest) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        return self._list_page(request, Segment(rule=None), _("New list"))

    def edit_list_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.has_change_permission(request):
            raise PermissionDenied
        segment = get_object_or_404(Segment, pk=pk)
        if not segment.is_list:
            return redirect("admin:segments_segment_change", pk)
        return self._list_page(request, segment, _("Edit the list"))

    def _list_page(self, request: HttpRequest, segment: Segment, title: Any) -> HttpResponse:
        form = ListForm(request.POST or None, instance=segment)
        if form.is_valid():
            try:
                kept = save_segment(form.save(commit=False), by=signed_in(request), at=now())
            except DomainError as refusal:
                form.add_error(refusal.field or None, refusal.message)
            else:
                return redirect("admin:segments_segment_overview", kept.pk)
        return self._form_page(request, form, title, segment=segment)

    def keep_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Keep who is in the segment, or was at the end of a day, as a list."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        segment = get_object_or_404(Segment.objects.select_related("purpose"), pk=pk)
        at = now()
        form = KeepForm(request.POST or None, segment=segment, at=at)
        if form.is_valid():
            try:
                kept = keep_as_list(segment, **form.cleaned_data, by=signed_in(request), at=at)
            except DomainError as refusal:
                form.add_error(refusal.field or None, refusal.message)
            else:
                transaction.on_commit(partial(ring, refresh_waiting_segments))
                return redirect("admin:segments_segment_overview", kept.pk)
        return self._form_page(request, form, _("Keep the members as a list"), segment=segment)

    def _form_page(
        self, request: HttpRequest, form: ListForm | KeepForm, title: Any, *, segment: Segment
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "form": form,
            "segment": segment,
            "keeps": isinstance(form, KeepForm),
        }
        return TemplateResponse(request, "segments/list_form.html", context)
