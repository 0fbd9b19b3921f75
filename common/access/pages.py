"""The pages before the back office: name and password, the code, and setting the app up."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

import segno
from django.contrib import admin, messages
from django.contrib.auth import REDIRECT_FIELD_NAME, login
from django.contrib.auth.views import LoginView, redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters

from common.access import second_factor
from common.access.forms import CodeForm, SignInForm
from common.access.recent import recently_verified
from common.access.sessions import AUTHENTICATOR, has_shown_enough, note_second_factor
from common.errors import DomainError
from common.keys import seal, unseal
from common.models import Authenticator, User
from common.operations import audit
from common.staff import signed_in

# Who gave the password and not yet the code; they are not signed in.
HALF_WAY, NEW_SECRET = "half_way", "new_secret"
HALF_WAY_LASTS = timedelta(minutes=10)


class SignIn(LoginView):
    """Name and password; whoever has a second factor goes on to it and is nobody until then."""

    authentication_form = SignInForm
    template_name = "admin/login.html"

    def form_valid(self, form: Any) -> HttpResponse:
        user, at = form.get_user(), now()
        if Authenticator.objects.filter(user=user).exists():
            _go_half_way(self.request, user, at=at)
            return HttpResponseRedirect(_with_next("sign_in_code", self.get_redirect_url()))
        login(self.request, user)
        audit("signed_in", user, at=at, by=user)
        return HttpResponseRedirect(self.get_success_url())


def open_or_next_step(request: HttpRequest) -> HttpResponse | None:
    """Return where somebody who gave the password already goes on, or None to ask for it."""
    user = request.user
    if not (isinstance(user, User) and user.is_staff):
        return None
    if has_shown_enough(request, at=now()):
        return redirect("admin:index")
    if user.authenticator_pk is None:
        return HttpResponseRedirect(_with_next("second_factor", _asked_for(request)))
    _go_half_way(request, user, at=now())
    return HttpResponseRedirect(_with_next("sign_in_code", _asked_for(request)))


@sensitive_post_parameters()
@csrf_protect
@never_cache
def sign_in_code(request: HttpRequest) -> HttpResponse:
    """Ask for the code of whoever gave the password a moment ago."""
    user, at = _half_way(request, at=now()), now()
    if user is None:
        return redirect("admin:index" if _is_inside(request) else "admin:login")
    form = CodeForm(request.POST or None)
    if form.is_valid():
        try:
            authenticator = second_factor.check_code(user, form.cleaned_data["code"], at=at)
        except DomainError as refused:
            form.add_error("code", refused.message)
        else:
            return _let_in(request, user, authenticator, at=at)
    context = {"title": _("Second factor"), "form": form, "username": user.get_username()}
    return _page(request, "common/sign_in_code.html", context)


def _let_in(
    request: HttpRequest, user: User, authenticator: Authenticator, *, at: datetime
) -> HttpResponse:
    request.session.pop(HALF_WAY, None)
    login(request, user, backend="common.access.sessions.Backend")
    note_second_factor(request, authenticator, at=at)
    audit("signed_in", user, at=at, by=user, fields=["second factor"])
    return HttpResponseRedirect(_asked_for(request) or reverse("admin:index"))


@sensitive_post_parameters()
@csrf_protect
@never_cache
def second_factor_page(request: HttpRequest) -> HttpResponse:
    """Set up the app, or look after it."""
    user = request.user
    if not (isinstance(user, User) and user.is_active and user.is_staff):
        return redirect_to_login(request.get_full_path(), reverse("admin:login"))
    if user.authenticator_pk and not has_shown_enough(request, at=now()):
        return redirect_to_login(request.get_full_path(), reverse("admin:login"))
    return _looked_after(request)


@recently_verified()
def _looked_after(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    if user.authenticator_pk and "new" not in request.GET:
        return _kept(request, user)
    return _set_up(request, user)


def _set_up(request: HttpRequest, user: User) -> HttpResponse:
    secret = _secret_on_offer(request)
    form = CodeForm(request.POST or None)
    form.fields["code"].help_text = _("The six digits that the app shows now.")
    if form.is_valid():
        try:
            codes = second_factor.set_up(
                user, secret=secret, code=form.cleaned_data["code"], at=now()
            )
        except DomainError as refused:
            form.add_error("code", refused.message)
        else:
            del request.session[NEW_SECRET]
            note_second_factor(request, Authenticator.objects.get(user=user), at=now())
            return _show_codes(request, codes)
    context = {
        "title": _("Set up the second factor"),
        "form": form,
        "picture": _picture(second_factor.address_for_app(secret, user)),
        "typed": second_factor.typed(secret),
        "is_demanded": user.owes_second_factor and not user.authenticator_pk,
    }
    return _page(request, "common/second_factor_set_up.html", context)


def _kept(request: HttpRequest, user: User) -> HttpResponse:
    if request.method == "POST":
        try:
            return _act(request, user)
        except DomainError as refused:
            messages.error(request, refused.message)
    authenticator = Authenticator.objects.get(user=user)
    context = {
        "title": _("Second factor"),
        "authenticator": authenticator,
        "left": authenticator.recovery_codes.filter(used_at=None).count(),
        "is_demanded": second_factor.is_demanded_of(user),
    }
    return _page(request, "common/second_factor.html", context)


def _act(request: HttpRequest, user: User) -> HttpResponse:
    if request.POST.get("act") == "renew":
        return _show_codes(request, second_factor.renew_recovery_codes(user, at=now()))
    if request.POST.get("act") == "remove" and second_factor.remove(user, by=user, at=now()):
        request.session.pop(AUTHENTICATOR, None)
        messages.success(request, _("The second factor is gone: your password alone lets you in."))
    return redirect("admin:index")


def _show_codes(request: HttpRequest, codes: list[str]) -> HttpResponse:
    """Show the codes in the answer itself: a redirect would have to store them somewhere."""
    context = {
        "title": _("Your recovery codes"),
        "codes": codes,
        "file": f"data:text/plain;charset=utf-8,{quote(chr(10).join(codes))}",
        "go_on": _asked_for(request) or reverse("admin:index"),
    }
    return _page(request, "common/recovery_codes.html", context)


def _secret_on_offer(request: HttpRequest) -> bytes:
    """Return the secret that the page shows, sealed in the session until it is set up."""
    if NEW_SECRET not in request.session:
        secret = second_factor.new_secret()
        request.session[NEW_SECRET] = seal(secret.hex()).decode()
    return bytes.fromhex(unseal(request.session[NEW_SECRET].encode()))


def _picture(address: str) -> SafeString:
    code = segno.make(address, error="m")
    drawn = code.svg_inline(border=3, light="white", omitsize=True)
    # Our own drawing of our own text: there is nothing of anybody's in it.
    return mark_safe(drawn)  # noqa: S308


def _go_half_way(request: HttpRequest, user: User, *, at: datetime) -> None:
    request.session[HALF_WAY] = {
        "user": user.pk,
        "at": at.timestamp(),
        "hash": user.get_session_auth_hash(),
    }


def _half_way(request: HttpRequest, *, at: datetime) -> User | None:
    """Return who gave the password within ten minutes and since when nothing changed for them."""
    known = request.session.get(HALF_WAY)
    if not known or at.timestamp() - known["at"] > HALF_WAY_LASTS.total_seconds():
        return None
    user = User.objects.filter(pk=known["user"], is_active=True, is_staff=True).first()
    if user is None or not constant_time_compare(known["hash"], user.get_session_auth_hash()):
        return None
    return user


def _is_inside(request: HttpRequest) -> bool:
    return request.user.is_authenticated and has_shown_enough(request, at=now())


def _asked_for(request: HttpRequest) -> str:
    """Return where the person wanted to go, if that is a page of ours; '' otherwise."""
    page = request.POST.get(REDIRECT_FIELD_NAME, request.GET.get(REDIRECT_FIELD_NAME, ""))
    is_ours = url_has_allowed_host_and_scheme(
        page, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return page if is_ours else ""


def _with_next(name: str, page: str) -> str:
    address = reverse(f"admin:{name}")
    return f"{address}?{urlencode({REDIRECT_FIELD_NAME: page})}" if page else address


def _page(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """Show it within the back office to who may be there, and by itself to who is at the door."""
    around = {**admin.site.each_context(request), **context}
    inside = around["has_permission"]
    around["frame"] = "admin/base_site.html" if inside else "unfold/layouts/unauthenticated.html"
    return TemplateResponse(request, template, around)
