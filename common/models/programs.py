"""Who signs in by a key, and what is kept of their requests."""

import hashlib
import hmac
import secrets
from datetime import datetime
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.expressions import RawSQL
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from common.enums import RequestState, Scope


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    def usable(self, *, at: datetime | RawSQL) -> Self:
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=at), revoked_at=None)


class ApiKey(models.Model):
    """A program's credential; the secret is shown once and kept as a hash.

    The secret has 256 random bits, so a plain SHA-256 is enough (OWASP ASVS 5.0, 6.5.2).
    """

    name = models.CharField(_("name"), max_length=100)
    prefix = models.CharField(_("prefix"), max_length=10, unique=True, editable=False)
    secret_hash = models.BinaryField(max_length=32, editable=False)
    scopes = ArrayField(
        models.CharField(max_length=32, choices=Scope), verbose_name=_("scopes"), default=list
    )
    requests_per_minute = models.PositiveIntegerField(_("requests per minute"), default=6000)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False
    )
    created_at = models.DateTimeField(_("created at"), default=now, editable=False)
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, editable=False)
    last_used_at = models.DateTimeField(_("last used at"), null=True, editable=False)

    # The credential in clear: set by ``create_key`` on this one object, kept nowhere.
    credential = ""
    # Until when its codes are not judged; set by ``common.authentication`` on the caller.
    codes_locked_until: datetime | None = None

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")

    def __str__(self) -> str:
        return self.name

    def renew_secret(self) -> str:
        """Set a new secret on the unsaved object and return the credential to show once."""
        self.prefix = secrets.token_hex(5)
        secret = secrets.token_urlsafe(32)
        self.secret_hash = self.hash_of(secret)
        return f"clientela_{self.prefix}_{secret}"

    def opens_with(self, secret: str) -> bool:
        return hmac.compare_digest(bytes(self.secret_hash), self.hash_of(secret))

    @staticmethod
    def hash_of(secret: str) -> bytes:
        return hashlib.sha256(secret.encode()).digest()


class ApiKeyUsage(models.Model):
    """How many requests of the running minute a key has been granted; see common.throttling.

    The table is unlogged: a write costs no disk, and a crash forgets at most a minute.
    """

    api_key = models.OneToOneField(ApiKey, models.CASCADE, primary_key=True)
    minute = models.PositiveIntegerField()
    granted = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.api_key_id}:{self.granted}"


class IdempotencyRecord(models.Model):
    """The first answer to a request, given again to its repeats; kept for 72 hours."""

    api_key = models.ForeignKey(ApiKey, models.CASCADE)
    key = models.CharField(max_length=255)
    request_hash = models.BinaryField(max_length=32)
    state = models.CharField(max_length=8, choices=RequestState, default=RequestState.RUNNING)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(null=True)
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["api_key", "key"], name="idempotency_record_once_per_key"
            )
        ]
        indexes = [models.Index(fields=["created_at"], name="idempotency_record_by_age")]

    def __str__(self) -> str:
        return f"{self.api_key_id}:{self.state}"
