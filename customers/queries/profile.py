"""What the customer's page shows of this app; every query costs the same for a long history."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Sum
from django.db.models.functions import TruncMonth

from customers.enums import OrderStatus
from customers.models import Customer


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
