"""What people are shown before they choose; published, a text never changes (triggers)."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from consent.models.purposes import Purpose


class Notice(models.Model):
    """A text that people are shown, through all its versions."""

    code = models.SlugField(_("code"), max_length=32, primary_key=True)
    name = models.CharField(_("name"), max_length=100)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")

    def __str__(self) -> str:
        return self.name


class NoticeVersionQuerySet(models.QuerySet["NoticeVersion"]):
    def published(self, *, at: datetime) -> "NoticeVersionQuerySet":
        return self.filter(published_at__lte=at)


class NoticeVersion(models.Model):
    """What a notice says from ``published_at`` until the next version; NULL is a draft.

    A material version ends what people allowed on the words of the versions before.
    """

    notice = models.ForeignKey(
        Notice, models.PROTECT, related_name="versions", verbose_name=_("notice")
    )
    number = models.PositiveIntegerField(_("version"))
    purposes = models.ManyToManyField(Purpose, related_name="+", verbose_name=_("purposes"))
    is_material = models.BooleanField(_("changes what people agreed to"), default=False)
    created_at = models.DateTimeField(_("created at"), default=now)
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("published by"),
    )

    objects = NoticeVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("version of a notice")
        verbose_name_plural = _("versions of notices")
        constraints = [
            models.UniqueConstraint(fields=["notice", "number"], name="notice_version_once"),
            models.UniqueConstraint(
                fields=["notice"],
                condition=Q(published_at=None),
                name="notice_has_one_draft_at_most",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.notice_id} {self.number}"


class NoticeText(models.Model):
    """The exact words of one version in one language; the database writes their hash."""

    version = models.ForeignKey(NoticeVersion, models.CASCADE, related_name="texts")
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES)
    body = models.TextField(_("text"))
    recipients = models.TextField(_("who receives the data"))
    retention = models.TextField(_("how long they are kept"))
    body_sha256 = models.BinaryField(max_length=32, editable=False)

    class Meta:
        verbose_name = _("text of a notice")
        verbose_name_plural = _("texts of notices")
        constraints = [
            models.UniqueConstraint(
                fields=["version", "language"], name="notice_text_once_per_language"
            )
        ]

    def __str__(self) -> str:
        return f"{self.version_id} {self.language}"
