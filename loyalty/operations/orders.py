"""Points for orders: earned for what stands of them, taken back for what no longer does."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Sum

from customers.enums import STANDING
from customers.models import Order
from customers.operations.imports import undone_orders
from loyalty import rules
from loyalty.enums import AccountKind, TransactionKind
from loyalty.models import (
    Draw,
    Lot,
    Member,
    OrderImport,
    OrderPoints,
    OrderUndo,
    Programme,
    Transaction,
)
from loyalty.operations.ledger import Posting, lock, post
from loyalty.operations.members import enrol
from loyalty.operations.tiers import set_tiers
from loyalty.queries import lots, the_programme

# Over in about a second: a long transaction would keep every consumer waiting.
CHUNK = 2000


@transaction.atomic
def settle(orders: Collection[int], *, at: datetime, quiet: bool = False) -> None:
    """Bring points and tiers in line with these orders, by id, as they stand now.

    An order that stands makes its customer a member and earns for what stands of it; when that
    grows it earns the difference, when it shrinks the difference is asked back. A repeat changes
    nothing. ``quiet`` as in ``ledger.post``.
    """
    programme = the_programme()
    told = Order.objects.filter(pk__in=orders, customer__erased_at=None)
    buyers = told.standing().values_list("customer", flat=True)
    enrol(programme, customers=set(buyers), at=at)
    members = {
        member.customer_id: member for member in lock(told.values_list("customer", flat=True))
    }
    # Read only now: with the members held, nobody else settles these orders in between.
    settled = told.filter(customer__in=members).order_by("ordered_at", "pk")
    accounts = _accounts(settled, members, rate=programme.points_per_unit)
    post(programme, _earned(programme, accounts, at=at), quiet=quiet)
    post(programme, _taken_back(accounts, at=at), quiet=quiet)
    _keep(accounts)
    set_tiers(programme, customers=members, at=at)


@dataclass(frozen=True)
class _Account:
    """An order, what it has earned so far, and who gets its points.

    ``postings_before`` is None for an order that is settled for the first time.
    """

    order: Order
    kept: OrderPoints
    member: Member
    postings_before: int | None

    @property
    def due(self) -> int:
        """Return how many points more, or fewer, the order deserves than it has earned."""
        return rules.points_for(self.order.net_total, rate=self.kept.rate) - self.kept.points

    @property
    def has_moved(self) -> bool:
        return self.kept.postings != self.postings_before

    def references(self) -> list[str]:
        """Return those of all its transactions so far."""
        return references(self.order, postings=self.kept.postings)

    def next_reference(self, verb: str) -> str:
        self.kept.postings += 1
        return _reference(self.order, verb, self.kept.postings)


def references(order: Order, *, postings: int) -> list[str]:
    """Return the references of all transactions that so many postings of an order may have."""
    return [
        _reference(order, verb, number)
        for verb in ("earned", "reversed")
        for number in range(1, postings + 1)
    ]


def _reference(order: Order, verb: str, number: int) -> str:
    said = f"order:{order.external_id}:{verb}"
    return f"{said}:{number}" if number > 1 else said


def _accounts(
    orders: Iterable[Order], members: Mapping[int, Member], *, rate: Decimal
) -> list[_Account]:
    """Return those of orders that stand or stood; the others never earned."""
    orders = list(orders)
    known = {kept.order_id: kept for kept in OrderPoints.objects.filter(order__in=orders)}
    before = _posted_before([order for order in orders if order.pk not in known])
    return [
        _Account(
            order,
            known.get(order.pk)
            or OrderPoints(order=order, rate=rate, postings=before.get(order.external_id, 0)),
            members[order.customer_id],
            known[order.pk].postings if order.pk in known else None,
        )
        for order in orders
        if order.pk in known or order.status in STANDING
    ]


def _posted_before(orders: Iterable[Order]) -> dict[str, int]:
    """Return how often points moved for former orders of the same numbers, where they did.

    They were taken back with their import; the new one goes on counting, so that it earns anew.
    """
    first = {f"order:{order.external_id}:earned": order.external_id for order in orders}
    if not first:
        return {}
    found = Transaction.objects.filter(reference__in=first).values_list("reference", flat=True)
    return {
        first[reference]: Transaction.objects.filter(
            reference__startswith=f"order:{first[reference]}:"
        ).count()
        for reference in found
    }


def _earned(
    programme: Programme, accounts: Iterable[_Account], *, at: datetime
) -> Iterator[Posting]:
    zone = ZoneInfo(settings.SHOP_TIME_ZONE)
    for account in accounts:
        order, kept, points = account.order, account.kept, account.due
        if points <= 0:
            continue
        kept.earned += points
        kept.points += points
        yield Posting(
            member=account.member,
            kind=TransactionKind.EARNED,
            book=AccountKind.ISSUED,
            points=points,
            expires_at=rules.expiry(order.ordered_at, months=programme.expiry_months, zone=zone),
            # What is earned later, on a change, was not there before.
            at=at if kept.postings else order.ordered_at,
            reference=account.next_reference("earned"),
        )


def _taken_back(accounts: Iterable[_Account], *, at: datetime) -> Iterator[Posting]:
    owing = [account for account in accounts if account.due < 0]
    own = _lots_of(owing)
    expired = _expired([lot for theirs in own.values() for lot in theirs], at=at)
    held = lots({account.member for account in owing}, at=at)
    for account in owing:
        kept, theirs = account.kept, [lot.pk for lot in own[account.order.pk]]
        points = rules.to_reclaim(
            -account.due,
            earned=kept.earned,
            reclaimed=kept.reclaimed,
            expired=sum(expired[lot] for lot in theirs),
        )
        drawn = rules.take_back(held[account.member.pk], earned_in=theirs, points=points)
        held[account.member.pk] = rules.after(held[account.member.pk], drawn)
        kept.reclaimed += points
        kept.points += account.due
        yield Posting(
            member=account.member,
            kind=TransactionKind.REVERSED,
            book=AccountKind.ISSUED,
            points=-sum(drawn.values()),
            drawn=drawn,
            reference=account.next_reference("reversed"),
            at=at,
        )


def _lots_of(accounts: Iterable[_Account]) -> dict[int, list[Lot]]:
    """Return the lots that each of these orders, by id, earned."""
    orders = {
        reference: account.order.pk for account in accounts for reference in account.references()
    }
    found: dict[int, list[Lot]] = defaultdict(list)
    earned = Lot.objects.filter(transaction__reference__in=orders).select_related("transaction")
    for lot in earned.order_by("pk"):
        found[orders[lot.transaction.reference]].append(lot)
    return found


def _expired(earned: Collection[Lot], *, at: datetime) -> dict[int, int]:
    """Return the points that expired of each lot, by its id; tonight's expiry counts already."""
    draws = Draw.objects.filter(lot__in=earned, transaction__kind=TransactionKind.EXPIRED)
    booked = dict(draws.values_list("lot").annotate(points=Sum("points")))
    return {
        lot.pk: booked.get(lot.pk, 0)
        + (lot.remaining if lot.expires_at is not None and lot.expires_at < at else 0)
        for lot in earned
    }


def _keep(accounts: Iterable[_Account]) -> None:
    """Write what the orders have earned by now, where that is new."""
    OrderPoints.objects.bulk_create(
        (account.kept for account in accounts if account.has_moved),
        update_conflicts=True,
        unique_fields=["order"],
        update_fields=["points", "earned", "reclaimed", "postings"],
    )


def note_imports(jobs: Iterable[int]) -> None:
    """Write down that the orders of these files, by the job's id, are to be settled."""
    OrderImport.objects.bulk_create(
        (OrderImport(job_id=job) for job in sorted(jobs)), ignore_conflicts=True
    )


@transaction.atomic
def settle_imported(*, at: datetime, limit: int = CHUNK) -> bool:
    """Settle the next orders that came in by a file; return whether there may be more.

    Where it came to is saved with the points: whoever goes on after a crash repeats nothing.
    """
    waiting = OrderImport.objects.filter(finished_at=None).order_by("pk")
    work = waiting.select_for_update(skip_locked=True).first()
    if work is None:
        return False
    coming = Order.objects.filter(imported_by=work.job_id, pk__gt=work.last_order).order_by("pk")
    orders = list(coming.values_list("pk", flat=True)[:limit])
    if orders:
        settle(orders, at=at, quiet=True)
        work.last_order = orders[-1]
    else:
        work.finished_at = at
    work.save()
    return True


def note_undone(jobs: Iterable[int]) -> None:
    """Write down that these files of orders, by the job's id, were taken back."""
    OrderUndo.objects.bulk_create(
        (OrderUndo(job_id=job) for job in sorted(jobs)), ignore_conflicts=True
    )


@transaction.atomic
def settle_undone(*, at: datetime, limit: int = CHUNK) -> bool:
    """Take back the points of the next orders whose import was undone; say whether there are more.

    What is still to be earned by the import is earned first, or it would be left over.
    """
    earning = OrderImport.objects.filter(finished_at=None).values("job")
    waiting = OrderUndo.objects.filter(finished_at=None).exclude(job__in=earning).order_by("pk")
    work = waiting.select_for_update(skip_locked=True, of=("self",)).first()
    if work is None:
        return False
    removed, restored = undone_orders(work.job, after=work.last_order, limit=limit)
    _give_back(removed, at=at)
    settle(restored, at=at, quiet=True)
    if removed or restored:
        work.last_order = max([*(order.pk for order in removed), *restored])
    else:
        work.finished_at = at
    work.save()
    return True


def _give_back(removed: Collection[Order], *, at: datetime) -> None:
    """Take back what orders that are no more had earned."""
    programme = the_programme()
    members = {member.customer_id: member for member in lock({it.customer_id for it in removed})}
    for order in removed:
        order.net_total = Decimal(0)
    earners = [order for order in removed if order.customer_id in members]
    accounts = _accounts(earners, members, rate=programme.points_per_unit)
    earned = [account for account in accounts if account.postings_before is not None]
    post(programme, _taken_back(earned, at=at), quiet=True)
    _keep(earned)
    set_tiers(programme, customers=members, at=at)
