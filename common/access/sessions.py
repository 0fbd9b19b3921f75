"""What a session has shown, and what ends it.

A session knows when its owner last proved who they are (``verified_at``, in seconds) and by which
authenticator. Everything else is asked of the tables at each request: a demand, a role, a device
that is gone.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Group
from django.db.models import Exists, F, OuterRef, Q
from django.http import HttpRequest
from django.utils.timezone import now

from common.models import Authenticator, RoleSecurity, User

VERIFIED_AT, AUTHENTICATOR = "verified_at", "authenticator"
# A second factor is shown once a working day; see SESSION_COOKIE_AGE.
SECOND_FACTOR_LASTS = timedelta(hours=12)


class Backend(ModelBackend):
    """Django's own; whoever is signed in comes with what their second factor is."""

    def get_user(self, user_id: int) -> User | None:
        user = with_second_factor().filter(pk=user_id).first()
        return user if user and self.user_can_authenticate(user) else None


def with_second_factor() -> Any:
    """Return all users with ``authenticator_pk`` and ``owes_second_factor``."""
    demands = RoleSecurity.objects.filter(needs_second_factor=True)
    theirs = demands.filter(group__user=OuterRef("pk"))
    has_one = Q(authenticator__isnull=False)
    facts: dict[str, Any] = {
        "authenticator_pk": F("authenticator__pk"),
        "owes_second_factor": has_one | Exists(theirs) | Q(Exists(demands), is_superuser=True),
    }
    return User.objects.annotate(**facts)


def note_verified(request: HttpRequest, *, at: datetime) -> None:
    request.session[VERIFIED_AT] = at.timestamp()


def note_second_factor(
    request: HttpRequest, authenticator: Authenticator, *, at: datetime
) -> None:
    request.session[AUTHENTICATOR] = authenticator.pk
    note_verified(request, at=at)


def verified_within(request: HttpRequest, span: timedelta, *, at: datetime) -> bool:
    verified_at = request.session.get(VERIFIED_AT, 0)
    return at.timestamp() - verified_at < span.total_seconds()


def has_shown_enough(request: HttpRequest, *, at: datetime) -> bool:
    """Say whether the session has shown all that is demanded of its owner.

    Whoever has set a second factor up shows it, demanded or not.
    """
    user = request.user
    if not isinstance(user, User):
        return False
    if not user.owes_second_factor:
        return True
    shown = request.session.get(AUTHENTICATOR)
    is_theirs = shown is not None and shown == user.authenticator_pk
    return is_theirs and verified_within(request, SECOND_FACTOR_LASTS, at=at)


def end_sessions(people: Iterable[User]) -> None:
    """End every session of these people; programs go on, their keys are nobody's session."""
    ended = list(people)
    User.objects.filter(pk__in=[user.pk for user in ended]).update(
        session_number=F("session_number") + 1
    )
    for user in ended:
        user.refresh_from_db(fields=["session_number"])


def keep_session(request: HttpRequest, user: User) -> None:
    """Let the session of this request go on, although what it rested on has changed."""
    update_session_auth_hash(request, user)


def on_sign_in(sender: type[User], request: HttpRequest, user: User, **_: object) -> None:
    note_verified(request, at=now())


def on_roles_changed(
    sender: type, instance: User | Group, action: str, pk_set: set[int] | None, **_: object
) -> None:
    """End the sessions of whoever gets or loses a role, whichever door it comes through."""
    if action not in ("post_add", "post_remove", "post_clear") or pk_set == set():
        return
    if isinstance(instance, User):
        end_sessions([instance])
    else:
        end_sessions(User.objects.filter(pk__in=pk_set or ()))
