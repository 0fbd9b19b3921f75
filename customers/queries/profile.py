"""What the customer's page shows of this app; every query costs the same for a long history."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import OuterRef, Sum
from django.db.models.functions import TruncMonth
from django.utils.translation import gettext as _

from common.templatetags.clientela import money
from customers.models import Customer, Order
from customers.queries.gathering import Rows
from customers.rules.pace import Habit

MONTHS = 12
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Month:
    first_day: datetime
    spend: Decimal
    share: int


def monthly_spend(*, at: datetime) -> Rows:
    """Return what was spent in each of the last months, for the page to read."""
    orders = Order.objects.standing().filter(
        customer=OuterRef("pk"), ordered_at__gte=_starts(at)[0]
    )
    by_month = orders.order_by().values(month=TruncMonth("ordered_at", tzinfo=_zone()))
    return Rows(by_month.annotate(spend=Sum("net_total")), ("month", "spend"))


def spend_by_month(rows: Iterable[Any], *, at: datetime) -> list[Month]:
    """Return the last months, oldest first; ``share`` is 0 to 100 of the best one."""
    # The database says the month in the shop's time, without naming the zone.
    spent = {row.month.replace(tzinfo=_zone()): row.spend for row in rows}
    most = max(spent.values(), default=Decimal(0)) or Decimal(1)
    return [
        Month(start, spend := spent.get(start, Decimal(0)), round(100 * spend / most))
        for start in _starts(at)
    ]


def habit_of(customer: Customer, *, at: datetime) -> Habit | None:
    """Return how often the customer buys and for how long not, or None before a second day."""
    metrics = getattr(customer, "metrics", None)
    if metrics is None or not metrics.days_between_orders:
        return None
    return Habit(metrics.days_between_orders, (at - metrics.last_order_at) / DAY)


def growth_of(customer: Customer) -> str:
    """Say how the customer's year compares with the best of similar customers; '' if unknown."""
    metrics = getattr(customer, "metrics", None)
    if metrics is None or metrics.growth_potential is None or metrics.peers is None:
        return ""
    facts = {
        "potential": money(metrics.growth_potential),
        "best": money(metrics.peers.best),
        "spend": money(metrics.year_spend),
        "peers": metrics.peers,
    }
    if metrics.growth_potential:
        sentence = _(
            "The best tenth of %(peers)s spent %(best)s or more in 12 months: %(potential)s above"
            " this customer's %(spend)s."
        )
    else:
        sentence = _("Spent %(spend)s in 12 months: among the best tenth of %(peers)s.")
    return sentence % facts


def _zone() -> ZoneInfo:
    return ZoneInfo(settings.SHOP_TIME_ZONE)


def _starts(at: datetime) -> list[datetime]:
    now = at.astimezone(_zone())
    return [_month_start(now, back) for back in reversed(range(MONTHS))]


def _month_start(now: datetime, back: int) -> datetime:
    year, month = divmod(now.year * 12 + now.month - 1 - back, 12)
    return datetime(year, month + 1, 1, tzinfo=now.tzinfo)
