"""Where links in messages lead and mail services tell: no sign-in, no session, no script."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import resolve
from django.utils import translation
from django.utils.timezone import now
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from campaigns.models import Message
from campaigns.operations import tracking
from campaigns.queries.audience import categories_used, purpose_of
from campaigns.queries.tokens import (
    followed_link,
    message_to_explain,
    message_to_unsubscribe,
    why_url,
)
from campaigns.queries.why import about
from campaigns.rules.links import looks_automatic
from common.public import unseen
from consent.queries.tokens import preferences_url
from customers.queries.languages import language_of
from customers.rules.masking import masked_email


# A mailbox provider posts here for the person, without cookies (RFC 8058).
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Ask on GET, since scanners follow every link; unsubscribe on POST, whatever its body."""
    message = message_to_unsubscribe(token)
    if message is None:
        return _unknown(request, status=404 if request.method == "POST" else 200)
    everywhere = request.POST.get("from") == "everything"
    if request.method == "POST":
        tracking.unsubscribe(message, at=now(), everywhere=everywhere)
    context = {
        "done": request.method == "POST",
        "everywhere": everywhere,
        "address": masked_email(message.customer.email),
        "purpose": purpose_of(message.campaign),
        "why_url": why_url(message.pk),
        "preferences_url": preferences_url(message.customer_id, at=now()),
    }
    return _page(request, message, "campaigns/unsubscribe.html", lambda: context)


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def why(request: HttpRequest, token: str) -> HttpResponse:
    """Say why a message was sent; POST is one of the page's buttons, and needs no cookie."""
    message = message_to_explain(token)
    if message is None:
        return _unknown(request, status=404 if request.method == "POST" else 200)
    act = request.POST.get("act", "")
    if request.method == "POST" and not _answered(message, act):
        return _unknown(request, status=404)
    return _page(
        request,
        message,
        "campaigns/why.html",
        lambda: {**about(message, at=now()), "done": act or None},
    )


def _answered(message: Message, act: str) -> bool:
    """Do what a button says; False when no button says it."""
    at = now()
    used = {f"without_{category}": category for category in categories_used(message.campaign)}
    if act == "less":
        tracking.wish_less(message, at=at)
    elif act == "not_here":
        tracking.unsubscribe(message, at=at)
    elif act in used:
        tracking.stop_using(message, used[act], at=at)
    else:
        return False
    return True


@never_cache
@require_safe
def click(request: HttpRequest, token: str) -> HttpResponse:
    """Lead to a stored link and nowhere else; only people who really follow it are counted."""
    found = followed_link(token)
    if found is None:
        return _unknown(request, status=404)
    message, link = found
    if request.method == "GET" and not looks_automatic(request.headers.get("User-Agent", "")):
        tracking.record_click(message, link, at=now())
    return unseen(HttpResponseRedirect(link.url))


# The service signs in with the secret, and has no cookies.
@csrf_exempt
def feedback(request: HttpRequest, service: str) -> HttpResponse:
    """Let Anymail read what our mail service tells; without a secret nobody is heard."""
    if not settings.ANYMAIL_WEBHOOK_SECRET or service != settings.MAIL_SERVICE:
        return _unknown(request, status=404)
    return resolve(f"/{service}/tracking/", urlconf="anymail.urls").func(request)


def _page(
    request: HttpRequest, message: Message, template: str, context: Callable[[], dict[str, Any]]
) -> HttpResponse:
    """Answer in the language we write to the person in, whatever their browser asks."""
    language = language_of(message.customer)
    with translation.override(language):
        response = render(request, template, context())
    response.headers["Content-Language"] = language.value
    return unseen(response)


def _unknown(request: HttpRequest, *, status: int) -> HttpResponse:
    """Say the same whatever is wrong with the link."""
    return unseen(render(request, "public/unknown_link.html", status=status))
