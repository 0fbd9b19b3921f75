"""Before what cannot be taken back one shows again who one is: at most once in five minutes.

The question stands at the address of the page that asks it, so that the answer leads where one
was; and what was being sent waits in the question's own form, so that nothing typed is lost.
"""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, TypeVar, cast

from django import forms
from django.contrib import admin
from django.contrib.auth.hashers import check_password
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.utils.cache import add_never_cache_headers
from django.utils.timezone import now
from django.utils.translation import gettext as _

from common.access.forms import CodeForm, PasswordForm
from common.access.guesses import count_try, forgive, was_wrong
from common.access.second_factor import check_code
from common.access.sessions import note_second_factor, note_verified, verified_within
from common.enums import Guessed
from common.errors import DomainError
from common.models import User
from common.operations import audit
from common.staff import signed_in

RECENT = timedelta(minutes=5)
# Of the question's own form, beside what waits in it: by which method it was come upon.
ANSWERED = "confirm-answered"
OURS = {ANSWERED, "confirm-code", "confirm-password", "csrfmiddlewaretoken"}

View = TypeVar("View", bound=Callable[..., Any])


class WrongPassword(DomainError):
    code = "wrong_password"
    status = 422


def recently_verified(*, methods: Collection[str] = ("GET", "POST")) -> Callable[[View], View]:
    """Let these methods of a view through for five minutes after a sign-in or a confirmation.

    For functions that take the request first, and for methods of pages that take it next.
    """

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> HttpResponseBase:
            request = next(arg for arg in args if isinstance(arg, HttpRequest))
            if ANSWERED in request.POST:
                return _answered(request, lambda: view(*args, **kwargs))
            if request.method not in methods or verified_within(request, RECENT, at=now()):
                return view(*args, **kwargs)
            return _ask(request, _form(request))

        return cast("View", guarded)

    return guard


def _answered(request: HttpRequest, go_on: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """Judge the answer; then do what was asked for, with what had been sent."""
    form = _form(request, request.POST)
    try:
        if not form.is_valid():
            return _ask(request, form)
        _confirm(request, form.cleaned_data, at=now())
    except DomainError as refused:
        form.add_error(next(iter(form.fields)), refused.message)
        return _ask(request, form)
    if request.POST[ANSWERED] == "GET":
        return HttpResponseRedirect(request.get_full_path())
    request.POST = _waiting(request)  # type: ignore[assignment]
    return go_on()


def _confirm(request: HttpRequest, facts: dict[str, str], *, at: datetime) -> None:
    user = signed_in(request)
    if user.authenticator_pk:
        note_second_factor(request, check_code(user, facts["code"], at=at), at=at)
    else:
        check_own_password(user, facts["password"], at=at)
        note_verified(request, at=at)
    audit("confirmed", user, at=at, by=user)


def check_own_password(user: User, password: str, *, at: datetime) -> None:
    """Raise WrongPassword, or LockedOut after too many."""
    tried = count_try(Guessed.PASSWORD, who=f"signed in: {user.pk}", at=at, user=user)
    if not check_password(password, user.password):
        audit("confirmation_failed", user, at=at, by=user)
        was_wrong(tried, at=at)
        raise WrongPassword(_("This is not your password."), field="password")
    forgive(tried)


def _form(request: HttpRequest, answer: QueryDict | None = None) -> forms.Form:
    kind = CodeForm if signed_in(request).authenticator_pk else PasswordForm
    return kind(answer, prefix="confirm")


def _ask(request: HttpRequest, form: forms.Form) -> HttpResponseBase:
    first_asked = request.POST.get(ANSWERED, request.method or "GET")
    waiting = _waiting(request) if first_asked == "POST" else QueryDict()
    context = {
        **admin.site.each_context(request),
        "title": _("Is it still you?"),
        "form": form,
        "method": first_asked,
        "answered": ANSWERED,
        "waiting": [(name, value) for name, values in waiting.lists() for value in values],
        "loses_files": bool(request.FILES),
    }
    response = TemplateResponse(request, "common/confirm.html", context)
    add_never_cache_headers(response)
    return response


def _waiting(request: HttpRequest) -> QueryDict:
    """Return what was sent, without what belongs to the question."""
    waiting = request.POST.copy()
    for name in OURS & waiting.keys():
        del waiting[name]
    return waiting
