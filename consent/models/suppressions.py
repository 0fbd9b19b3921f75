from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from consent.enums import Channel, SuppressionReason, SuppressionSource
from consent.models.purposes import Purpose


class Suppression(models.Model):
    """An address that is not written to, whatever was consented; kept as a keyed hash.

    An address may be blocked for several reasons at once: each is lifted by its own rule
    (``consent.rules.suppressions``), and it is blocked as long as one of them stands.
    """

    channel = models.CharField(_("channel"), max_length=10, choices=Channel)
    contact_hash = models.BinaryField(max_length=32)
    reason = models.CharField(_("reason"), max_length=12, choices=SuppressionReason)
    # NULL blocks the address for everything.
    purpose = models.ForeignKey(
        Purpose, models.PROTECT, null=True, blank=True, db_index=False, verbose_name=_("only for")
    )
    source = models.CharField(
        _("source"),
        max_length=10,
        choices=SuppressionSource,
        default=SuppressionSource.SYSTEM,
    )
    created_at = models.DateTimeField(_("since"), default=now)
    lifted_at = models.DateTimeField(_("lifted at"), null=True, blank=True)
    # NULL on a lifted row: the person lifted it by opting in again.
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        verbose_name=_("lifted by"),
    )
    lift_reason = models.CharField(_("why it was lifted"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("suppression")
        verbose_name_plural = _("suppressions")
        permissions = [("lift_complaint", "Can lift a block that followed a complaint")]
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "contact_hash", "reason", "purpose"],
                condition=Q(lifted_at=None),
                nulls_distinct=False,
                name="suppression_stands_once_per_address_and_reason",
            ),
            models.CheckConstraint(
                condition=Q(lifted_at=None) | Q(lift_reason__gt=""),
                name="suppression_is_lifted_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()}: {self.get_reason_display()}"
