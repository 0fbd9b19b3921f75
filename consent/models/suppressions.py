from django.db import models
from django.db.models import Q
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from consent.enums import Channel, SuppressionReason


class Suppression(models.Model):
    """An address that is not written to, whatever was consented; kept as a keyed hash."""

    channel = models.CharField(_("channel"), max_length=10, choices=Channel)
    contact_hash = models.BinaryField(max_length=32)
    reason = models.CharField(_("reason"), max_length=12, choices=SuppressionReason)
    created_at = models.DateTimeField(_("since"), default=now)
    lifted_at = models.DateTimeField(_("lifted at"), null=True, blank=True)

    class Meta:
        verbose_name = _("suppression")
        verbose_name_plural = _("suppressions")
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "contact_hash"],
                condition=Q(lifted_at=None),
                name="suppression_stands_once_per_address",
            )
        ]

    def __str__(self) -> str:
        return f"{self.channel}:{self.reason}"
