"""A few numbers for the dashboard: orders by period, and who is waiting for an answer."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, Sum
from django.db.models.functions import TruncWeek
from django.utils.timezone import localtime

from customers.enums import CaseStatus, OrderStatus
from customers.models import Case, Customer, Order


@dataclass(frozen=True)
class Sales:
    """Orders that stand (neither cancelled nor returned); ``since`` is a day of the shop."""

    since: date
    orders: int
    revenue: Decimal


def customer_count() -> int:
    return Customer.objects.present().count()


def open_cases() -> int:
    return Case.objects.filter(status=CaseStatus.OPEN).count()


def sales(*, since: datetime) -> Sales:
    standing = Order.objects.filter(status=OrderStatus.PLACED, ordered_at__gte=since)
    total = standing.aggregate(orders=Count("pk"), revenue=Sum("total", default=Decimal(0)))
    return Sales(since=localtime(since, _shop_zone()).date(), **total)


def sales_by_week(*, at: datetime, weeks: int) -> list[Sales]:
    """Return one row a week, oldest first, the running week last; weeks begin on Monday."""
    today = localtime(at, _shop_zone())
    monday = datetime.combine(
        today.date() - timedelta(days=today.weekday()), datetime.min.time(), _shop_zone()
    )
    first = monday - timedelta(weeks=weeks - 1)
    rows = (
        Order.objects.filter(status=OrderStatus.PLACED, ordered_at__gte=first)
        .annotate(week=TruncWeek("ordered_at", tzinfo=_shop_zone()))
        .values("week")
        .annotate(orders=Count("pk"), revenue=Sum("total"))
    )
    found = {row["week"].date(): Sales(row["week"].date(), row["orders"], row["revenue"]) for row in rows}
    days = [(first + timedelta(weeks=week)).date() for week in range(weeks)]
    return [found.get(day, Sales(day, 0, Decimal(0))) for day in days]


def _shop_zone() -> ZoneInfo:
    return ZoneInfo(settings.SHOP_TIME_ZONE)
