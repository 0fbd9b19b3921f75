"""What the members of a segment bought."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.conf import settings
from django.db import connection
from django.utils.timezone import localtime, make_aware

from consent.queries.predicate import permitting
from customers.enums import STANDING, Category
from segments.enums import Step
from segments.models import Segment
from segments.queries import members

PERIODS = {Step.WEEK: 13, Step.MONTH: 12}
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
    """Return the last periods, oldest first, the running one last; one query."""
    begins = list(_begins(step, at=at))
    found = dict(_bought(segment, step=step, since=begins[0], at=at))
    people = found.pop(None, Bought(begins[0])).orders
    return Buying(people, [found.get(day, Bought(day)) for day in begins])


def _bought(
    segment: Segment, *, step: Step, since: date, at: datetime
) -> Iterator[tuple[date | None, Bought]]:
    """Yield each period with orders and, under None, how many members may be looked at."""
    allowed = permitting(members(segment), Category.PURCHASE, purpose=segment.purpose, at=at)
    stays = allowed.values_list("pk", "memberships__entered_at")
    select, values = stays.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH member (customer_id, entered_at) AS MATERIALIZED ({select}),
            bought AS (
                SELECT date_trunc(%s, o.ordered_at AT TIME ZONE %s)::date AS since, net_total,
                       o.ordered_at >= member.entered_at AS is_later
                FROM member JOIN customers_order o USING (customer_id)
                WHERE o.ordered_at >= %s AND o.status = ANY(%s)
            )
            SELECT since, count(*), sum(net_total), count(*) FILTER (WHERE is_later),
                   coalesce(sum(net_total) FILTER (WHERE is_later), 0)
            FROM bought GROUP BY since
            UNION ALL SELECT NULL, count(*), 0, 0, 0 FROM member
            """,  # noqa: S608 -- the ORM's own SQL, its values apart
            [
                *values,
                step.value,
                settings.SHOP_TIME_ZONE,
                make_aware(datetime.combine(since, time.min)),
                [status.value for status in STANDING],
            ],
        )
        for day, *figures in cursor.fetchall():
            yield day, Bought(day or since, *figures)


def _begins(step: Step, *, at: datetime) -> Iterator[date]:
    """Return the first days of the last periods, oldest first; weeks begin on Monday."""
    today = localtime(at).date()
    for back in reversed(range(PERIODS[step])):
        if step == Step.WEEK:
            yield today - timedelta(days=today.weekday(), weeks=back)
        else:
            years, month = divmod(today.year * 12 + today.month - 1 - back, 12)
            yield date(years, month + 1, 1)
