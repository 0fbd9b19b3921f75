"""Points and tiers: plain values in, plain values out."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from common.months import months_later


def points_for(amount: Decimal, *, rate: Decimal) -> int:
    """Return the points that an order over ``amount`` earns, at ``rate`` points a unit of money.

    The fraction of a point that remains of the whole order is dropped.
    """
    return int(amount * rate)


def expiry(earned_at: datetime, *, months: int | None, zone: ZoneInfo) -> datetime | None:
    """Return the last moment at which points are good, or None for points that never expire."""
    return None if months is None else last_moment(earned_at, months=months, zone=zone)


def last_moment(moment: datetime, *, months: int, zone: ZoneInfo) -> datetime:
    """Return the end of the shop's day that is ``months`` after ``moment``."""
    day = months_later(moment.astimezone(zone).date(), months)
    # fold: where clocks go back at midnight the last hour comes twice, and the day ends with
    # the second.
    return datetime.combine(day, time.max.replace(fold=1), tzinfo=zone).astimezone(UTC)


@dataclass(frozen=True)
class Lot:
    """Points that were earned together, as far as they are left."""

    id: int
    remaining: int
    earned_at: datetime
    expires_at: datetime | None = None


def draw(lots: Iterable[Lot], points: int) -> dict[int, int]:
    """Say how many points to take from which lots, by id; less than asked if they hold less.

    The earliest expiry comes first, points without expiry last, and among equals the oldest.
    """
    taken: dict[int, int] = {}
    for lot in sorted(lots, key=_turn):
        part = min(points, lot.remaining)
        if part > 0:
            taken[lot.id] = part
            points -= part
    return taken


def _turn(lot: Lot) -> tuple[bool, datetime, datetime, int]:
    return lot.expires_at is None, lot.expires_at or lot.earned_at, lot.earned_at, lot.id


def after(lots: Iterable[Lot], drawn: Mapping[int, int]) -> list[Lot]:
    """Return the lots as the drawn points leave them."""
    return [replace(lot, remaining=lot.remaining - drawn.get(lot.id, 0)) for lot in lots]


def to_reclaim(owed: int, *, earned: int, reclaimed: int, expired: int) -> int:
    """Return how many of the points that an order no longer deserves are asked back.

    Of all that it ever earned, what expired by itself and what was asked back before is not.
    """
    return max(0, min(owed, earned - reclaimed - expired))


def take_back(lots: Collection[Lot], *, earned_in: Collection[int], points: int) -> dict[int, int]:
    """Say which lots give back the points of an order that does not stand, or not wholly.

    The order's own lots give first. What was spent of them comes out of the other lots, in their
    turn; what they do not hold either is let go, so that nobody ever owes points.
    """
    own = draw((lot for lot in lots if lot.id in earned_in), points)
    others = (lot for lot in lots if lot.id not in earned_in)
    return own | draw(others, points - sum(own.values()))


@dataclass(frozen=True)
class Step:
    """A tier, as far as the rules care."""

    id: int
    name: str
    minimum_spend: Decimal


@dataclass(frozen=True)
class Standing:
    """A member's tier, and the last moment at which nothing lowers it."""

    tier: Step | None = None
    until: datetime | None = None


def earned_tier(spend: Decimal, steps: Iterable[Step]) -> Step | None:
    """Return the highest tier that the spend reaches."""
    reached = (step for step in steps if step.minimum_spend <= spend)
    return max(reached, key=lambda step: step.minimum_spend, default=None)


def next_tier(tier: Step | None, steps: Iterable[Step]) -> Step | None:
    """Return the tier above, or None at the top."""
    above = (step for step in steps if tier is None or step.minimum_spend > tier.minimum_spend)
    return min(above, key=lambda step: step.minimum_spend, default=None)


def standing(
    now: Standing, *, earned: Step | None, at: datetime, months: int, zone: ZoneInfo
) -> Standing:
    """Say which tier a member has from ``at`` on.

    A higher tier is given at once and holds to the end of the day ``months`` later, whatever
    happens. When that is over, what is earned by then, the same tier or a lower one, holds for
    as long again.
    """
    is_over = now.until is None or now.until < at
    if is_over or _is_higher(earned, now.tier):
        return Standing(earned, last_moment(at, months=months, zone=zone))
    return now


def _is_higher(step: Step | None, other: Step | None) -> bool:
    if step is None or other is None:
        return step is not None
    return step.minimum_spend > other.minimum_spend
