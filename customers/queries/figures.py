"""A few numbers for the dashboard: orders by period, and who is waiting for an answer."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.db.models import Count, Sum
from django.db.models.functions import TruncDate, TruncWeek
from django.utils.timezone import localtime, make_aware

from customers.enums import CaseStatus
from customers.models import Case, Customer, Order


@dataclass(frozen=True)
class Sales:
    """Orders that stand, less what came back; ``since`` is a day of the shop."""

    since: date
    orders: int
    revenue: Decimal


def customer_count() -> int:
    return Customer.objects.present().count()


def open_cases() -> int:
    return Case.objects.filter(status=CaseStatus.OPEN).count()


def sales(*, since: datetime) -> Sales:
    standing = Order.objects.standing().filter(ordered_at__gte=since)
    total = standing.aggregate(orders=Count("pk"), revenue=Sum("net_total", default=Decimal(0)))
    return Sales(since=localtime(since).date(), **total)


def sales_by_week(*, at: datetime, weeks: int) -> list[Sales]:
    """Return one row a week, oldest first, the running week last; weeks begin on Monday."""
    today = localtime(at).date()
    days = [today - timedelta(days=today.weekday(), weeks=week) for week in reversed(range(weeks))]
    rows = (
        Order.objects.standing()
        .filter(ordered_at__gte=_midnight(days[0]))
        .annotate(week=TruncDate(TruncWeek("ordered_at")))
        .values("week")
        .annotate(orders=Count("pk"), revenue=Sum("net_total"))
    )
    found = {row["week"]: Sales(row["week"], row["orders"], row["revenue"]) for row in rows}
    return [found.get(day, Sales(day, 0, Decimal(0))) for day in days]


def _midnight(day: date) -> datetime:
    return make_aware(datetime.combine(day, time.min))
