"""Who works here."""

from collections.abc import Iterator

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from common.enums import Language


class User(AbstractUser):
    """A person who works here."""

    language = models.CharField(
        _("language"),
        max_length=8,
        choices=Language,
        blank=True,
        help_text=_("Without a choice, the browser's language."),
    )
    apology_limit = models.DecimalField(
        _("apology voucher limit"),
        max_digits=14,
        decimal_places=2,
        default=50,
        validators=[MinValueValidator(0)],
        help_text=_("Above this amount a second person approves."),
    )
    # Raised to end all their sessions: see common.access.sessions.end_sessions.
    session_number = models.PositiveIntegerField(default=0, editable=False)

    # Set on who is signed in by common.access.sessions.Backend; elsewhere nobody has shown a code.
    authenticator_pk: int | None = None
    owes_second_factor: bool = True

    def has_role(self, role: str) -> bool:
        """Say whether they are in the role's group; a superuser stands in for every role."""
        return self.is_superuser or self.groups.filter(name=role).exists()

    def get_session_auth_hash(self) -> str:
        return self._session_hash(settings.SECRET_KEY)

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        for former in settings.SECRET_KEY_FALLBACKS:
            yield self._session_hash(former)

    def _session_hash(self, secret: str) -> str:
        """Return what a session must still agree with: it ends with password or number."""
        facts = f"{self.password}:{self.session_number}"
        return salted_hmac(
            "clientela.session", facts, secret=secret, algorithm="sha256"
        ).hexdigest()
