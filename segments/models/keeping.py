"""What the engine still has to look at."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from customers.models import Customer
from segments.enums import SweepReason


class Due(models.Model):
    """The next instant at which time alone may change an answer about somebody.

    Only of the next day and a half; one for each customer, the earliest, whichever segment it is
    about: all of them are asked together. It may come too early, never too late.
    """

    customer = models.OneToOneField(Customer, models.CASCADE, primary_key=True, related_name="+")
    at = models.DateTimeField(db_index=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.customer_id} at {self.at}"


class Round(models.Model):
    """Up to when the clock has been followed, and on what answers rested then: one row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    asked_upto = models.DateTimeField()
    rests_on = models.CharField(max_length=120)

    class Meta:
        default_permissions = ()
        constraints = [models.CheckConstraint(condition=Q(id=1), name="round_is_one")]

    def __str__(self) -> str:
        return str(self.asked_upto)


class SweepQuerySet(models.QuerySet["Sweep"]):
    def waiting(self) -> Self:
        return self.filter(finished_at=None)


class Sweep(models.Model):
    """Everybody is looked at once more, by ranges of ids: up to ``done_upto`` so far.

    Because so many changed that nobody named them; or at night, to prove that nobody was
    forgotten: then what was not right, and nobody was about to mend, is counted as drift.
    ``profiles`` counts those that were brought in line, ``memberships`` who entered or left.
    """

    reason = models.CharField(_("reason"), max_length=8, choices=SweepReason)
    asked_at = models.DateTimeField(_("asked at"), default=now)
    done_upto = models.BigIntegerField(default=0)
    profiles = models.PositiveIntegerField(_("profiles"), default=0)
    memberships = models.PositiveIntegerField(_("memberships"), default=0)
    finished_at = models.DateTimeField(_("finished at"), null=True)

    objects = SweepQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            # Who asks while one has not begun yet is served by it.
            models.UniqueConstraint(
                fields=["reason"],
                condition=Q(finished_at=None, done_upto=0),
                name="sweep_waits_once_per_reason",
            )
        ]

    def __str__(self) -> str:
        return f"{self.reason} {self.asked_at}"
