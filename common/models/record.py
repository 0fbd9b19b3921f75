"""What was done and seen, and what left."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from common.enums import FileFormat
from common.models.programs import ApiKey

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

    # Set by the list of exports: what a file was about, where it was one record.
    record: models.Model | None = None

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        permissions = [("export_lists", _("Can take lists as files"))]
        indexes = [models.Index(fields=["-started_at", "-id"], name="export_newest_first")]

    def __str__(self) -> str:
        return f"{self.subject_type} {self.format}"
