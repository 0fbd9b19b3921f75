"""What the customer's page shows of this app; every query costs the same for a long history."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Sum
from django.db.models.functions import TruncMonth
from django.utils.functional import Promise

from common.templatetags.clientela import money
from customers.enums import OrderStatus
from customers.models import Customer, Event
from customers.queries.timeline import event_kinds
from customers.rules import EventKind

PAGE = 25


@dataclass(frozen=True)
class TimelineEntry:
    """One event, ready to be read; ``cursor`` asks for what is older."""

    icon: str
    label: str | Promise
    sentence: str
    occurred_at: datetime
    cursor: str


def timeline(customer: Customer, *, kind: str = "", before: str = "") -> Sequence[TimelineEntry]:
    """Return one page of what happened, newest first; ``before`` is the last entry's cursor."""
    events = Event.objects.filter(customer=customer)
    if kind in event_kinds():
        events = events.filter(kind=kind)
    at, _, event_id = before.rpartition("/")
    if at and event_id.isdigit():
        moment = datetime.fromisoformat(at)
        events = events.filter(occurred_at__lte=moment).exclude(
            occurred_at=moment, id__gte=int(event_id)
        )
    return [_entry(event) for event in events.order_by("-occurred_at", "-id")[:PAGE]]


def _entry(event: Event) -> TimelineEntry:
    kind = event_kinds().get(event.kind)
    return TimelineEntry(
        icon=kind.icon if kind else "circle",
        label=kind.label if kind else event.kind,
        sentence=describe(kind, event.data) if kind else "",
        occurred_at=event.occurred_at,
        cursor=f"{event.occurred_at.isoformat()}/{event.pk}",
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


# Details that are amounts of money in every kind of event.
AMOUNTS = frozenset({"total", "discount", "amount"})


@dataclass(frozen=True)
class Month:
    first_day: datetime
    spend: Decimal
    share: int


def spend_by_month(customer: Customer, *, at: datetime, months: int = 12) -> list[Month]:
    """Return what was spent in each of the last months; ``share`` is 0 to 100 of the best one."""
    zone = ZoneInfo(settings.SHOP_TIME_ZONE)
    now = at.astimezone(zone)
    starts = [_month_start(now, back) for back in reversed(range(months))]
    spent = dict(
        customer.orders.filter(status=OrderStatus.PLACED, ordered_at__gte=starts[0])
        .annotate(month=TruncMonth("ordered_at", tzinfo=zone))
        .values_list("month")
        .annotate(spend=Sum("total"))
    )
    most = max(spent.values(), default=Decimal(0)) or Decimal(1)
    return [
        Month(start, spend := spent.get(start, Decimal(0)), round(100 * spend / most))
        for start in starts
    ]


def _month_start(now: datetime, back: int) -> datetime:
    year, month = divmod(now.year * 12 + now.month - 1 - back, 12)
    return datetime(year, month + 1, 1, tzinfo=now.tzinfo)
