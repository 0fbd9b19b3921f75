from django.conf import settings
from django.db import models
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from common.models import ApiKey
from customers.enums import ImportState, StartRule
from customers.rules.files import REASONS


class ImportJob(models.Model):
    """A file that somebody brought, and how far it has come in.

    The row is the promise: a task finds work by ``state`` and goes on at ``merged_rows``. ``kind``
    names a kind of file that an app declares in its ``importers.py``; ``mapping`` says which
    column fills which field. Rows of ``historic`` files count in metrics and segments and set off
    nothing.
    """

    kind = models.CharField(_("kind of file"), max_length=32)
    file = models.FileField(_("file"), upload_to="imports/%Y/%m/", max_length=200)
    file_name = models.CharField(_("file name"), max_length=200)
    file_sha256 = models.CharField(max_length=64, blank=True, editable=False)
    encoding = models.CharField(_("encoding"), max_length=16, default="utf-8")
    delimiter = models.CharField(_("delimiter"), max_length=1, default=",")
    # The first line of the file: the next file that begins so is mapped as this one was.
    header = models.JSONField(default=list, editable=False)
    mapping = models.JSONField(_("columns"), default=dict)
    # By which column rows are matched with what is known; '' is the kind's own.
    matched_by = models.CharField(_("matched by"), max_length=16, blank=True)
    # What all rows go into, where the file does not say: see ``FileKind.into``.
    into = models.CharField(_("goes into"), max_length=200, blank=True, db_default="")
    historic = models.BooleanField(
        _("history"),
        default=False,
        help_text=_("Old rows: they count, but earn no points and start no messages."),
    )
    state = models.CharField(
        _("state"), max_length=10, choices=ImportState, default=ImportState.UPLOADED
    )
    start_rule = models.CharField(
        _("comes in"), max_length=12, choices=StartRule, default=StartRule.ASK
    )
    refusal = models.TextField(_("why refused"), blank=True)

    # What the check foresaw: how many to create, update, leave unchanged and reject.
    preview = models.JSONField(default=dict, editable=False)
    row_count = models.PositiveIntegerField(_("rows"), default=0)
    merged_rows = models.PositiveIntegerField(_("rows done"), default=0)
    created_count = models.PositiveIntegerField(_("created"), default=0)
    updated_count = models.PositiveIntegerField(_("updated"), default=0)
    unchanged_count = models.PositiveIntegerField(_("unchanged"), default=0)
    rejected_count = models.PositiveIntegerField(_("rejected"), default=0)

    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, verbose_name=_("by")
    )
    api_key = models.ForeignKey(
        ApiKey, models.PROTECT, null=True, verbose_name=_("API key"), editable=False
    )
    created_at = models.DateTimeField(_("uploaded at"), default=now)
    started_at = models.DateTimeField(_("started at"), null=True)
    finished_at = models.DateTimeField(_("finished at"), null=True)
    # How many steps of the judgement are done, and how often in a row the work failed.
    judged_steps = models.PositiveSmallIntegerField(default=0, editable=False)
    failures = models.PositiveSmallIntegerField(default=0, editable=False)
    # How far an undo has come (the id of the last row), and how many rows ended how.
    undone_upto = models.BigIntegerField(default=0, editable=False)
    undone = models.JSONField(default=dict, editable=False)
    undone_at = models.DateTimeField(_("undone at"), null=True, editable=False)
    # The file, rejected values and former values are personal data: they go after 72 hours.
    forgotten_at = models.DateTimeField(null=True, editable=False)
    # Somebody works on it until then; after that anybody may go on.
    lease_until = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        indexes = [models.Index(fields=["state", "id"], name="import_by_state")]

    def __str__(self) -> str:
        return self.file_name


class SavedMapping(models.Model):
    """What the columns of a file are, under a name, for files that are brought again and again."""

    name = models.CharField(_("name"), max_length=100)
    kind = models.CharField(_("kind of file"), max_length=32, editable=False)
    mapping = models.JSONField(_("columns"), editable=False)
    matched_by = models.CharField(max_length=16, blank=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, verbose_name=_("by")
    )
    created_at = models.DateTimeField(_("saved at"), default=now, editable=False)

    class Meta:
        verbose_name = _("saved mapping")
        verbose_name_plural = _("saved mappings")
        # Who may bring files in may keep how they are written.
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "name"],
                name="saved_mapping_once_per_name",
                violation_error_message=_("Another mapping has this name."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class RejectedRow(models.Model):
    """One reason why one line of a file did not come in; the line itself stays in the file."""

    job = models.ForeignKey(ImportJob, models.CASCADE, related_name="rejected_rows")
    line = models.PositiveIntegerField(_("line"))
    column = models.CharField(_("column"), max_length=100, blank=True)
    value = models.TextField(_("value"), blank=True)
    # A key of the reasons in customers.rules.files, translated when shown.
    reason = models.CharField(_("reason"), max_length=64)
    # What the reason's sentence names, such as the words that there are.
    expected = models.TextField(blank=True, db_default="")

    class Meta:
        verbose_name = _("rejected row")
        verbose_name_plural = _("rejected rows")
        indexes = [models.Index(fields=["job", "line"], name="rejected_row_by_line")]

    def __str__(self) -> str:
        return f"{self.line}: {self.reason}"

    @property
    def sentence(self) -> str:
        """Say why the row did not come in, in the reader's language."""
        return str(REASONS[self.reason]) % {"value": self.value, "expected": self.expected}
