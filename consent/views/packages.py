"""The file with all that is held about somebody: a link opens the page, a code gives the file.

Without a sign-in, a session or a script. Programs that follow links press no button.
"""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.timezone import localdate, now
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from common.bell import ring
from common.enums import Language
from common.errors import DomainError
from common.public import unseen
from consent.enums import PackageState
from consent.models import Package
from consent.operations.package_codes import ask_code, is_open, is_ready, take
from consent.queries.packages import package_behind, ways_to
from consent.tasks import send_package_codes


# No cookie stands for anybody here, so that nobody can be made to act by one.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def package(request: HttpRequest, token: str) -> HttpResponse:
    """Show what becomes of the file; on POST send a code, or give the file to whoever has it."""
    found = package_behind(token)
    if found is None:
        status = 404 if request.method == "POST" else 200
        return unseen(render(request, "public/unknown_link.html", status=status))
    asked = request.GET.get("lang")
    language = Language(asked if asked in Language.values else found.language)
    here = f"{reverse('package', args=[token])}?{urlencode({'lang': language.value})}"
    with translation.override(language):
        response = _answer(request, found, here=here, language=language)
    response.headers["Content-Language"] = language.value
    return unseen(response)


def _answer(
    request: HttpRequest, package: Package, *, here: str, language: Language
) -> HttpResponse:
    if request.method != "POST":
        return _page(request, package, here=here, language=language)
    try:
        return _act(request, package, here=here)
    except DomainError as refused:
        package.refresh_from_db()
        return _page(request, package, here=here, language=language, refused=refused)


def _act(request: HttpRequest, package: Package, *, here: str) -> HttpResponse:
    act = request.POST.get("act")
    if act == "send":
        ask_code(package, channel=request.POST.get("channel", ""), at=now())
        ring(send_package_codes)
        return HttpResponseRedirect(here, status=303)
    if act == "take":
        return _file(take(package, code=request.POST.get("code", ""), at=now()))
    raise Http404


def _file(content: bytes) -> HttpResponse:
    name = _("my-data-%(day)s.zip") % {"day": localdate().isoformat()}
    return HttpResponse(
        content,
        content_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _page(
    request: HttpRequest,
    package: Package,
    *,
    here: str,
    language: Language,
    refused: DomainError | None = None,
) -> HttpResponse:
    at, ways = now(), ways_to(package.customer)
    context: dict[str, Any] = {
        "package": package,
        "is_ready": is_ready(package, at=at),
        "is_code_open": is_open(package, at=at),
        "sent_to": next((it.address for it in ways if it.channel == package.code_channel), ""),
        "ways": ways,
        "here": here,
        "lang": language.value,
        "languages": [(it.value, get_language_info(it.value)["name_local"]) for it in Language],
        "officer": settings.DATA_PROTECTION_OFFICER,
        # What is said above the page, of a link that is over, it says below as well.
        "refused": None if _says_itself(package, refused) else refused,
    }
    status = refused.status if refused else 200
    return render(request, "consent/package.html", context, status=status)


def _says_itself(package: Package, refused: DomainError | None) -> bool:
    return refused is not None and package.state != PackageState.READY
