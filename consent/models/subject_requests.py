from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from consent.enums import ClockColour, RequestDoor, RequestKind, RequestStage
from consent.rules.subject_requests import CITATIONS, OPEN, colour, days_left
from customers.models import Customer, ErasureRequest


class SubjectRequestQuerySet(models.QuerySet["SubjectRequest"]):
    def open(self) -> Self:
        return self.filter(stage__in=OPEN)

    def with_second_person(self) -> Self:
        """Add ``waits_for_second``: an erasure that somebody asked for and nobody decided."""
        theirs = ErasureRequest.objects.waiting().filter(customer=OuterRef("customer"))
        asks_to_erase = Q(kind=RequestKind.ERASURE, stage__in=OPEN)
        return self.annotate(waits_for_second=Q(Exists(theirs)) & asks_to_erase)


class SubjectRequest(models.Model):
    """What a person asks about their data, and by when it is to be answered.

    What they said, the values they propose and the answer are sealed with their own key: an
    erasure leaves that they asked, and when it was answered. While ``stopped_at`` is set the
    identity is being checked, and the clock stands.
    """

    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="subject_requests", verbose_name=_("customer")
    )
    kind = models.CharField(_("asks to"), max_length=16, choices=RequestKind)
    stage = models.CharField(
        _("state"), max_length=10, choices=RequestStage, default=RequestStage.RECEIVED
    )
    door = models.CharField(_("came by"), max_length=20, choices=RequestDoor)
    reference = models.CharField(_("reference"), max_length=160, unique=True)
    words_sealed = models.BinaryField(null=True)
    proposed_sealed = models.BinaryField(null=True)
    received_at = models.DateTimeField(_("received at"))
    due_at = models.DateTimeField(_("due"))
    stopped_at = models.DateTimeField(_("clock stopped at"), null=True, blank=True)
    identity_confirmed_at = models.DateTimeField(_("identity confirmed at"), null=True, blank=True)
    # With how many days left staff were reminded last.
    reminded_at_days = models.SmallIntegerField(null=True, editable=False)
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("handled by"),
    )
    closed_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    answer_sealed = models.BinaryField(null=True)
    # When the answer was sent to the person.
    told_at = models.DateTimeField(null=True, editable=False)

    objects = SubjectRequestQuerySet.as_manager()

    # Set by ``with_second_person``.
    waits_for_second: bool

    class Meta:
        verbose_name = _("request of a person")
        verbose_name_plural = _("requests of people")
        constraints = [
            models.CheckConstraint(
                condition=Q(stage__in=OPEN, closed_at=None)
                | Q(~Q(stage__in=OPEN), closed_at__isnull=False),
                name="subject_request_is_open_until_answered",
            ),
            models.CheckConstraint(
                condition=Q(stage=RequestStage.IDENTITY, stopped_at__isnull=False)
                | Q(~Q(stage=RequestStage.IDENTITY), stopped_at=None),
                name="clock_of_subject_request_stops_while_identity_is_checked",
            ),
            models.UniqueConstraint(
                fields=["customer", "kind"],
                condition=Q(stage__in=OPEN),
                name="subject_request_is_open_once_per_kind",
            ),
        ]
        indexes = [
            models.Index(
                fields=["-closed_at", "due_at", "id"], name="subject_request_waiting_first"
            ),
            models.Index(fields=["stage", "due_at"], name="subject_request_by_deadline"),
            models.Index(fields=["customer", "-id"], name="subject_request_of_customer"),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()

    @property
    def is_open(self) -> bool:
        return self.stage in OPEN

    @property
    def citation(self) -> str:
        return CITATIONS[RequestKind(self.kind)]

    def days_left(self, *, at: datetime) -> int:
        return days_left(self.due_at, stopped_at=self.stopped_at, at=self.closed_at or at)

    def colour(self, *, at: datetime) -> ClockColour:
        return colour(self.days_left(at=at), is_stopped=self.stopped_at is not None)
