"""Pages of the program itself: caught mail, the choice of language, health."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timezone import localtime, now
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_POST, require_safe
from django.views.i18n import set_language

from common import look
from common.enums import Language
from common.health import readiness
from common.mail_catcher import Mailbox, arrived_at, part
from common.models import User


@admin.site.admin_view
def mail(request: HttpRequest) -> HttpResponse:
    mailbox = Mailbox(settings.MAIL_CATCHER)
    page = Paginator(mailbox.names(), per_page=50).get_page(request.GET.get("page"))
    # Only the files of this page are opened: there may be many thousands.
    table = {
        "headers": [_("Subject"), _("Recipient"), _("Arrived")],
        "rows": [row(mailbox, name) for name in page],
    }
    return admin_page(request, "common/mail.html", title=_("Caught mail"), page=page, table=table)


def row(mailbox: Mailbox, name: str) -> list[str]:
    message = mailbox.headers(name)
    link = format_html(
        '<a class="text-link" href="{}">{}</a>',
        reverse("mail_message", args=[name]),
        message["Subject"] or _("(no subject)"),
    )
    arrived = date_format(localtime(arrived_at(name)), "DATETIME_FORMAT")
    return [link, message["To"] or "", arrived]


@admin.site.admin_view
def mail_message(request: HttpRequest, name: str) -> HttpResponse:
    try:
        message = Mailbox(settings.MAIL_CATCHER).open(name)
    except FileNotFoundError as missing:
        raise Http404 from missing
    return admin_page(
        request,
        "common/mail_message.html",
        title=message["Subject"] or _("(no subject)"),
        headers=message.items(),
        html=part(message, "html"),
        plain=part(message, "plain"),
    )


def admin_page(request: HttpRequest, template: str, **context: Any) -> HttpResponse:
    return render(request, template, {**admin.site.each_context(request), **context})


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Keep the language with the user, and in a cookie for the pages before the sign-in."""
    language = request.POST.get("language")
    if isinstance(request.user, User) and language in Language.values:
        request.user.language = language
        request.user.save(update_fields=["language"])
    return set_language(request)


@require_safe
@cache_control(max_age=3600, public=True)
def shop_style(request: HttpRequest) -> HttpResponse:
    """Give public pages the shop's colours; a stylesheet, since inline styles are forbidden."""
    css = look.stylesheet(colour=settings.SHOP_COLOR, dark_colour=settings.SHOP_COLOR_DARK)
    return HttpResponse(css, content_type="text/css; charset=utf-8")


@require_safe
@cache_control(max_age=3600, public=True)
def shop_logo(request: HttpRequest) -> HttpResponse:
    logo = Path(settings.SHOP_LOGO)
    kind = look.LOGO_TYPES.get(logo.suffix.lower())
    if kind is None or not logo.is_file():
        raise Http404
    response = HttpResponse(logo.read_bytes(), content_type=kind)
    # Opened by itself, an SVG is a page that could run scripts.
    response.headers["Content-Security-Policy"] = (
        "sandbox; style-src 'unsafe-inline'; default-src 'none'"
    )
    return response


@never_cache
def live(request: HttpRequest) -> HttpResponse:
    """Say that this process answers; nothing else is asked."""
    return JsonResponse({"status": "ok"})


@never_cache
def ready(request: HttpRequest) -> HttpResponse:
    """Say whether this process can serve: 503 while the database is away or behind.

    The rest is only reported: without the broker tasks come seconds later, and a consumer that
    fails is no reason to take this process from the others.
    """
    states = readiness(at=now())
    serves = states["database"] == states["migrations"] == "ok"
    return JsonResponse(states, status=200 if serves else 503)
