"""The timeline is read: in order, by each consumer from its own position, each event once."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from common.errors import DomainError
from common.logs import told
from common.models import User
from common.operations import audit
from customers.models import ConsumerFault, ConsumerPosition, Event
from customers.operations.timeline import ensure_generation, ring_after_commit
from customers.queries.timeline import THE_END, consumers, next_position, position_of
from customers.rules import Consumer, Position, Span

# How often one event is tried before it is set aside, and how long to wait after each failure:
# most errors pass within a minute or never.
WAITS = (timedelta(seconds=5), timedelta(seconds=20), timedelta(minutes=1))
TRIES = len(WAITS) + 1
# Errors of the surroundings: they say nothing about the event that was at hand.
PASSING = (OperationalError, InterfaceError, SoftTimeLimitExceeded)

log = structlog.get_logger(__name__)


class Stumbled(Exception):
    """A reaction to a span of events failed with an error."""

    def __init__(self, span: Span, error: Exception) -> None:
        super().__init__(span)
        self.span, self.error = span, error


def follow(consumer: Consumer, *, at: datetime) -> None:
    """Let a consumer act on all that it has not read.

    The one it comes after goes first, here and now: it need not be woken by anybody, nor ever
    have run. Where that one fails, this one waits at the same event until it succeeds or sets the
    event aside, a minute and a half later.
    """
    if consumer.after:
        follow(consumer.after, at=at)
    react = partial(consumer.react, at=at)
    after = consumer.after.name if consumer.after else None
    while consume(consumer.name, react, at=at, limit=consumer.limit, after=after):
        pass


def consume(
    name: str,
    react: Callable[[Span], None],
    *,
    at: datetime,
    limit: int = 10_000,
    after: str | None = None,
) -> bool:
    """Let a consumer act on the next events and remember how far it came, all or nothing.

    Return whether there may be more. When another worker is at it, nothing happens. With
    ``after``, it reads no further than the consumer of this name has come.
    When the reaction fails, half as many events are tried, down to the one that fails; that one
    is tried again later, and in the end set aside (``ConsumerFault``), and the others go on.
    """
    ensure_generation(at=at)
    ConsumerPosition.objects.get_or_create(name=name)
    while True:
        try:
            return _advance(name, react, at=at, limit=limit, after=after)
        except Stumbled as stumble:
            if limit == 1 or isinstance(stumble.error, PASSING):
                log.error("consumer_failed", consumer=name, exc_info=stumble.error)
                return _remember(name, stumble.span, stumble.error, at=at)
            limit //= 2


def _advance(
    name: str, react: Callable[[Span], None], *, at: datetime, limit: int, after: str | None
) -> bool:
    """Raises Stumbled."""
    due = Q(retry_at=None) | Q(retry_at__lte=at)
    with transaction.atomic():
        reached = (
            ConsumerPosition.objects.select_for_update(skip_locked=True)
            .filter(due, name=name)
            .first()
        )
        allowed = position_of(after) if after else THE_END
        upto = next_position(reached, limit=limit, upto=allowed) if reached else None
        if reached is None or upto is None:
            return False
        span = Span(after=_place(reached), upto=upto)
        try:
            react(span)
            # What the database checks at the end would fail after we have said "done".
            connection.check_constraints()
        # Whatever it is, it must neither stop this consumer for ever nor go unseen.
        except Exception as error:
            raise Stumbled(span, error) from error
        _move(reached, to=upto, at=at)
        _wake_followers(name)
    return True


def _wake_followers(name: str) -> None:
    """Ring once more for those who may read further now: the first bell was too early for them."""
    if any(other.after and other.after.name == name for other in consumers().values()):
        ring_after_commit()


def _remember(name: str, span: Span, error: BaseException, *, at: datetime) -> bool:
    """Write the error down, outside of what it undid; the last try sets the event aside.

    Return whether the consumer may go on at once.
    """
    with transaction.atomic():
        reached = ConsumerPosition.objects.select_for_update().get(name=name)
        if _place(reached) != span.after or (reached.retry_at and reached.retry_at > at):
            return False  # another worker has got further, or has just failed too
        counts = not isinstance(error, PASSING)
        reached.failures = min(reached.failures + 1, TRIES if counts else TRIES - 1)
        reached.error, reached.failed_at = told(error), at
        if reached.failures < TRIES:
            reached.retry_at = at + WAITS[reached.failures - 1]
            reached.save()
            return False
        _set_aside(reached, span.upto, at=at)
        _wake_followers(name)
    return True


def _set_aside(reached: ConsumerPosition, event: Position, *, at: datetime) -> None:
    kind = Event.objects.values_list("kind", flat=True).get(pk=event.event_id)
    ConsumerFault.objects.create(
        consumer=reached,
        generation=event.generation,
        xid=event.xid,
        event_id=event.event_id,
        kind=kind,
        error=reached.error,
        at=at,
    )
    _move(reached, to=event, at=at)


def _move(reached: ConsumerPosition, *, to: Position, at: datetime) -> None:
    reached.generation, reached.xid, reached.event_id = to
    reached.updated_at, reached.failures, reached.retry_at = at, 0, None
    reached.save()


def _place(reached: ConsumerPosition) -> Position:
    return Position(reached.generation, reached.xid, reached.event_id)


@transaction.atomic
def try_again(reached: ConsumerPosition, *, by: User, at: datetime) -> None:
    """Let a consumer that waits after a failure go on now."""
    ConsumerPosition.objects.filter(pk=reached.pk).update(retry_at=None)
    audit("customers.consumer_woken", ConsumerPosition, at=at, by=by, reason=reached.name)
    ring_after_commit()


class StillFails(DomainError):
    code = "still_fails"


def replay(fault: ConsumerFault, *, by: User, at: datetime) -> None:
    """Let the consumer act on an event that was set aside; a second time does nothing.

    Raises StillFails, with the error written down.
    """
    try:
        _act_again(fault, by=by, at=at)
    # As in ``_advance``: nothing is known of what a reaction may raise.
    except Exception as error:
        log.exception("replay_failed", consumer=fault.consumer_id)
        ConsumerFault.objects.filter(pk=fault.pk).update(error=told(error))
        raise StillFails(_("It failed again: %(error)s") % {"error": told(error)}) from error


@transaction.atomic
def _act_again(fault: ConsumerFault, *, by: User, at: datetime) -> None:
    # The lock lets one of two who replay it at once act.
    fault = ConsumerFault.objects.select_for_update().get(pk=fault.pk)
    if fault.replayed_at:
        return
    before = Position(fault.generation, fault.xid, fault.event_id - 1)
    upto = Position(fault.generation, fault.xid, fault.event_id)
    consumers()[fault.consumer_id].react(Span(after=before, upto=upto), at=at)
    connection.check_constraints()
    fault.replayed_at = at
    fault.save()
    audit("customers.event_replayed", fault, at=at, by=by)
