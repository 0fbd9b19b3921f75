from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from common.models import ApiKey
from customers.models import Customer
from segments.enums import Handpicked
from segments.models.segments import Segment


class HandpickQuerySet(models.QuerySet["Handpick"]):
    def standing(self) -> Self:
        """Return those that nobody has taken back."""
        return self.filter(ended_at=None)


class Handpick(models.Model):
    """What somebody decided about a customer in a segment, whatever the rule says of them.

    Until ``ended_at`` whoever was added stays in and whoever was removed stays out; rows are never
    deleted, so they are the history. ``by`` is a person, ``api_key`` a program, both empty nobody
    any more.
    """

    segment = models.ForeignKey(
        Segment,
        models.CASCADE,
        related_name="handpicks",
        db_index=False,
        verbose_name=_("segment"),
    )
    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="handpicks", verbose_name=_("customer")
    )
    word = models.CharField(_("decision"), max_length=8, choices=Handpicked)
    reason = models.CharField(_("reason"), max_length=200)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, verbose_name=_("by"), related_name="+"
    )
    api_key = models.ForeignKey(
        ApiKey, models.PROTECT, null=True, verbose_name=_("API key"), related_name="+"
    )
    decided_at = models.DateTimeField(_("decided at"), default=now)
    ended_at = models.DateTimeField(_("taken back at"), null=True)

    objects = HandpickQuerySet.as_manager()

    class Meta:
        verbose_name = _("decision by hand")
        verbose_name_plural = _("decisions by hand")
        # Who may change a segment may decide who is in it.
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["segment", "customer"],
                condition=Q(ended_at=None),
                name="handpick_stands_once_per_customer",
            )
        ]

    def __str__(self) -> str:
        return f"{self.segment_id}:{self.customer_id} {self.word}"


def stays_out(*, segment: str, customer: str) -> str:
    """Return SQL that says, of two columns, whether somebody took the customer out by hand.

    Whatever lets people in by rule asks this first, a refresh as well as what follows changes.
    """
    return (
        "EXISTS (SELECT FROM segments_handpick taken_out"
        f" WHERE taken_out.segment_id = {segment} AND taken_out.customer_id = {customer}"
        f" AND taken_out.word = '{Handpicked.REMOVED.value}' AND taken_out.ended_at IS NULL)"
    )
