"""Notices: drafted in both languages side by side, looked at, published once."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from common.admin import ModelAdmin
from common.bell import ring
from common.errors import DomainError
from common.staff import signed_in
from consent.forms.notices import DraftForm
from consent.models import CollectionPoint, Notice, NoticeVersion
from consent.operations.notices import draft, publish, write
from consent.queries.notices import people_resting_on_earlier
from consent.tasks import suspend_permissions

MAY_WRITE = "consent.change_notice"


@admin.register(Notice)
class NoticeAdmin(ModelAdmin):
    nothing_yet = gettext_lazy(
        "The texts that people are shown before they choose. Begin with one, and publish it."
    )
    list_display = ("name", "show_published", "show_points", "show_draft")
    fields = ("name", "code")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Notice]:
        versions = NoticeVersion.objects.order_by("-number")
        points = CollectionPoint.objects.order_by("code")
        return (
            super()
            .get_queryset(request)
            .prefetch_related(
                Prefetch("versions", versions), Prefetch("collectionpoint_set", points)
            )
        )

    @display(description=gettext_lazy("In force"))
    def show_published(self, notice: Notice) -> str:
        for version in notice.versions.all():
            if version.published_at:
                return _("version %(number)s") % {"number": version.number}
        return _("nothing yet")

    @display(description=gettext_lazy("Shown at"))
    def show_points(self, notice: Notice) -> str:
        return ", ".join(map(str, notice.collectionpoint_set.all())) or "—"

    @display(description=gettext_lazy("Draft"))
    def show_draft(self, notice: Notice) -> str:
        waits = any(version.published_at is None for version in notice.versions.all())
        return _("waits to be published") if waits else "—"

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.publish_page)
        return [
            path("publish/<int:pk>/", page, name="consent_notice_publish"),
            *super().get_urls(),
        ]

    def response_add(
        self, request: HttpRequest, obj: Notice, post_url_continue: str | None = None
    ) -> HttpResponse:
        return redirect("admin:consent_notice_change", obj.pk)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show what the notice says and said, and its draft to whoever may write."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        notice = get_object_or_404(Notice, pk=object_id)
        may_write = request.user.has_perm(MAY_WRITE)
        versions = notice.versions.prefetch_related("texts", "purposes").order_by("-number")
        waiting = versions.filter(published_at=None).first() if may_write else None
        form = DraftForm(request.POST or None, version=waiting) if waiting else None
        if request.method == "POST":
            if not may_write:
                raise PermissionDenied
            if answer := self._write(request, notice, waiting, form):
                return answer
        context = {
            **self.admin_site.each_context(request),
            "title": notice.name,
            "notice": notice,
            "published": versions.exclude(published_at=None).select_related("suspension"),
            "draft": waiting,
            "form": form,
            "may_write": may_write,
            "points": notice.collectionpoint_set.order_by("code"),
        }
        return TemplateResponse(request, "consent/notice.html", context)

    def _write(
        self,
        request: HttpRequest,
        notice: Notice,
        waiting: NoticeVersion | None,
        form: DraftForm | None,
    ) -> HttpResponse | None:
        if waiting is None or form is None:
            draft(notice, by=signed_in(request), at=now())
            return redirect("admin:consent_notice_change", notice.pk)
        if not form.is_valid():
            return None
        try:
            write(
                waiting,
                words=form.words(),
                purposes=form.cleaned_data["purposes"],
                is_material=form.cleaned_data["is_material"],
                by=signed_in(request),
                at=now(),
            )
        except DomainError as refused:
            messages.error(request, refused.message)
            return redirect("admin:consent_notice_change", notice.pk)
        if "publish" in request.POST:
            return redirect("admin:consent_notice_publish", waiting.pk)
        messages.success(request, _("The draft is kept. Nobody sees it before it is published."))
        return redirect("admin:consent_notice_change", notice.pk)

    def publish_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the draft as people will read it, and whom it touches; publish it."""
        if not request.user.has_perm(MAY_WRITE):
            raise PermissionDenied
        drafts = NoticeVersion.objects.select_related("notice").filter(published_at=None)
        version = get_object_or_404(drafts, pk=pk)
        back = reverse("admin:consent_notice_change", args=[version.notice_id])
        if request.method == "POST":
            try:
                publish(version, by=signed_in(request), at=now())
            except DomainError as refused:
                messages.error(request, refused.message)
            else:
                ring(suspend_permissions)
                messages.success(request, _("Published: people read these words from now on."))
            return redirect(back)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Publish version %(number)s") % {"number": version.number},
            "version": version,
            "suspended": people_resting_on_earlier(version) if version.is_material else 0,
            "points": version.notice.collectionpoint_set.order_by("code"),
            "back": back,
        }
        return TemplateResponse(request, "consent/notice_publish.html", context)
