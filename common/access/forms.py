"""What is asked at the door."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from unfold.forms import AuthenticationForm
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminTextInputWidget

from common.access.guesses import LockedOut, count_try, forgive, was_wrong
from common.enums import Guessed
from common.models import User
from common.operations import audit


def address_of(request: HttpRequest) -> str:
    """Return where a request comes from; ``PROXIES`` says how many of ours stand before us.

    Each proxy adds whom it hears to the end of X-Forwarded-For; what stands before is hearsay.
    """
    told = request.headers.get("X-Forwarded-For", "").split(",") if settings.PROXIES else []
    if len(told) >= settings.PROXIES > 0:
        return told[-settings.PROXIES].strip()
    return request.META.get("REMOTE_ADDR", "")


class SignInForm(AuthenticationForm):
    """Name and password; so many tries for each name and address.

    A name that nobody has is treated as one that somebody has: the same hashing, the same
    sentence, the same lock.
    """

    def clean(self) -> dict[str, Any]:
        name, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if not (name and password and self.request):
            return super().clean()
        at, known = now(), User.objects.filter(username=name).first()
        who = f"{name.lower()} {address_of(self.request)}"
        try:
            tried = count_try(Guessed.PASSWORD, who=who, at=at, user=known)
        except LockedOut as refused:
            raise ValidationError(refused.message, code=refused.code) from None
        try:
            cleaned = super().clean()
        except ValidationError:
            audit("sign_in_failed", known or User, at=at)
            was_wrong(tried, at=at)
            raise
        forgive(tried)
        return cleaned


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("Code"),
        max_length=32,
        help_text=_("The six digits of the app, or a recovery code."),
        widget=UnfoldAdminTextInputWidget(
            attrs={"autocomplete": "one-time-code", "autofocus": True, "spellcheck": "false"}
        ),
    )


class PasswordForm(forms.Form):
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=UnfoldAdminPasswordWidget(
            attrs={"autocomplete": "current-password", "autofocus": True}
        ),
    )
