from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from customers.models.profile import Customer


class Merge(models.Model):
    """Two records that were one person: the loser's rows became the survivor's.

    ``picks`` says whose value stayed, by field, and ``before`` what the survivor's record said
    until then; ``notes`` is what apps remember for the undo, by app.
    """

    survivor = models.ForeignKey(
        Customer, models.PROTECT, related_name="merges", verbose_name=_("stays")
    )
    loser = models.ForeignKey(
        Customer, models.PROTECT, related_name="merges_into", verbose_name=_("merged into it")
    )
    picks = models.JSONField(default=dict, editable=False)
    before = models.JSONField(default=dict, editable=False)
    notes = models.JSONField(default=dict, editable=False)
    merged_at = models.DateTimeField(_("merged at"))
    merged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("merged by"),
    )
    undone_at = models.DateTimeField(_("undone at"), null=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("undone by"),
    )

    class Meta:
        verbose_name = _("merge")
        verbose_name_plural = _("merges")
        permissions = [("merge_customer", _("Can merge customers"))]
        constraints = [
            models.UniqueConstraint(
                fields=["loser"], condition=Q(undone_at=None), name="customer_is_merged_into_one"
            ),
            models.CheckConstraint(
                condition=~Q(loser=F("survivor")), name="nobody_is_merged_into_themselves"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.loser} → {self.survivor}"


class MergedRows(models.Model):
    """Which rows of one table a merge moved, so that exactly they can move back."""

    merge = models.ForeignKey(Merge, models.CASCADE, related_name="moved")
    table = models.CharField(max_length=63)
    column = models.CharField(max_length=63)
    rows = ArrayField(models.BigIntegerField())

    def __str__(self) -> str:
        return f"{self.table}: {len(self.rows)}"
