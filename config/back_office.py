"""The site of the back office: Unfold's, but for the command search."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path
from django.utils.translation import gettext_lazy as _
from unfold.sites import UnfoldAdminSite

from config.privacy import page as privacy_page
from config.search import hits


class BackOffice(UnfoldAdminSite):
    index_title = _("Dashboard")

    def get_urls(self) -> list[URLPattern | URLResolver]:
        return [
            path("privacy/", self.admin_view(self.privacy), name="privacy"),
            *super().get_urls(),
        ]

    def privacy(self, request: HttpRequest) -> HttpResponse:
        return privacy_page(request, self.each_context(request))

    def search(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Answer Ctrl-K.

        Unfold's own keeps each answer for five minutes: a customer just created would not be
        found, and one just erased would.
        """
        text = request.GET.get("s", "").strip()
        if not text:
            return HttpResponse()
        return TemplateResponse(
            request,
            "admin/search_results.html",
            {"hits": hits(request, text)},
            # Unfold's script moves the selection to the first hit when it hears this.
            headers={"HX-Trigger": "search"},
        )
