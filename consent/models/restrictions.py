from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from consent.enums import RestrictionReason
from customers.models import Customer


class RestrictionQuerySet(models.QuerySet["Restriction"]):
    def standing(self, *, at: datetime | Now) -> Self:
        return self.filter(Q(until=None) | Q(until__gt=at), lifted_at=None, since__lte=at)


class Restriction(models.Model):
    """The processing of a person's data stands still: kept, and used for nothing."""

    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="restrictions", verbose_name=_("customer")
    )
    reason = models.CharField(_("reason"), max_length=10, choices=RestrictionReason)
    since = models.DateTimeField(_("since"))
    until = models.DateTimeField(
        _("until"), null=True, blank=True, help_text=_("Empty: until somebody lifts it.")
    )
    # NULL: asked for by a program.
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="+",
        verbose_name=_("by"),
    )
    lifted_at = models.DateTimeField(_("lifted at"), null=True, blank=True)

    objects = RestrictionQuerySet.as_manager()

    class Meta:
        verbose_name = _("restriction")
        verbose_name_plural = _("restrictions")
        constraints = [
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gt=F("since")),
                name="restriction_ends_after_it_begins",
            )
        ]

    def __str__(self) -> str:
        return self.get_reason_display()
