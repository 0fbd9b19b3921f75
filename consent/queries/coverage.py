"""How many people were asked for what, what they said, and how that changes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, Q
from django.db.models.functions import TruncDate, TruncWeek
from django.utils.timezone import localtime, make_aware

from consent.enums import Channel
from consent.models import ConsentEvent, Permission, Purpose, Suppression
from consent.rules import CLOCK_SKEW, DENIALS, GRANTS
from customers.enums import Category
from customers.models import Customer


@dataclass(frozen=True)
class Coverage:
    """Of ``people``, how many answered about one channel or kind of data for one purpose."""

    scope: Channel | Category
    people: int
    allowed: int
    refused: int

    @property
    def asked(self) -> int:
        return self.allowed + self.refused

    @property
    def never_asked(self) -> int:
        return self.people - self.asked

    @property
    def allowed_share(self) -> float:
        """From 0 to 1, of all people; 0 where there is nobody."""
        return self.allowed / self.people if self.people else 0.0


def coverage(*, at: datetime) -> dict[Purpose, list[Coverage]]:
    """Return what people said, purpose by purpose; channels first, then kinds of data.

    A permission that is over is silence. One look at each present customer's permissions.
    """
    people = Customer.objects.present().count()
    found = {row["purpose_id"]: row for row in _answers(at)}
    return {
        purpose: [
            Coverage(
                scope,
                people,
                allowed=found.get(purpose.pk, {}).get(f"{name}_yes", 0),
                refused=found.get(purpose.pk, {}).get(f"{name}_no", 0),
            )
            for scope, name in _scopes()
        ]
        for purpose in Purpose.objects.order_by("code")
    }


def _answers(at: datetime) -> Iterable[Mapping[str, Any]]:
    answers = {"yes": {"valid_until__gt": at}, "no": {}}
    counts = {
        f"{name}_{word}": Count("pk", filter=Q(**{name: word == "yes"}, **standing))
        for _scope, name in _scopes()
        for word, standing in answers.items()
    }
    present = Permission.objects.filter(customer__erased_at=None, customer__merged_into=None)
    return present.values("purpose_id").annotate(**counts)


def _scopes() -> Iterable[tuple[Channel | Category, str]]:
    yield from ((channel, f"channel_{channel.value}") for channel in Channel)
    yield from ((category, f"data_{category.value}") for category in Category)


@dataclass(frozen=True)
class Week:
    """How many people said yes and no to a channel in a week, which began on Monday ``since``."""

    since: date
    opted_in: int = 0
    opted_out: int = 0


def answers_by_week(*, at: datetime, weeks: int) -> list[Week]:
    """Return one row a week, oldest first, the running one last; by when they chose."""
    today = localtime(at).date()
    days = [today - timedelta(days=today.weekday(), weeks=week) for week in reversed(range(weeks))]
    since = make_aware(datetime.combine(days[0], time.min))
    rows = (
        # What was chosen since then was recorded since then as well, and that is indexed; the
        # clocks of tills may be minutes ahead.
        ConsentEvent.objects.filter(
            recorded_at__gte=since - CLOCK_SKEW, occurred_at__gte=since, channel__gt=""
        )
        .annotate(week=TruncDate(TruncWeek("occurred_at")))
        .values("week")
        .annotate(
            opted_in=Count("customer", filter=Q(act__in=GRANTS), distinct=True),
            opted_out=Count("customer", filter=Q(act__in=DENIALS), distinct=True),
        )
    )
    found = {row["week"]: Week(row["week"], row["opted_in"], row["opted_out"]) for row in rows}
    return [found.get(day, Week(day)) for day in days]


def ending(*, since: datetime, until: datetime) -> list[tuple[Purpose, int]]:
    """Return of how many people a permission ends by itself in the time, for each purpose."""
    rows = (
        Permission.objects.filter(valid_until__gt=since, valid_until__lte=until)
        .filter(customer__erased_at=None, customer__merged_into=None)
        .values_list("purpose_id")
        .annotate(n=Count("pk"))
        .order_by("-n", "purpose_id")
    )
    purposes = Purpose.objects.in_bulk()
    return [(purposes[code], count) for code, count in rows]


def suppressions_by_reason() -> list[tuple[str, int]]:
    """Return how many addresses are blocked, the commonest reason first, by its code."""
    standing = Suppression.objects.filter(lifted_at=None)
    rows = standing.values_list("reason").annotate(n=Count("pk")).order_by("-n", "reason")
    return list(rows)
