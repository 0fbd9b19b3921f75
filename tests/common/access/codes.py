"""An authenticator app."""

from datetime import datetime

from django.utils.timezone import now
from django_otp.oath import TOTP

from common.access.second_factor import new_secret, set_up
from common.models import User
from tests.factories import NOW


def code_of(secret: bytes, *, at: datetime | None = None) -> str:
    """Return what the app shows at this moment."""
    clock = TOTP(secret)
    clock.time = (at or now()).timestamp()
    return f"{clock.token():06}"


def with_app(user: User, *, at: datetime = NOW) -> tuple[bytes, list[str]]:
    """Set up the person's app, some time ago; return its secret and the recovery codes."""
    secret = new_secret()
    return secret, set_up(user, secret=secret, code=code_of(secret, at=at), at=at)
