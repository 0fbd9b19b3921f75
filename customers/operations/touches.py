"""When customers were last seen, and last opened a message or followed a link."""

from collections.abc import Collection

from django.db import connection
from django.db.models import Max, Q, QuerySet

from customers.enums import Touch
from customers.models import CustomerMetrics, Event
from customers.models.kinds import PREFIX
from customers.queries.timeline import event_kinds, position_of
from customers.rules import Position, Span

COLUMNS = {
    "last_event_at": Touch.SEEN,
    "last_open_at": Touch.OPENED,
    "last_click_at": Touch.CLICKED,
}


def keep_touches(span: Span) -> None:
    """Write when the customers of these events were last seen, in one statement.

    A later moment stands, so that the order in which events are told does not matter.
    """
    _keep(Event.objects.within(span))


def _keep(events: QuerySet[Event]) -> None:
    touched, params = _touched(events).query.sql_with_params()
    names = ", ".join(COLUMNS)
    latest = ", ".join(f"greatest(known.{name}, excluded.{name})" for name in COLUMNS)
    known = ", ".join(f"known.{name}" for name in COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO customers_customermetrics AS known (customer_id, {names})
            SELECT customer_id, {names} FROM ({touched}) AS touched ORDER BY customer_id
            ON CONFLICT (customer_id) DO UPDATE SET ({names}) = ROW ({latest})
            WHERE ({known}) IS DISTINCT FROM ({latest})
            """,  # noqa: S608 -- our own words
            params,
        )


def refresh_touches(customers: Collection[int]) -> None:
    """Write anew when these customers were last seen, from all of their events.

    For whatever moves or takes back events; takes customer ids.
    """
    ids = sorted(set(customers))
    CustomerMetrics.objects.filter(pk__in=ids).update(**dict.fromkeys(COLUMNS))
    _keep(Event.objects.filter(customer__in=ids))


def touch_faults(reader: str) -> list[int]:
    """Return the customers who are kept as last seen at other moments than their events say.

    Only the events that the ``reader`` of the timeline has come to count; normally nobody.
    """
    counted = Event.objects.within(Span(Position(), position_of(reader)))
    touched, params = _touched(counted).query.sql_with_params()
    kept, told = (
        ", ".join(f"{table}.{name}" for name in COLUMNS) for table in ("kept", "touched")
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT coalesce(kept.customer_id, touched.customer_id)
            FROM ({touched}) AS touched
            FULL JOIN customers_customermetrics AS kept USING (customer_id)
            WHERE ({kept}) IS DISTINCT FROM ({told})
            ORDER BY 1
            """,  # noqa: S608 -- our own words
            params,
        )
        return [customer for (customer,) in cursor.fetchall()]


def _touched(events: QuerySet[Event]) -> QuerySet:
    """Return the latest moment of each touch by customer."""
    latest = {name: Max("occurred_at", filter=_that(touch)) for name, touch in COLUMNS.items()}
    named = events.filter(_that(Touch.SEEN), customer__isnull=False)
    return named.order_by().values("customer_id").annotate(**latest)


def _that(touch: Touch) -> Q:
    """Keep events by which a customer does this; by the shop's own kinds they do something."""
    codes = sorted(code for code, kind in event_kinds().items() if touch in kind.touches)
    return Q(kind__in=codes) | (Q(kind__startswith=PREFIX) if touch == Touch.SEEN else Q())
