"""What the members of a segment bought."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import TruncDate, TruncMonth, TruncWeek
from django.utils.timezone import localtime, make_aware

from consent.queries.predicate import permitting
from customers.enums import Category
from customers.models import Customer, Order
from segments.enums import Step
from segments.models import Segment
from segments.queries import members

PERIODS = {Step.WEEK: 13, Step.MONTH: 12}
TRUNCATED = {Step.WEEK: TruncWeek, Step.MONTH: TruncMonth}
NOTHING = Decimal(0)


@dataclass(frozen=True)
class Bought:
    """What members bought in a week or month, and how much of it after they entered."""

    since: date
    orders: int = 0
    revenue: Decimal = NOTHING
    orders_since: int = 0
    revenue_since: Decimal = NOTHING


@dataclass(frozen=True)
class Buying:
    """What those of the members bought whose purchases the purpose may look at."""

    members: int
    periods: list[Bought]

    @property
    def total(self) -> Bought:
        return Bought(
            self.periods[0].since,
            sum(it.orders for it in self.periods),
            sum((it.revenue for it in self.periods), NOTHING),
            sum(it.orders_since for it in self.periods),
            sum((it.revenue_since for it in self.periods), NOTHING),
        )


def buying(segment: Segment, *, step: Step, at: datetime) -> Buying:
    """Return the last periods, oldest first, the running one last; two queries."""
    allowed = permitting(members(segment), Category.PURCHASE, purpose=segment.purpose, at=at)
    begins = list(_begins(step, at=at))
    found = {it.since: it for it in _bought(segment, allowed, step=step, since=begins[0])}
    return Buying(allowed.count(), [found.get(day, Bought(day)) for day in begins])


def _bought(
    segment: Segment, allowed: QuerySet[Customer], *, step: Step, since: date
) -> Iterator[Bought]:
    stay = "customer__memberships__"
    later = Q(ordered_at__gte=F(f"{stay}entered_at"))
    rows = (
        Order.objects.standing()
        .filter(
            ordered_at__gte=make_aware(datetime.combine(since, time.min)),
            customer__in=allowed.values("pk"),
            **{f"{stay}segment": segment, f"{stay}left_at": None},
        )
        .annotate(period=TruncDate(TRUNCATED[step]("ordered_at")))
        .order_by()
        .values_list("period")
        .annotate(
            orders=Count("pk"),
            revenue=Sum("net_total"),
            orders_since=Count("pk", filter=later),
            revenue_since=Sum("net_total", filter=later, default=NOTHING),
        )
    )
    return (Bought(*row) for row in rows)


def _begins(step: Step, *, at: datetime) -> Iterator[date]:
    """Return the first days of the last periods, oldest first; weeks begin on Monday."""
    today = localtime(at).date()
    for back in reversed(range(PERIODS[step])):
        if step == Step.WEEK:
            yield today - timedelta(days=today.weekday(), weeks=back)
        else:
            years, month = divmod(today.year * 12 + today.month - 1 - back, 12)
            yield date(years, month + 1, 1)
