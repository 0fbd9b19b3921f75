"""What a person chose: the event, the permission it adds up to, and the timeline, in one act."""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from common.errors import DomainError
from common.models import User
from consent.enums import Act, Channel, CollectionPoint
from consent.models import ConsentEvent, Purpose
from consent.rules import DENIALS
from customers.enums import Category
from customers.models import Customer
from customers.operations.timeline import NewEvent, record_events

KIND_OF_ACT = {
    Act.GIVEN: "consent.given",
    Act.REFUSED: "consent.refused",
    Act.WITHDRAWN: "consent.withdrawn",
    Act.OBJECTED: "consent.withdrawn",
    Act.EXPIRED: "consent.withdrawn",
    Act.IMPORTED_UNPROVEN: "consent.unproven",
}


class NothingChosen(DomainError):
    code = "nothing_chosen"
    status = 422


class ReferenceTaken(DomainError):
    code = "reference_taken"


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
    nothing. Raises NothingChosen and ReferenceTaken.
    """
    if not channels and not categories:
        raise NothingChosen(
            _("Choose at least one channel or one kind of data."), field="channels"
        )
    # The lock makes a grant and a withdrawal that arrive at once take turns.
    Customer.objects.select_for_update().get(pk=customer.pk)
    events = [
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
            *((channel, "") for channel in channels),
            *(("", category) for category in categories),
        ]
    ]
    earlier = ConsentEvent.objects.filter(reference__in=[event.reference for event in events])
    if known := list(earlier):
        if any(event.customer_id != customer.pk for event in known):
            raise ReferenceTaken(
                _("Another customer has a choice with the reference %(reference)s.")
                % {"reference": reference}
            )
        return known
    events = ConsentEvent.objects.bulk_create(events)
    project([customer.pk], at=at)
    record_events(_timeline_event(event) for event in events)
    return events


def _timeline_event(event: ConsentEvent) -> NewEvent:
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
