"""A customer's timeline, ready to be read: what happened, and every order, newest first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import F, QuerySet, TextField, Value
from django.db.models.expressions import Combinable
from django.db.models.fields.tuple_lookups import Tuple, TupleLessThan
from django.db.models.functions import Cast, JSONObject
from django.utils.functional import Promise

from common.templatetags.clientela import money
from customers.models import Customer, Event, Order
from customers.queries.timeline import kinds_called
from customers.rules import EventKind

PAGE = 25
ORDER = "customers.order_placed"
# Details that are amounts of money in every kind of event.
AMOUNTS = frozenset({"total", "discount", "amount"})


@dataclass(frozen=True)
class TimelineEntry:
    """One thing that happened; ``cursor`` asks for what is older."""

    icon: str
    label: str | Promise
    sentence: str
    occurred_at: datetime
    cursor: str


class _Place(NamedTuple):
    """Where an entry stands; ``source`` tells an event from an order of the same moment and id."""

    moment: datetime
    source: int
    number: int

    def __str__(self) -> str:
        return f"{self.moment.isoformat()}/{self.source}/{self.number}"

    @classmethod
    def read(cls, cursor: str) -> "_Place | None":
        """Return the place that a cursor names, or None when it names none."""
        try:
            moment, source, number = cursor.split("/")
            return cls(datetime.fromisoformat(moment), int(source), int(number))
        except ValueError:
            return None


EVENT_SOURCE, ORDER_SOURCE = 0, 1


def timeline(
    customer: Customer,
    *,
    kind: str = "",
    before: str = "",
    kinds: Mapping[str, EventKind] | None = None,
) -> Sequence[TimelineEntry]:
    """Return one page, in one query; ``before`` is the last entry's cursor.

    Kinds that only staff declare cost a second query, unless ``kinds`` names all. An order is
    shown from its own row, since a file of orders leaves one event for all of them.
    """
    last = _Place.read(before)
    events = Event.objects.filter(customer=customer).exclude(kind=ORDER)
    bought = JSONObject(order="external_id", total=Cast("total", TextField()))
    orders = _page(
        Order.objects.filter(customer=customer),
        "ordered_at",
        ORDER_SOURCE,
        Value(ORDER),
        bought,
        last,
    )
    if kind == ORDER:
        return _entries(orders, kinds)
    is_known = bool(kind) and kind in (kinds or kinds_called([kind]))
    if is_known:
        events = events.filter(kind=kind)
    found = _page(events, "occurred_at", EVENT_SOURCE, F("kind"), F("data"), last)
    if is_known:
        return _entries(found, kinds)
    both = found.union(orders, all=True)
    return _entries(both.order_by("-moment", "-source", "-number")[:PAGE], kinds)


def _entries(rows: QuerySet[Any], kinds: Mapping[str, EventKind] | None) -> list[TimelineEntry]:
    found = [(_Place(*place), code, data) for *place, code, data in rows]
    kinds = kinds or kinds_called({code for _, code, _ in found})
    return [_entry(place, code, data, kinds.get(code)) for place, code, data in found]


def _page(
    rows: QuerySet[Any],
    at: str,
    source: int,
    kind: Combinable,
    data: Combinable,
    last: _Place | None,
) -> QuerySet[Any]:
    """Return a page's worth of one source, so that the union reads no long history."""
    if last and source == last.source:
        rows = rows.filter(TupleLessThan(Tuple(at, "pk"), (last.moment, last.number)))
    elif last:
        earlier = "lte" if source < last.source else "lt"
        rows = rows.filter(**{f"{at}__{earlier}": last.moment})
    columns = {
        "moment": F(at),
        "source": Value(source),
        "number": F("pk"),
        "what": kind,
        "details": data,
    }
    return rows.order_by(f"-{at}", "-pk").annotate(**columns).values_list(*columns)[:PAGE]


def _entry(
    place: _Place, code: str, data: Mapping[str, Any], kind: EventKind | None
) -> TimelineEntry:
    return TimelineEntry(
        icon=kind.icon if kind else "circle",
        label=kind.label if kind else code,
        sentence=describe(kind, data) if kind else "",
        occurred_at=place.moment,
        cursor=str(place),
    )


def describe(kind: EventKind, data: Mapping[str, Any]) -> str:
    """Fill the kind's sentence; an event that lacks a detail says only what it is."""
    if kind.in_words:
        data = kind.in_words(data)
    written = {key: money(str(value)) if key in AMOUNTS else value for key, value in data.items()}
    try:
        return str(kind.sentence) % written
    except KeyError:
        return str(kind.label)
