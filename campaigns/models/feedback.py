from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.enums import FeedbackKind
from campaigns.models.campaigns import Campaign, Message


class Feedback(models.Model):
    """What the mail service told of a message after it took it; never the address."""

    # As of the message: it is counted by campaign.
    campaign = models.ForeignKey(
        Campaign, models.CASCADE, related_name="feedback", db_index=False, editable=False
    )
    message = models.ForeignKey(Message, models.CASCADE, related_name="feedback")
    kind = models.CharField(_("what was told"), max_length=15, choices=FeedbackKind)
    happened_at = models.DateTimeField(_("when"))
    # A keyed hash of the service's name of the word, or of the word itself.
    reference = models.CharField(max_length=64, editable=False)

    class Meta:
        verbose_name = _("feedback")
        verbose_name_plural = _("feedback")
        constraints = [
            models.UniqueConstraint(fields=["reference"], name="feedback_once_per_word")
        ]
        indexes = [models.Index(fields=["campaign", "kind"], name="feedback_of_campaign")]

    def __str__(self) -> str:
        return f"{self.message_id}: {self.get_kind_display()}"
