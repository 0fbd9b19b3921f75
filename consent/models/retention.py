from django.db import models
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _


class RetentionRun(models.Model):
    """One night's work: what had been kept long enough. One a day of the shop."""

    day = models.DateField(_("night"), unique=True)
    started_at = models.DateTimeField(_("started at"), default=now)
    finished_at = models.DateTimeField(_("finished at"), null=True)

    class Meta:
        verbose_name = _("retention run")
        verbose_name_plural = _("retention runs")

    def __str__(self) -> str:
        return f"{self.day}"


class RetentionLine(models.Model):
    """What a run did to one part: how many rows older than ``before`` it ended.

    ``part`` is a code that an app declares in ``retention.py``. ``count`` grows with each chunk.
    """

    run = models.ForeignKey(
        RetentionRun, models.CASCADE, related_name="lines", verbose_name=_("retention run")
    )
    part = models.CharField(_("what"), max_length=32)
    months = models.PositiveSmallIntegerField(_("kept for months"))
    before = models.DateTimeField(_("older than"))
    count = models.PositiveIntegerField(_("rows"), default=0)
    finished_at = models.DateTimeField(_("finished at"), null=True)

    class Meta:
        verbose_name = _("part of a retention run")
        verbose_name_plural = _("parts of a retention run")
        constraints = [
            models.UniqueConstraint(fields=["run", "part"], name="retention_line_once_per_run")
        ]

    def __str__(self) -> str:
        return f"{self.run_id}:{self.part}"
