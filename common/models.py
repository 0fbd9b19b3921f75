import hashlib
import hmac
import secrets
from datetime import datetime
from typing import Self

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.expressions import RawSQL
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from common.enums import FileFormat, Language, RequestState, Scope


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


# Of the name of a field in the audit.
FIELD_LENGTH = 64


class AuditEntry(models.Model):
    """Which person or key did or saw what: names of fields, never their values.

    The database refuses to change or delete an entry.
    """

    at = models.DateTimeField(_("at"), default=now)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        # audit_entry_by_person leads with it.
        db_index=False,
        verbose_name=_("person"),
    )
    api_key = models.ForeignKey(ApiKey, models.PROTECT, null=True, verbose_name=_("API key"))
    action = models.CharField(_("action"), max_length=64)
    subject_type = models.CharField(_("kind of record"), max_length=64)
    subject_id = models.BigIntegerField(_("record"), null=True)
    fields = ArrayField(
        models.CharField(max_length=FIELD_LENGTH),
        verbose_name=_("fields"),
        default=list,
        blank=True,
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    count = models.PositiveIntegerField(
        _("records"), null=True, help_text=_("How many records a list showed.")
    )

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        indexes = [
            models.Index(fields=["-at"], name="audit_entry_newest_first"),
            models.Index(fields=["subject_type", "subject_id"], name="audit_entry_by_subject"),
            models.Index(fields=["actor", "-at"], name="audit_entry_by_person"),
            models.Index(fields=["action", "-at"], include=["actor"], name="audit_entry_by_act"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.subject_type} {self.subject_id}"


class Export(models.Model):
    """A list that left as a file: who took it, what it showed, and why.

    Written before the first byte leaves. ``finished_at`` stays empty when the reader broke off;
    ``row_count`` is then what had left until then.
    """

    started_at = models.DateTimeField(_("at"), default=now)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, verbose_name=_("person")
    )
    api_key = models.ForeignKey(ApiKey, models.PROTECT, null=True, verbose_name=_("API key"))
    subject_type = models.CharField(_("list"), max_length=64)
    subject_id = models.BigIntegerField(_("record"), null=True)
    columns = ArrayField(models.TextField(), verbose_name=_("columns"), default=list)
    filters = ArrayField(models.TextField(), verbose_name=_("narrowed by"), default=list)
    format = models.CharField(_("file format"), max_length=8, choices=FileFormat)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    row_count = models.PositiveIntegerField(_("rows"), null=True)
    finished_at = models.DateTimeField(_("finished at"), null=True)

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        permissions = [("export_lists", _("Can take lists as files"))]
        indexes = [models.Index(fields=["-started_at", "-id"], name="export_newest_first")]

    def __str__(self) -> str:
        return f"{self.subject_type} {self.format}"
