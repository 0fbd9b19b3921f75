"""Points and tiers as they stand."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import F, Sum
from django.db.models.functions import Coalesce

from common.months import window_start
from customers.models import Order
from loyalty import rules
from loyalty.enums import AccountKind, TransactionKind
from loyalty.models import Account, Entry, Lot, Member, OrderPoints, Programme, Tier


def the_programme() -> Programme:
    """Return the shop's one programme, which a migration makes and nobody can delete."""
    return Programme.objects.order_by("pk")[0]


def ladder(programme: Programme) -> dict[int, rules.Step]:
    """Return the programme's tiers, by id."""
    return steps_of(programme.tiers.all())


def steps_of(tiers: Iterable[Tier]) -> dict[int, rules.Step]:
    return {tier.pk: rules.Step(tier.pk, tier.name, tier.minimum_spend) for tier in tiers}


def spend_in_window(
    programme: Programme, *, customers: Collection[int], at: datetime
) -> dict[int, Decimal]:
    """Return what each of these customers spent in the months that decide the tier, by id.

    Who spent nothing is left out.
    """
    zone = ZoneInfo(settings.SHOP_TIME_ZONE)
    since = window_start(at, months=programme.tier_window_months, zone=zone)
    orders = Order.objects.standing().filter(
        customer__in=customers, ordered_at__gte=since, ordered_at__lte=at
    )
    return dict(orders.values_list("customer").annotate(spend=Sum("net_total")))


def owed_by(order: Order, *, net_total: Decimal) -> int:
    """Return how many points fewer an order deserves when no more than this of it stands."""
    kept = OrderPoints.objects.filter(order=order).first()
    if kept is None:
        return 0
    return max(0, kept.points - rules.points_for(net_total, rate=kept.rate))


def lots(members: Iterable[Member], *, at: datetime) -> dict[int, list[rules.Lot]]:
    """Return what each of these members can spend, by the member's id."""
    held: dict[int, list[rules.Lot]] = defaultdict(list)
    live = Lot.objects.live(at=at).filter(member__in=members)
    for lot in live.select_related("transaction"):
        held[lot.member_id].append(
            rules.Lot(lot.pk, lot.remaining, lot.transaction.occurred_at, lot.expires_at)
        )
    return held


def balance(member: Member, *, at: datetime) -> int:
    """Return the points that the member can spend: what is overdue no longer counts."""
    live = Lot.objects.live(at=at).filter(member=member)
    return live.aggregate(points=Coalesce(Sum("remaining"), 0))["points"]


@dataclass(frozen=True)
class Summary:
    """A member at a glance; ``missing`` is the spend that still lacks for the next tier.

    ``may_fall`` is whether there is a tier below.
    """

    member: Member
    balance: int
    spend: Decimal
    next_tier: rules.Step | None
    missing: Decimal
    may_fall: bool
    expiring: list[Lot]


# So many of the lots that expire next are shown.
EXPIRING = 5


def summary(member: Member, *, at: datetime) -> Summary:
    """Return what the member has in the programme."""
    spent = spend_in_window(member.programme, customers=[member.customer_id], at=at)
    live = Lot.objects.live(at=at).filter(member=member)
    return summarise(
        member,
        balance=balance(member, at=at),
        spend=spent.get(member.customer_id, Decimal(0)),
        steps=ladder(member.programme),
        expiring=list(live.exclude(expires_at=None).order_by("expires_at", "pk")[:EXPIRING]),
    )


def summarise(
    member: Member,
    *,
    balance: int,
    spend: Decimal,
    steps: dict[int, rules.Step],
    expiring: list[Lot],
) -> Summary:
    """Put together what was read of the member; ``steps`` are the programme's tiers by id."""
    tier = steps.get(member.tier_id or 0)
    above = rules.next_tier(tier, steps.values())
    return Summary(
        member=member,
        balance=balance,
        spend=spend,
        next_tier=above,
        missing=max(above.minimum_spend - spend, Decimal(0)) if above else Decimal(0),
        may_fall=tier not in (None, rules.next_tier(None, steps.values())),
        expiring=expiring,
    )


def points_outstanding() -> int:
    """Return what all members together have to spend."""
    members = Account.objects.filter(kind=AccountKind.AVAILABLE)
    return members.aggregate(points=Sum("balance", default=0))["points"]


def faults() -> list[str]:
    """Return in words each promise of the ledger that does not hold; normally none."""
    return [
        *(
            f"account {it} says {said}, its entries sum to {sums}"
            for it, said, sums in _accounts()
        ),
        *(f"transaction {it} sums to {sums}" for it, sums in _transactions()),
        *(f"lot {it} has {left} left, its draws leave {due}" for it, left, due in _lots()),
        *(f"lot {it} has expired and holds {left} again" for it, left in _lots_that_came_back()),
        *(f"member {it} has {said} points, the lots hold {held}" for it, said, held in _members()),
    ]


def _accounts() -> Iterable[tuple[int, int | None, int]]:
    accounts = Account.objects.exclude(member=None)
    posted = accounts.annotate(posted=Coalesce(Sum("entries__points"), 0))
    return posted.exclude(posted=F("balance")).values_list("pk", "balance", "posted")


def _transactions() -> Iterable[tuple[int, int]]:
    sums = Entry.objects.values("transaction").annotate(sums=Sum("points"))
    return sums.exclude(sums=0).values_list("transaction", "sums")


def _lots() -> Iterable[tuple[int, int, int]]:
    due = F("points") - Coalesce(Sum("draws__points"), 0)
    lots = Lot.objects.annotate(due=due)
    return lots.exclude(due=F("remaining")).values_list("pk", "remaining", "due")


def _lots_that_came_back() -> Iterable[tuple[int, int]]:
    kind = TransactionKind.EXPIRED
    lots = Lot.objects.filter(remaining__gt=0, draws__transaction__kind=kind).distinct()
    return lots.values_list("pk", "remaining")


def _members() -> Iterable[tuple[int, int | None, int]]:
    members = Member.objects.annotate(held=Coalesce(Sum("lots__remaining"), 0))
    drifted = members.exclude(account__balance=F("held"))
    return drifted.values_list("pk", "account__balance", "held")
