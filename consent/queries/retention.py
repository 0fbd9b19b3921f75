"""What the next night would end, and how far the last one looked."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from common.months import window_start
from consent.models import RetentionLine, RetentionRun
from consent.queries.settings import privacy_settings
from customers.queries.retention import retention_parts
from customers.rules.retention import RetentionPart, Seen, Term

# The first night of a large shop has millions to end; nobody waits for their number.
MANY = 100_000


@dataclass(frozen=True)
class Coming:
    """What a run has to do for one part; ``months`` is None for what is kept for ever."""

    part: RetentionPart
    months: int | None
    term: Term | None

    @property
    def count(self) -> int:
        """How many rows that are; ``MANY`` for as many or more."""
        return self.part.due(self.term).order_by()[:MANY].count() if self.term else 0


def shop_zone() -> ZoneInfo:
    return ZoneInfo(settings.SHOP_TIME_ZONE)


def day_of(at: datetime) -> date:
    return at.astimezone(shop_zone()).date()


def next_night(at: datetime) -> datetime:
    """Return a moment of the next day of the shop that has no run yet."""
    if RetentionRun.objects.filter(day=day_of(at)).exists():
        return at + timedelta(days=1)
    return at


def coming(*, at: datetime) -> Iterator[Coming]:
    """Return what a run on the day of ``at`` has to do, part by part; nothing is counted yet."""
    kept = privacy_settings()
    for part in retention_parts().values():
        months: int | None = getattr(kept, part.months)
        before = months and window_start(at, months=months, zone=shop_zone())
        yield Coming(part, months, Term(before, seen(part.code)) if before else None)


def seen(part: str) -> Seen | None:
    """Return how far the last run looked that came to the end of the part."""
    done = RetentionLine.objects.filter(part=part).exclude(finished_at=None)
    last = done.select_related("run").order_by("-run_id").first()
    return Seen(last.before, last.run.started_at) if last else None
