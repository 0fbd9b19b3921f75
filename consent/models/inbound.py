from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from consent.enums import Channel, InboundState, Meaning
from consent.models.suppressions import Suppression
from customers.models import Customer


class InboundMessage(models.Model):
    """What somebody wrote to us from their phone, and what came of it.

    The words are kept, sealed, only while they wait to be read. ``customer`` is the first who has
    the number; what a message changes, it changes for all who do.
    """

    channel = models.CharField(_("channel"), max_length=10, choices=Channel)
    reference = models.CharField(max_length=160, unique=True)
    contact_hash = models.BinaryField(max_length=32)
    customer = models.ForeignKey(
        Customer, models.CASCADE, null=True, related_name="+", verbose_name=_("customer")
    )
    meaning = models.CharField(_("means"), max_length=10, choices=Meaning)
    state = models.CharField(_("state"), max_length=8, choices=InboundState)
    sealed = models.BinaryField(null=True)
    # What holds messages back meanwhile; none where the number was blocked before.
    hold = models.ForeignKey(Suppression, models.SET_NULL, null=True, related_name="+")
    reply = models.CharField(_("answer"), max_length=320, blank=True)
    received_at = models.DateTimeField(_("received at"))
    read_at = models.DateTimeField(_("read at"), null=True)
    read_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, verbose_name=_("read by")
    )

    class Meta:
        verbose_name = _("message from a phone")
        verbose_name_plural = _("messages from phones")
        constraints = [
            models.CheckConstraint(
                condition=Q(sealed=None) | Q(state=InboundState.WAITING),
                name="inbound_keeps_the_words_only_while_they_wait",
            )
        ]
        indexes = [
            models.Index(
                fields=["received_at", "id"],
                condition=Q(state=InboundState.WAITING),
                name="inbound_that_waits",
            ),
            models.Index(fields=["contact_hash", "channel"], name="inbound_of_number"),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()}: {self.get_meaning_display()}"
