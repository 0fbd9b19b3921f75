"""What a person chose: the event, the permission it adds up to, and the timeline, in one act."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from common.errors import DomainError
from common.models import User
from consent.enums import Act, Channel, CollectionPoint
from consent.models import ConsentEvent, Purpose
from consent.rules import DENIALS
from customers.enums import Category
from customers.models import Customer
from customers.operations.profile import hold
from customers.operations.timeline import NewEvent, record_events

KIND_OF_ACT = {
    Act.GIVEN: "consent.given",
    Act.REFUSED: "consent.refused",
    Act.WITHDRAWN: "consent.withdrawn",
    Act.OBJECTED: "consent.withdrawn",
    Act.EXPIRED: "consent.withdrawn",
    Act.IMPORTED_UNPROVEN: "consent.unproven",
}


# How far the clocks of tills and servers may be apart.
CLOCK_SKEW = timedelta(minutes=5)


class NothingChosen(DomainError):
    code = "nothing_chosen"
    status = 422


class ChosenInTheFuture(DomainError):
    code = "chosen_in_the_future"
    status = 422


class ReferenceReused(DomainError):
    code = "reference_reused"


@transaction.atomic
def record_choice(
    customer: Customer,
    *,
    purpose: Purpose,
    act: Act,
    channels: Collection[Channel] = (),
    categories: Collection[Category] = (),
    collection_point: CollectionPoint,
    occurred_at: datetime,
    reference: str,
    at: datetime,
    by: User | None = None,
) -> list[ConsentEvent]:
    """Record what a person chose about channels and data categories, and what it adds up to.

    One event for each channel and category. Asking again with the same ``reference`` changes
    nothing. Raises NothingChosen, ChosenInTheFuture, and ReferenceReused when the reference
    came with another choice before.
    """
    if not channels and not categories:
        raise NothingChosen(
            _("Choose at least one channel or one kind of data."), field="channels"
        )
    # A withdrawal dated tomorrow would outlive every grant until then.
    if occurred_at > at + CLOCK_SKEW:
        raise ChosenInTheFuture(_("A choice cannot lie in the future."), field="occurred_at")
    # A grant and a withdrawal that arrive at once take turns.
    customer = hold(customer)
    chosen = [
        ConsentEvent(
            customer=customer,
            purpose=purpose,
            channel=channel,
            category=category,
            act=act,
            basis=purpose.basis,
            collection_point=collection_point,
            actor=by,
            occurred_at=occurred_at,
            recorded_at=at,
            reference=f"{reference}:{channel or category}",
        )
        for channel, category in [
            *((channel, "") for channel in dict.fromkeys(channels)),
            *(("", category) for category in dict.fromkeys(categories)),
        ]
    ]
    if known := _known(chosen):
        return known
    try:
        with transaction.atomic():
            events = ConsentEvent.objects.bulk_create(chosen)
    except IntegrityError as taken:
        # Another customer's choice came with it at the same moment.
        raise _reused() from taken
    project([customer.pk], at=at)
    record_events(timeline_event(event) for event in events)
    return events


def _known(chosen: list[ConsentEvent]) -> list[ConsentEvent]:
    """Return the events of the same choice, recorded earlier; [] for a new one."""
    references = [event.reference for event in chosen]
    known = list(ConsentEvent.objects.filter(reference__in=references).order_by("id"))
    if known and set(map(_content, known)) != set(map(_content, chosen)):
        raise _reused()
    return known


def _content(event: ConsentEvent) -> tuple[object, ...]:
    return (event.reference, event.customer_id, event.purpose_id, event.act)


def _reused() -> ReferenceReused:
    return ReferenceReused(
        _("This reference came with another choice before. Use a new one."), field="reference"
    )


def timeline_event(event: ConsentEvent) -> NewEvent:
    """Return what the timeline says of a choice."""
    return NewEvent(
        kind=KIND_OF_ACT[Act(event.act)],
        customer=event.customer_id,
        at=event.occurred_at,
        reference=f"consent:{event.pk}",
        data={"purpose": event.purpose_id, "channel": event.channel, "category": event.category},
    )


def project(customers: Iterable[int], *, at: datetime) -> None:
    """Write the permissions of these customers anew from their consent events, in one statement.

    Takes customer ids; the same fold as ``consent.rules.standing``. Rows that say the same
    already are left alone.
    """
    columns = [
        *((f"channel_{value}", "channel", value) for value in Channel.values),
        *((f"data_{value}", "category", value) for value in Category.values),
    ]
    names = ", ".join(name for name, _kind, _value in columns)
    folded = ", ".join(
        f"bool_or(stands) FILTER (WHERE {kind} = '{value}') AS {name}"
        for name, kind, value in columns
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH choice AS (
                SELECT customer_id, purpose_id, channel, category, act, id, occurred_at,
                       max(id) FILTER (WHERE act = ANY(%(denials)s)) OVER scope AS denied_id,
                       max(occurred_at) FILTER (WHERE act = ANY(%(denials)s)) OVER scope
                           AS denied_at
                FROM consent_consentevent
                WHERE customer_id = ANY(%(customers)s::bigint[])
                WINDOW scope AS (PARTITION BY customer_id, purpose_id, channel, category)
            ), folded AS (
                SELECT customer_id, purpose_id, channel, category, max(id) AS last_event_id,
                       CASE
                           WHEN bool_or(act = 'given'
                                        AND id > coalesce(denied_id, 0)
                                        AND occurred_at >= coalesce(denied_at, '-infinity'))
                               THEN true
                           WHEN max(denied_id) IS NOT NULL THEN false
                       END AS stands
                FROM choice
                GROUP BY customer_id, purpose_id, channel, category
            )
            INSERT INTO consent_permission AS known
                (customer_id, purpose_id, last_event_id, changed_at, {names})
            SELECT customer_id, purpose_id, max(last_event_id), %(at)s, {folded}
            FROM folded
            GROUP BY customer_id, purpose_id
            ORDER BY customer_id, purpose_id
            ON CONFLICT (purpose_id, customer_id) DO UPDATE SET
                (last_event_id, changed_at, {names})
                    = (SELECT excluded.last_event_id, excluded.changed_at,
                              {", ".join(f"excluded.{name}" for name, _kind, _value in columns)})
            WHERE known.last_event_id IS DISTINCT FROM excluded.last_event_id
            """,  # noqa: S608 -- names and values come from our own enums
            {
                "customers": sorted(set(customers)),
                "denials": sorted(DENIALS),
                "at": at,
            },
        )
