from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import DateTimeField, F, Q, Value
from django.db.models.functions import Greatest
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from consent.models import Purpose
from customers.enums import Category
from customers.models import Customer
from segments.enums import Cause
from segments.rules.joining import in_and_not_in


class SegmentQuerySet(models.QuerySet["Segment"]):
    def ruled(self) -> Self:
        """Return those whose members a rule finds; the others are lists, or archived."""
        return self.filter(rule__isnull=False, archived_at=None)

    def waiting(self, *, at: datetime) -> Self:
        """Return those whose members somebody waits for; those that failed when it is time."""
        is_new = Q(refreshed_at=None, failed_at=None)
        wanted = is_new | Q(asked_at__isnull=False) | Q(retry_at__lte=at)
        return self.filter(wanted, archived_at=None)

    def live(self) -> Self:
        """Return those whose members follow every change: a rule finds them, and does not fail."""
        return self.ruled().filter(refreshed_at__isnull=False, retry_at=None)


class Segment(models.Model):
    """Whom: a rule in JSON, made for one purpose, through whose permissions it reads every field.

    Without a rule it is a list: people are put into it, from a file, from another segment, its
    ``origin`` as of a moment, or by hand. ``origin_words`` are what the origin was called and
    meant, by language, and ``data_used`` the data that chose its people: whoever forbids their
    use is written to no more.

    ``refreshed_at`` is the time up to which the memberships are right; ``error`` says why they
    are not. Until ``filled_at`` the memberships are being written for the first time, chunk by
    chunk up to the customer id ``filled_upto``, and count for nobody. ``asked_at`` is when
    somebody asked for a refresh that has not been done. ``failed_at`` is since when the members
    are out of date, after so many ``failures`` in a row; it is tried again at ``retry_at``.
    """

    name = models.CharField(_("name"), max_length=100, unique=True)
    description = models.TextField(_("description"), blank=True)
    purpose = models.ForeignKey(
        Purpose, models.PROTECT, default="marketing", verbose_name=_("purpose")
    )
    rule = models.JSONField(_("rule"), null=True)
    origin = models.ForeignKey(
        "self", models.SET_NULL, null=True, editable=False, related_name="kept_as"
    )
    origin_as_of = models.DateTimeField(null=True, editable=False)
    origin_words = models.JSONField(default=dict, editable=False)
    data_used = ArrayField(
        models.CharField(max_length=20, choices=Category), default=list, editable=False
    )
    member_count = models.PositiveIntegerField(_("members"), default=0, editable=False)
    # Of the members, at the last refresh, for the segment's purpose; NULL: not counted yet.
    reachable_count = models.PositiveIntegerField(
        _("reachable by e-mail"), null=True, editable=False
    )
    refreshed_at = models.DateTimeField(_("right as of"), null=True, editable=False)
    error = models.TextField(blank=True, editable=False)
    failed_at = models.DateTimeField(_("out of date since"), null=True, editable=False)
    failures = models.PositiveSmallIntegerField(default=0, editable=False)
    retry_at = models.DateTimeField(_("tried again at"), null=True, editable=False)
    asked_at = models.DateTimeField(null=True, editable=False)
    filled_at = models.DateTimeField(null=True, editable=False)
    filled_upto = models.BigIntegerField(default=0, editable=False)
    archived_at = models.DateTimeField(_("archived at"), null=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False
    )
    created_at = models.DateTimeField(_("created at"), default=now, editable=False)
    changed_at = models.DateTimeField(_("changed at"), default=now, editable=False)

    objects = SegmentQuerySet.as_manager()

    # The rule in words; set by the list of segments.
    sentence: str

    class Meta:
        verbose_name = _("segment")
        verbose_name_plural = _("segments")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    @property
    def reachable(self) -> int | None:
        """How many members can be reached: counted at night, and never more than there are."""
        counted = self.reachable_count
        return None if counted is None else min(counted, self.member_count)

    @property
    def is_list(self) -> bool:
        return self.rule is None

    @property
    def meaning(self) -> Any:
        """The rule; of a list, that somebody is in it."""
        return in_and_not_in([self.pk], []) if self.rule is None else self.rule


class MembershipQuerySet(models.QuerySet["Membership"]):
    def standing(self) -> Self:
        """Return the stays that have not ended, of segments whose first fill is complete."""
        return self.filter(left_at=None, segment__filled_at__isnull=False)

    def end(self, *, at: datetime) -> int:
        """End these stays, none before it began; return how many."""
        return self.update(left_at=Greatest("entered_at", Value(at, DateTimeField())))


class Membership(models.Model):
    """Somebody's stay in a segment; rows are never deleted, so they are the history."""

    segment = models.ForeignKey(
        Segment, models.CASCADE, related_name="memberships", db_index=False
    )
    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="memberships", db_index=False
    )
    entered_at = models.DateTimeField(_("entered at"))
    left_at = models.DateTimeField(_("left at"), null=True)
    cause = models.CharField(_("cause"), max_length=8, choices=Cause)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(
                fields=["segment", "customer"],
                condition=Q(left_at=None),
                name="membership_stands_once_per_customer",
            ),
            models.CheckConstraint(
                condition=Q(left_at=None) | Q(left_at__gte=F("entered_at")),
                name="membership_ends_after_it_began",
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "segment"], name="membership_of_customer"),
            models.Index(fields=["segment", "entered_at", "customer"], name="membership_by_entry"),
            models.Index(
                fields=["segment", "left_at"],
                condition=Q(left_at__isnull=False),
                name="membership_by_exit",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.segment_id}:{self.customer_id}"
