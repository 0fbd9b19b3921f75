from django.db import models
from django.utils.translation import gettext_lazy as _


class Effect(models.TextChoices):
    PERCENT = "percent", _("Percent off")
    AMOUNT = "amount", _("Amount off")


class RedemptionState(models.TextChoices):
    REDEEMED = "redeemed", _("Redeemed")
    ROLLED_BACK = "rolled_back", _("Rolled back")


class CampaignState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    SCHEDULED = "scheduled", _("Scheduled")
    LAUNCHING = "launching", _("Choosing the audience")
    SENDING = "sending", _("Sending")
    FINISHED = "finished", _("Finished")
    STOPPED = "stopped", _("Stopped")


class Outcome(models.TextChoices):
    """The verdict on one person at launch: will be sent, or held back, and why."""

    WILL_SEND = "will_send", _("Will be sent")
    CONTROL_GROUP = "control_group", _("Control group")
    NO_ADDRESS = "no_address", _("No e-mail address")
    DUPLICATE_ADDRESS = "duplicate_address", _("Address already in the audience")
    SUPPRESSED = "suppressed", _("Address is blocked")
    NO_PERMISSION = "no_permission", _("Never gave permission")
    CHANNEL_REFUSED = "channel_refused", _("Refused the channel")
    DATA_REFUSED = "data_refused", _("Refused the use of the data")


class MessageState(models.TextChoices):
    HELD = "held", _("Held back")
    READY = "ready", _("Ready")
    LEASED = "leased", _("Taken by a worker")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed")
    SKIPPED = "skipped", _("Skipped")
    UNCERTAIN = "uncertain", _("Uncertain")


class ApologyState(models.TextChoices):
    WAITING = "waiting", _("Waiting for approval")
    ISSUED = "issued", _("Issued")
    DECLINED = "declined", _("Declined")


class ApologyReason(models.TextChoices):
    LATE = "late", _("Delivered late")
    DAMAGED = "damaged", _("Damaged or spoiled")
    WRONG_ITEM = "wrong_item", _("Wrong item")
    CHARGED_WRONG = "charged_wrong", _("Charged wrongly")
    BAD_SERVICE = "bad_service", _("Bad service")
    OTHER = "other", _("Other")
