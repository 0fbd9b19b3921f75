"""What the nightly proof found, and the suspensions that changed texts bring."""

from django.db import models
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from consent.models.notices import NoticeVersion


class ProofRun(models.Model):
    """One proof that what is permitted is what people chose; all zeros is good news.

    ``details`` names some of what was found, by ids: ``permissions`` (customer and purpose),
    ``chains`` (customers), ``messages``, ``clicks``. NULL of these two is "not looked at".
    """

    at = models.DateTimeField(_("begun at"))
    finished_at = models.DateTimeField(_("finished at"), null=True)
    permissions_checked = models.PositiveBigIntegerField(_("permissions checked"), default=0)
    differences = models.PositiveBigIntegerField(_("permissions that differ"), default=0)
    choices_checked = models.PositiveBigIntegerField(_("choices checked"), default=0)
    chains_broken = models.PositiveBigIntegerField(_("broken chains"), default=0)
    messages_checked = models.PositiveBigIntegerField(_("messages checked"), null=True)
    messages_without_permission = models.PositiveBigIntegerField(
        _("messages without permission"), null=True
    )
    clicks_checked = models.PositiveBigIntegerField(_("named clicks checked"), null=True)
    clicks_without_permission = models.PositiveBigIntegerField(
        _("named clicks without permission"), null=True
    )
    details = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("proof")
        verbose_name_plural = _("proofs")
        indexes = [models.Index(fields=["-at"], name="proof_latest_first")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d}: {self.faults}"

    @property
    def faults(self) -> int:
        uses = (self.messages_without_permission, self.clicks_without_permission)
        return self.differences + self.chains_broken + sum(count or 0 for count in uses)


class Suspension(models.Model):
    """What rested on earlier words of a notice ends, piece by piece, by customer id."""

    version = models.OneToOneField(NoticeVersion, models.PROTECT, related_name="suspension")
    began_at = models.DateTimeField(_("begun at"), default=now)
    last_customer_id = models.BigIntegerField(default=0)
    people_expected = models.PositiveBigIntegerField(_("people it touches"), default=0)
    people_suspended = models.PositiveBigIntegerField(_("people suspended"), default=0)
    finished_at = models.DateTimeField(_("finished at"), null=True)

    class Meta:
        verbose_name = _("suspension")
        verbose_name_plural = _("suspensions")

    def __str__(self) -> str:
        return str(self.version)
