"""What is kept only for so long: what the coming night ends, and what each night ended."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.decorators import display

from common.admin import ReadOnlyAdmin
from common.templatetags.clientela import whole
from consent.models import RetentionLine, RetentionRun
from consent.queries.retention import MANY, Coming, coming, day_of, next_night
from customers.queries.holdings import kept_for_good
from customers.queries.retention import retention_parts


class LineInline(TabularInline):
    model = RetentionLine
    fields = readonly_fields = ("show_part", "months", "before", "show_count", "finished_at")
    extra = 0
    can_delete = False
    hide_title = True
    ordering = ("pk",)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @display(description=_("what"))
    def show_part(self, line: RetentionLine) -> str:
        # A part of an earlier version may have no words any more.
        part = retention_parts().get(line.part)
        return str(part.label) if part else line.part

    @display(description=_("rows"))
    def show_count(self, line: RetentionLine) -> str:
        return whole(line.count)


@admin.register(RetentionRun)
class RetentionRunAdmin(ReadOnlyAdmin):
    nothing_yet = _(
        "Every night what was kept for as many months as the privacy settings say is emptied or "
        "deleted, and a line here says what that was."
    )
    list_display = ("day", "started_at", "finished_at", "show_rows")
    list_before_template = "consent/retention/intro.html"
    ordering = ("-day",)
    fields = (("day", "started_at", "finished_at"),)
    inlines = (LineInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[RetentionRun]:
        return super().get_queryset(request).annotate(rows=Sum("lines__count", default=0))

    @display(description=_("rows"))
    def show_rows(self, run: Any) -> str:
        return whole(run.rows)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.tonight_page)
        return [path("tonight/", view, name="consent_retentionrun_tonight"), *super().get_urls()]

    def tonight_page(self, request: HttpRequest) -> HttpResponse:
        """Say what the coming night ends, before it does."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        night = next_night(now())
        parts = list(coming(at=night))
        context = {
            **self.admin_site.each_context(request),
            "title": _("What the coming night ends"),
            "day": day_of(night),
            "coming": parts,
            "many": MANY,
            "kept": _untouched(parts),
        }
        return TemplateResponse(request, "consent/retention/tonight.html", context)


def _untouched(parts: Iterable[Coming]) -> list[tuple[str, str]]:
    """Return, by why, the names of what is kept for good and loses nothing to these parts."""
    touched = {it.part.due(it.term).model for it in parts if it.term}
    return [
        (", ".join(str(model._meta.verbose_name_plural) for model in models), because)
        for because, kept in kept_for_good().items()
        if (models := [model for model in kept if model not in touched])
    ]
