"""Where the links in messages lead: without a sign-in, a session or a script."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import translation
from django.utils.timezone import now
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from campaigns.models import Message
from campaigns.operations import tracking
from campaigns.queries.audience import purpose_of
from campaigns.queries.tokens import followed_link, message_to_unsubscribe
from campaigns.rules.links import looks_automatic
from customers.queries.languages import language_of


# A mailbox provider posts here for the person, without cookies (RFC 8058).
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Ask on GET, since scanners follow every link; unsubscribe on POST, whatever its body."""
    message = message_to_unsubscribe(token)
    if message is None:
        return _unknown(request, status=404 if request.method == "POST" else 200)
    if request.method == "POST":
        tracking.unsubscribe(message, at=now())
    return _page(request, message, done=request.method == "POST")


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
    return _unseen(HttpResponseRedirect(link.url))


def _page(request: HttpRequest, message: Message, *, done: bool) -> HttpResponse:
    language = language_of(message.customer)
    with translation.override(language):
        context = {
            "done": done,
            "address": _masked(message.customer.email),
            "purpose": purpose_of(message.campaign),
        }
        response = render(request, "campaigns/unsubscribe.html", context)
    response.headers["Content-Language"] = language.value
    return _unseen(response)


def _unknown(request: HttpRequest, *, status: int) -> HttpResponse:
    """Say the same whatever is wrong with the link."""
    return _unseen(render(request, "campaigns/unknown_link.html", status=status))


def _unseen(response: HttpResponse) -> HttpResponse:
    """Keep the address, which stands for a person, out of other sites' logs and of searches."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _masked(address: str) -> str:
    """Return enough of an address for its owner: messages are forwarded."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}…@{domain}" if local else ""
