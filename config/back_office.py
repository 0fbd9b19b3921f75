"""The site of the back office: Unfold's, with our door, and but for the command search."""

from typing import Any, cast

from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from unfold.sites import UnfoldAdminSite

from common.access.pages import SignIn, open_or_next_step, second_factor_page, sign_in_code
from common.access.sessions import has_shown_enough
from common.models import User
from common.operations import audit
from common.staff import signed_in
from config.privacy import page as privacy_page
from config.reach import page as reach_page
from config.search import hits


class BackOffice(UnfoldAdminSite):
    index_title = _("Dashboard")

    def has_permission(self, request: HttpRequest) -> bool:
        """Let in who works here and has shown all that is demanded of them.

        Every page of the back office asks this one function, at every request.
        """
        user = request.user
        works_here = isinstance(user, User) and user.is_active and user.is_staff
        return works_here and has_shown_enough(request, at=now())

    def get_app_list(
        self, request: HttpRequest, app_label: str | None = None
    ) -> list[dict[str, Any]]:
        """Leave the list of all models until somebody looks at it: our sidebar is another.

        Every page asks for it, which costs about a tenth of the page.
        """
        whole = super().get_app_list
        return cast("list[dict[str, Any]]", SimpleLazyObject(lambda: whole(request, app_label)))

    def get_urls(self) -> list[URLPattern | URLResolver]:
        return [
            path("login/code/", sign_in_code, name="sign_in_code"),
            path("privacy/", self.admin_view(self.privacy), name="privacy"),
            path("reach/", self.admin_view(self.reach), name="reach"),
            path("second-factor/", second_factor_page, name="second_factor"),
            *super().get_urls(),
        ]

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if request.method == "GET" and (known := open_or_next_step(request)):
            return known
        context = {
            **self.each_context(request),
            "title": _("Log in"),
            "app_path": request.get_full_path(),
            "username": request.user.get_username(),
            **(extra_context or {}),
        }
        if REDIRECT_FIELD_NAME not in {**request.GET, **request.POST}:
            context[REDIRECT_FIELD_NAME] = reverse("admin:index")
        page: Any = never_cache(SignIn.as_view(extra_context=context))
        return page(request)

    def logout(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if request.method == "POST" and isinstance(request.user, User):
            audit("signed_out", request.user, at=now(), by=request.user)
        return super().logout(request, extra_context)

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        answer = super().password_change(request, extra_context)
        if request.method == "POST" and answer.status_code == 302:
            user = signed_in(request)
            audit("password_changed", user, at=now(), by=user)
        return answer

    def privacy(self, request: HttpRequest) -> HttpResponse:
        return privacy_page(request, self.each_context(request))

    def reach(self, request: HttpRequest) -> HttpResponse:
        return reach_page(request, self.each_context(request))

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
