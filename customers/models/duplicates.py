from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from customers.enums import CandidateState, DuplicateReason
from customers.models.profile import Customer


class DuplicateCandidateQuerySet(models.QuerySet["DuplicateCandidate"]):
    def open(self) -> "DuplicateCandidateQuerySet":
        """Return what waits for somebody to look, of records that are there."""
        return self.filter(
            state=CandidateState.OPEN,
            first__erased_at=None,
            first__merged_into=None,
            second__erased_at=None,
            second__merged_into=None,
        )


class DuplicateCandidate(models.Model):
    """Two records that may be one person's, and why; ``first`` has the lower id.

    ``score`` is the sum of what the reasons weigh. A pair that somebody said is two people is not
    found again.
    """

    first = models.ForeignKey(Customer, models.CASCADE, related_name="+")
    second = models.ForeignKey(Customer, models.CASCADE, related_name="+")
    reasons = ArrayField(models.CharField(max_length=16, choices=DuplicateReason))
    score = models.PositiveSmallIntegerField()
    state = models.CharField(
        _("state"), max_length=9, choices=CandidateState, default=CandidateState.OPEN
    )
    found_at = models.DateTimeField(_("found at"))
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    objects = DuplicateCandidateQuerySet.as_manager()

    class Meta:
        verbose_name = _("possible duplicate")
        verbose_name_plural = _("possible duplicates")
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="duplicate_found_once"),
            models.CheckConstraint(
                condition=Q(first__lt=F("second")), name="duplicate_is_written_one_way"
            ),
        ]
        indexes = [
            models.Index(fields=["state", "-score", "id"], name="duplicate_surest_first"),
        ]

    def __str__(self) -> str:
        return f"{self.first} / {self.second}"

    @property
    def why(self) -> str:
        """Say the reasons in the reader's language."""
        return ", ".join(str(DuplicateReason(reason).label) for reason in self.reasons)
