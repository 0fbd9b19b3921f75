from django.db import models
from django.utils.translation import gettext_lazy as _


class AccountKind(models.TextChoices):
    """Where points are: with a member, or on one of the programme's books."""

    AVAILABLE = "available", _("Available")
    ISSUED = "issued", _("Issued")
    REDEEMED = "redeemed", _("Redeemed")
    EXPIRED = "expired", _("Expired")


class ClosingStep(models.TextChoices):
    """What is done at the end of a day, in this order."""

    EXPIRY = "expiry", _("Points expire")
    TIERS = "tiers", _("Tiers are set")


class TransactionKind(models.TextChoices):
    EARNED = "earned", _("Earned")
    SPENT = "spent", _("Spent")
    EXPIRED = "expired", _("Expired")
    REVERSED = "reversed", _("Taken back")
    ADJUSTED = "adjusted", _("Adjusted")
    OPENED = "opened", _("Brought over")


class AuditAction(models.TextChoices):
    """What people and programs do or see here, as the audit writes it down."""

    MEMBER_VIEWED = "loyalty.member_viewed", _("Member seen")
    POINTS_ADJUSTED = "loyalty.points_adjusted", _("Points adjusted")
    PROGRAMME_CHANGED = "loyalty.programme_changed", _("Programme changed")
