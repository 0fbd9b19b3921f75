"""Tiers: a member's rank, by what the member spent."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from customers.operations.timeline import NewEvent, record_events
from loyalty import rules
from loyalty.models import Member, Programme
from loyalty.operations.ledger import lock
from loyalty.queries import ladder, spend_in_window, the_programme

# Over in about a second: a long transaction would keep every consumer waiting.
CHUNK = 2000


@transaction.atomic
def set_tiers(
    programme: Programme,
    *,
    customers: Collection[int],
    at: datetime,
    historic: bool = False,
) -> None:
    """Give these customers, by id, the tier that is theirs (``loyalty.rules.standing``).

    Who keeps tier and term is not written to. A new tier is an event in the timeline, which sets
    off nothing when it is ``historic``.
    """
    steps = ladder(programme)
    changed: dict[rules.Standing, list[Member]] = defaultdict(list)
    for member, after in _changes(programme, lock(customers), steps=steps, at=at):
        changed[after].append(member)
    for after, changing in changed.items():
        _give(after, changing, steps=steps.values(), at=at, historic=historic)


def set_all_tiers(*, at: datetime, after: int = 0, limit: int = CHUNK) -> int | None:
    """Set the tiers of the next members after the id ``after``.

    Return the id to go on after, or None when everybody has been seen.
    """
    programme = the_programme()
    # A record that was merged into another, or erased, has nothing to lose.
    present = programme.members.filter(customer__merged_into=None, customer__erased_at=None)
    coming = present.filter(pk__gt=after)
    members = list(coming.order_by("pk")[:limit])
    if not members:
        return None
    # Most nights most members keep their tier: only those are held, and seen again, who may not.
    changes = _changes(programme, members, steps=ladder(programme), at=at)
    if customers := [member.customer_id for member, _ in changes]:
        set_tiers(programme, customers=customers, at=at)
    return members[-1].pk


def _changes(
    programme: Programme,
    members: Collection[Member],
    *,
    steps: Mapping[int, rules.Step],
    at: datetime,
) -> Iterator[tuple[Member, rules.Standing]]:
    """Yield those whose tier or term is another by now, with their new standing."""
    zone = ZoneInfo(settings.SHOP_TIME_ZONE)
    customers = [member.customer_id for member in members]
    spend = spend_in_window(programme, customers=customers, at=at)
    for member in members:
        before = rules.Standing(steps.get(member.tier_id or 0), member.tier_until)
        after = rules.standing(
            before,
            earned=rules.earned_tier(spend.get(member.customer_id, Decimal(0)), steps.values()),
            at=at,
            months=programme.tier_window_months,
            zone=zone,
        )
        if after != before:
            yield member, after


def _give(
    standing: rules.Standing,
    members: Iterable[Member],
    *,
    steps: Iterable[rules.Step],
    at: datetime,
    historic: bool,
) -> None:
    tier = standing.tier
    moved = [member for member in members if member.tier_id != (tier.id if tier else None)]
    Member.objects.filter(pk__in=[member.pk for member in members]).update(
        tier_until=standing.until
    )
    Member.objects.filter(pk__in=[member.pk for member in moved]).update(
        tier=tier.id if tier else None, tier_since=at
    )
    lowest = rules.next_tier(None, steps)
    record_events(
        (
            _event(member, tier, at=at)
            for member in moved
            # Whoever joins starts at the lowest tier: that is no news.
            if member.tier_id is not None or tier != lowest
        ),
        historic=historic,
    )


def _event(member: Member, tier: rules.Step | None, *, at: datetime) -> NewEvent:
    before = member.tier.minimum_spend if member.tier else Decimal(-1)
    rose = tier is not None and tier.minimum_spend > before
    return NewEvent(
        kind="loyalty.tier_reached" if rose else "loyalty.tier_lowered",
        customer=member.customer_id,
        at=at,
        reference=f"tier:{member.pk}:{at.isoformat()}",
        data={"tier": tier.name if tier else ""},
    )
