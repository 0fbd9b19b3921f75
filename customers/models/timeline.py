from datetime import datetime
from typing import Any, Self

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Count, Func, OuterRef, Subquery
from django.db.models.expressions import RawSQL
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThanOrEqual
from django.db.models.functions import Coalesce
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from customers.models.imports import ImportJob
from customers.models.profile import Customer
from customers.rules import Span


class TransactionIdField(models.Field):
    """PostgreSQL's xid8: the number of the transaction that wrote the row."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return "xid8"

    def get_prep_value(self, value: Any) -> Any:
        # PostgreSQL casts no integer to xid8, but reads one from text.
        return None if value is None else str(value)

    def from_db_value(self, value: Any, *_: object) -> int | None:
        return None if value is None else int(value)


class EventQuerySet(models.QuerySet["Event"]):
    def within(self, span: Span) -> Self:
        """Return the events after ``span.after`` up to and including ``span.upto``."""
        position = Tuple("generation", "xid", "id")
        return self.filter(
            TupleGreaterThan(position, tuple(span.after)),
            TupleLessThanOrEqual(position, tuple(span.upto)),
        )


class Event(models.Model):
    """What happened to a customer: the timeline, written once.

    ``reference`` makes a repeat harmless. ``(generation, xid, id)`` is the position at which
    consumers read: ids become visible out of order, transaction numbers below the oldest running
    one do not. Nothing has a foreign key to an event, so that the table can be partitioned.
    """

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(_("kind"), max_length=64)
    customer = models.ForeignKey(
        Customer,
        models.DO_NOTHING,
        null=True,
        related_name="events",
        db_index=False,
        verbose_name=_("customer"),
    )
    occurred_at = models.DateTimeField(_("occurred at"))
    recorded_at = models.DateTimeField(_("recorded at"), default=now)
    data = models.JSONField(_("details"), default=dict)
    reference = models.CharField(max_length=128, unique=True)
    historic = models.BooleanField(default=False)
    imported_by = models.ForeignKey(
        ImportJob, models.DO_NOTHING, null=True, db_constraint=False, db_index=False
    )
    generation = models.SmallIntegerField(db_default=1, editable=False)
    xid = TransactionIdField(db_default=Func(function="pg_current_xact_id"), editable=False)

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [
            models.Index(fields=["customer", "-occurred_at", "-id"], name="event_of_customer"),
            models.Index(
                fields=["kind", "occurred_at"], include=["customer"], name="event_by_kind"
            ),
            models.Index(fields=["generation", "xid", "id"], name="event_by_position"),
            # Rows lie in the order in which they came, so it is a few kilobytes.
            BrinIndex(fields=["recorded_at"], name="event_by_arrival"),
        ]

    def __str__(self) -> str:
        return self.kind


class Generation(models.Model):
    """Which database cluster the transaction numbers come from.

    A dump restored elsewhere starts to count anew: its events get the next generation, whose
    positions stand after all earlier ones.
    """

    number = models.SmallIntegerField(primary_key=True)
    system_identifier = models.CharField(max_length=32)
    began_at = models.DateTimeField(default=now)

    def __str__(self) -> str:
        return str(self.number)


# The oldest event that a consumer has not read, by the same order and index as it reads.
UNREAD_SINCE = """
(SELECT recorded_at FROM customers_event
 WHERE (customers_event.generation, customers_event.xid, customers_event.id)
     > (customers_consumerposition.generation, customers_consumerposition.xid::text::xid8,
        customers_consumerposition.event_id)
 ORDER BY customers_event.generation, customers_event.xid, customers_event.id
 LIMIT 1)
"""


class ConsumerPositionQuerySet(models.QuerySet["ConsumerPosition"]):
    def with_unread_since(self) -> Self:
        """Add when the oldest event that the consumer has not read was written; None for none."""
        # No words of others in it.
        unread_since = RawSQL(UNREAD_SINCE, (), models.DateTimeField(null=True))  # noqa: S611
        return self.annotate(unread_since=unread_since)

    def with_set_aside(self) -> Self:
        """Add how many events were set aside and not replayed since."""
        faults = ConsumerFault.objects.filter(consumer=OuterRef("pk"), replayed_at=None)
        count = faults.order_by().values("consumer").annotate(n=Count("pk")).values("n")
        return self.annotate(set_aside=Coalesce(Subquery(count), 0))


class ConsumerPosition(models.Model):
    """How far a consumer has read; it advances in the transaction of the consumer's effect.

    ``failures`` counts the tries of the next event that failed in a row; before ``retry_at`` it is
    not tried again. ``error`` is the last one, also when it has been overcome.
    """

    name = models.CharField(_("name"), primary_key=True, max_length=64)
    generation = models.SmallIntegerField(default=0)
    xid = models.BigIntegerField(default=0)
    event_id = models.BigIntegerField(default=0)
    updated_at = models.DateTimeField(_("last read at"), default=now)
    error = models.TextField(_("last error"), blank=True)
    failures = models.PositiveSmallIntegerField(_("failed tries"), default=0)
    failed_at = models.DateTimeField(_("failed at"), null=True)
    retry_at = models.DateTimeField(_("next try at"), null=True)

    # Set by ``with_unread_since`` and ``with_set_aside``.
    unread_since: datetime | None
    set_aside: int

    objects = ConsumerPositionQuerySet.as_manager()

    class Meta:
        verbose_name = _("consumer")
        verbose_name_plural = _("consumers")

    def __str__(self) -> str:
        return self.name


class ConsumerFault(models.Model):
    """An event that a consumer could not act on, set aside so that those after it go on."""

    consumer = models.ForeignKey(
        ConsumerPosition, models.CASCADE, related_name="faults", verbose_name=_("consumer")
    )
    generation = models.SmallIntegerField()
    xid = models.BigIntegerField()
    event_id = models.BigIntegerField()
    kind = models.CharField(_("kind of event"), max_length=64)
    error = models.TextField(_("error"))
    at = models.DateTimeField(_("set aside at"))
    replayed_at = models.DateTimeField(_("replayed at"), null=True)

    class Meta:
        verbose_name = _("event set aside")
        verbose_name_plural = _("events set aside")
        constraints = [
            models.UniqueConstraint(
                fields=["consumer", "generation", "xid", "event_id"],
                name="consumer_fault_once_per_event",
            )
        ]

    def __str__(self) -> str:
        return self.kind
