"""Signing up, and confirming it: pages without a sign-in, a session or a script."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.timezone import now
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from common.enums import Language
from common.errors import DomainError
from common.network import network_address
from common.public import unseen
from consent.enums import Channel, OptInState
from consent.forms.sign_up import SignUpForm
from consent.models import CollectionPoint, PendingOptIn, Purpose
from consent.operations.limits import TooOften
from consent.operations.opt_in_confirmations import can_still_confirm, confirm
from consent.operations.opt_ins import is_offered, language_called, pending_of, sign_up
from consent.queries.notices import text_shown
from consent.rules.opt_in import CONFIRMED
from customers.enums import Category

POINT, PURPOSE = "sign_up", "marketing"


# No cookie stands for anybody here, so that nobody can be made to act by one.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest) -> HttpResponse:
    """Show what somebody says yes to, and let the yes wait for its confirmation.

    The answer is the same for every address.
    """
    point = CollectionPoint.objects.filter(pk=POINT, is_active=True).first()
    purpose = Purpose.objects.get(pk=PURPOSE)
    language = language_called(translation.get_language())
    text = point and text_shown(point, purpose=purpose, language=language, at=now())
    if point is None or text is None or not purpose.is_active:
        raise Http404
    channels = [channel for channel in Channel if channel in CONFIRMED and is_offered(channel)]
    form = SignUpForm(request.POST if request.method == "POST" else None, channels=channels)
    context: dict[str, Any] = {"form": form, "purpose": purpose, "text": text}
    if not form.is_valid():
        status = 422 if form.is_bound else 200
        return render(request, "consent/join.html", context, status=status)
    try:
        tokens = {} if form.is_of_a_program else _sign_up(request, form, point, purpose, language)
    except TooOften as refused:
        return render(request, "consent/join.html", {**context, "refused": refused}, status=429)
    steps = [(channel.label, token) for channel, token in tokens.items()]
    by_mail = Channel.EMAIL in form.cleaned_data["channels"]
    return render(request, "consent/join_asked.html", {"by_mail": by_mail, "steps": steps})


def _sign_up(
    request: HttpRequest,
    form: SignUpForm,
    point: CollectionPoint,
    purpose: Purpose,
    language: Language,
) -> dict[Channel, str]:
    told = form.cleaned_data
    return sign_up(
        point=point,
        purpose=purpose,
        language=language,
        email=told["email"],
        phone=told["phone"],
        channels=told["channels"],
        categories=told["categories"],
        at=now(),
        **_who(request),
    )


# The token is all there is to prove; scanners that follow links do not press buttons.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def opt_in(request: HttpRequest, token: str) -> HttpResponse:
    """Ask on GET; record the yes on POST."""
    pending = pending_of(token)
    if pending is None:
        return unseen(render(request, "consent/opt_in_unknown.html", status=404))
    refused: DomainError | None = None
    if request.method == "POST":
        try:
            pending = confirm(
                pending, at=now(), code=request.POST.get("code", ""), **_who(request)
            )
        except DomainError as no:
            refused = no
    with translation.override(pending.language):
        response = _page(request, pending, refused)
    response.headers["Content-Language"] = pending.language
    return unseen(response)


def _page(
    request: HttpRequest, pending: PendingOptIn, refused: DomainError | None
) -> HttpResponse:
    context = {
        "pending": pending,
        "purpose": pending.purpose,
        "channel": Channel(pending.channel).label,
        "categories": [str(Category(it).label) for it in pending.categories],
        "text": pending.notice_text,
        "done": pending.state == OptInState.CONFIRMED,
        "open": can_still_confirm(pending, at=now()),
        "number": settings.TEXT_NUMBERS.get(pending.channel, ""),
        "refused": refused,
    }
    return render(
        request, "consent/opt_in.html", context, status=refused.status if refused else 200
    )


def _who(request: HttpRequest) -> dict[str, str]:
    """Return what is kept as evidence of a request, and counted."""
    return {
        "network": network_address(request),
        "agent": request.headers.get("User-Agent", ""),
    }
