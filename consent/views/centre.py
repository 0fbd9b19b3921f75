"""The preference centre: what a person allows, wishes and chose, behind a link of their own.

Without a sign-in, a session or a script. The link is what proves who somebody is, so nothing that
it shows is enough to learn an address by, and every form carries a token made for that page.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, Concatenate
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.timezone import now
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from common.bell import ring
from common.enums import Language
from common.errors import DomainError
from common.public import unseen
from consent.enums import Act, LinkSource, RequestKind
from consent.models import NoticeText, Purpose
from consent.operations.centre import choose, stop_everything
from consent.operations.limits import Limit, count_once
from consent.operations.packages import ask_by_link
from consent.operations.wishes import wish
from consent.queries.centre import addresses, choices, history, text_in
from consent.queries.known import known
from consent.queries.packages import latest_package
from consent.queries.receipts import choice_of, receipt_of
from consent.queries.subject_requests import answer_to, profile_field, requests_of
from consent.queries.tokens import Opened, form_token, is_own_form, opened_by
from consent.queries.wishes import topic_boxes, topic_called, wishes_of
from consent.rules.centre import SAID, Form, Scope, scope_called
from consent.rules.subject_requests import RECTIFIABLE
from consent.rules.wishes import Topic, Wishes, frequency_in_words
from consent.tasks import make_packages
from customers.models import Customer
from customers.queries.languages import language_of
from customers.rules.masking import masked_email

WRITES = Limit("preferences", times=20, within=timedelta(hours=1))
PAUSE = timedelta(days=30)
FREQUENCIES = (None, 7, 30)


class PageTooOld(DomainError):
    code = "page_too_old"


@dataclass(frozen=True)
class Visit:
    """Somebody on their page: whose it is, by which link, in which language, when."""

    opened: Opened
    token: str
    language: Language
    at: datetime

    @property
    def customer(self) -> Customer:
        return self.opened.customer

    def address(self, **query: str) -> str:
        asked = {**query, "lang": self.language.value}
        return f"{reverse('preferences', args=[self.token])}?{urlencode(asked)}"


Page = Callable[Concatenate[HttpRequest, Visit, ...], HttpResponse]


def behind_a_link(page: Page) -> Callable[..., HttpResponse]:
    """Open the page to whoever has a link, in their language; say the same of every other link."""

    # There is no session that another site could ride on; forms have a token of their own.
    @csrf_exempt
    @never_cache
    @wraps(page)
    def answer(request: HttpRequest, token: str, **named: Any) -> HttpResponse:
        at = now()
        opened = opened_by(token, at=at)
        if opened is None:
            status = 404 if request.method == "POST" else 200
            return unseen(render(request, "public/unknown_link.html", status=status))
        language = _language(request, opened.customer)
        with translation.override(language):
            response = page(request, Visit(opened, token, language, at), **named)
        response.headers["Content-Language"] = language.value
        return unseen(response)

    return answer


def _language(request: HttpRequest, customer: Customer) -> Language:
    asked = request.GET.get("lang")
    return Language(asked) if asked in Language.values else language_of(customer)


@require_http_methods(["GET", "HEAD", "POST"])
@behind_a_link
def preferences(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show what stands; do on POST what was chosen, and then say what holds now."""
    if request.method != "POST":
        done = request.GET.get("done", "")
        return _done(request, visit) if done in ACTS else _page(request, visit)
    try:
        done = _act(request, visit)
    except DomainError as refused:
        return _page(request, visit, refused=refused)
    return HttpResponseRedirect(visit.address(done=done), status=303)


def _act(request: HttpRequest, visit: Visit) -> str:
    count_once(WRITES, who=str(visit.customer.pk), at=visit.at)
    if not is_own_form(request.POST.get("form", ""), visit.customer, at=visit.at):
        raise PageTooOld(
            _("This page was open for too long. Here is what stands now; please choose again.")
        )
    act = request.POST.get("act", "")
    if act not in ACTS:
        raise Http404
    ACTS[act](request, visit)
    return act


def _stop(request: HttpRequest, visit: Visit) -> None:
    stop_everything(visit.customer, source=visit.opened.source, at=visit.at)


def _choose(request: HttpRequest, visit: Visit) -> None:
    purpose = Purpose.objects.filter(pk=request.POST.get("purpose", "")).first()
    if purpose is None:
        raise Http404
    boxes = (_scopes(request, name) for name in ("offered", "shown", "ticked"))
    choose(
        visit.customer,
        purpose=purpose,
        form=Form(*boxes),
        source=visit.opened.source,
        shown=_text_shown(request, visit),
        at=visit.at,
    )


def _scopes(request: HttpRequest, name: str) -> frozenset[Scope]:
    return frozenset(filter(None, map(scope_called, request.POST.getlist(name))))


def _text_shown(request: HttpRequest, visit: Visit) -> NoticeText | None:
    """Return the text that stood on the page, which may have changed since."""
    told = request.POST.get("text", "")
    return NoticeText.objects.filter(pk=told).first() if told.isdecimal() else None


def _set_frequency(request: HttpRequest, visit: Visit) -> None:
    days = request.POST.get("days", "")
    wish(visit.customer, at_most_every_days=int(days) if days.isdecimal() else None, at=visit.at)


def _pause(request: HttpRequest, visit: Visit) -> None:
    wish(visit.customer, paused_until=visit.at + PAUSE, at=visit.at)


def _resume(request: HttpRequest, visit: Visit) -> None:
    wish(visit.customer, paused_until=None, at=visit.at)


def _mute(request: HttpRequest, visit: Visit) -> None:
    """Mute what was ticked, and want again what was shown as muted and is not ticked."""
    muted = wishes_of(visit.customer).muted
    offered, ticked = _topics(request, "offered"), _topics(request, "ticked")
    wish(visit.customer, muted=(muted - offered) | (offered & ticked), at=visit.at)


def _topics(request: HttpRequest, name: str) -> frozenset[Topic]:
    return frozenset(filter(None, map(topic_called, request.POST.getlist(name))))


def _ask(request: HttpRequest, visit: Visit) -> None:
    """Take down what the person asks about their data; a link that we sent them proves it.

    Whoever came by a link that staff handed out is asked who they are.
    """
    kind = request.POST.get("kind", "")
    if kind not in RequestKind.values:
        raise Http404
    ask_by_link(
        visit.customer,
        RequestKind(kind),
        identity_is_known=visit.opened.source == LinkSource.MESSAGE,
        language=visit.language,
        words=request.POST.get("words", "")[:2000],
        proposed={name: request.POST.get(f"proposed_{name}", "") for name in RECTIFIABLE},
        at=visit.at,
    )
    ring(make_packages)


def _ask_for_copy(_request: HttpRequest, visit: Visit) -> None:
    ask_by_link(
        visit.customer,
        RequestKind.ACCESS,
        identity_is_known=visit.opened.source == LinkSource.MESSAGE,
        language=visit.language,
        at=visit.at,
    )
    ring(make_packages)


ACTS: dict[str, Callable[[HttpRequest, Visit], None]] = {
    "stop": _stop,
    "choose": _choose,
    "frequency": _set_frequency,
    "pause": _pause,
    "resume": _resume,
    "mute": _mute,
    "ask": _ask,
    "copy": _ask_for_copy,
}


def _page(
    request: HttpRequest, visit: Visit, *, refused: DomainError | None = None
) -> HttpResponse:
    looking_for = request.GET.get("product", "")[:100]
    context = {
        **_what_holds(visit),
        "form_token": form_token(visit.customer, at=visit.at),
        "text": text_in(visit.language.value, at=visit.at),
        "frequencies": _frequencies(visit),
        "boxes": topic_boxes(wishes_of(visit.customer), looking_for=looking_for),
        "looking_for": looking_for,
        "history": history(visit.customer),
        "request_kinds": RequestKind.choices,
        "rectifiable": [(name, profile_field(name).verbose_name) for name in RECTIFIABLE],
        "asked": [(it, answer_to(it)) for it in requests_of(visit.customer)],
        "package": latest_package(visit.customer),
        "email": masked_email(visit.customer.email),
        "refused": refused,
    }
    status = refused.status if refused else 200
    return render(request, "consent/centre/page.html", context, status=status)


def _done(request: HttpRequest, visit: Visit) -> HttpResponse:
    context = {**_what_holds(visit), "done": request.GET["done"]}
    return render(request, "consent/centre/done.html", context)


def _what_holds(visit: Visit) -> dict[str, Any]:
    wishes = wishes_of(visit.customer)
    return {
        **_frame(visit),
        "choices": choices(visit.customer, at=visit.at),
        "paused_until": _standing_pause(wishes, at=visit.at),
        "frequency": frequency_in_words(wishes.at_most_every_days),
    }


def _frame(visit: Visit) -> dict[str, Any]:
    """Return what every page behind the link shows."""
    return {
        "shop": settings.SHOP_NAME,
        "addresses": addresses(visit.customer),
        "here": visit.address(),
        "token": visit.token,
        "lang": visit.language.value,
        "languages": [(it.value, get_language_info(it.value)["name_local"]) for it in Language],
    }


def _standing_pause(wishes: Wishes, *, at: datetime) -> datetime | None:
    return wishes.paused_until if wishes.paused_until and wishes.paused_until > at else None


def _frequencies(visit: Visit) -> list[tuple[int | None, Any, bool]]:
    """Return how often there is to choose from, and what a program may have set beside it."""
    chosen = wishes_of(visit.customer).at_most_every_days
    days = FREQUENCIES if chosen in FREQUENCIES else (*FREQUENCIES, chosen)
    return [(it, frequency_in_words(it), it == chosen) for it in days]


@require_safe
@behind_a_link
def held_data(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Say at once what we know about the person, without the values: messages are forwarded."""
    context = {
        **_frame(visit),
        "known": [(kind.label, tables) for kind, tables in known(visit.customer).items()],
        "officer": settings.DATA_PROTECTION_OFFICER,
    }
    return render(request, "consent/centre/known.html", context)


@require_safe
@behind_a_link
def receipt(request: HttpRequest, visit: Visit, number: int) -> HttpResponse:
    """Give the receipt of one choice, to read and print, or as JSON to keep."""
    event = choice_of(visit.customer, number)
    if event is None:
        return render(request, "public/unknown_link.html", status=404)
    told = receipt_of(event)
    if request.GET.get("format") == "json":
        name = f'attachment; filename="receipt-{event.occurred_at:%Y-%m-%d}-{number}.json"'
        return JsonResponse(
            told.as_json(), headers={"Content-Disposition": name}, json_dumps_params={"indent": 2}
        )
    said = str(SAID[Act(event.act)]) % {"scope": told.channel or told.category}
    context = {**_frame(visit), "receipt": told, "said": said, "number": number}
    return render(request, "consent/centre/receipt.html", context)
