"""Points for orders: earned when an order is placed, taken back when it does not stand."""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Sum

from customers.enums import OrderStatus
from customers.models import Order
from loyalty import rules
from loyalty.enums import AccountKind, TransactionKind
from loyalty.models import Draw, Lot, Member, OrderImport, Programme, Transaction
from loyalty.operations.ledger import Posting, lock, post
from loyalty.operations.members import enrol
from loyalty.operations.tiers import set_tiers
from loyalty.queries import lots, the_programme

# Over in about a second: a long transaction would keep every consumer waiting.
CHUNK = 2000


@transaction.atomic
def settle(orders: Collection[int], *, at: datetime, quiet: bool = False) -> None:
    """Bring points and tiers in line with these orders, by id, as they stand now.

    A placed order makes its customer a member and earns, once. A cancelled or returned one gives
    back what it earned, once. A repeat changes nothing. ``quiet`` as in ``ledger.post``.
    """
    programme = the_programme()
    told = Order.objects.filter(pk__in=orders, customer__erased_at=None)
    buyers = told.filter(status=OrderStatus.PLACED).values_list("customer", flat=True)
    enrol(programme, customers=set(buyers), at=at)
    members = lock(told.values_list("customer", flat=True))
    # Read only now: with the members held, nobody else settles these orders in between.
    settled = list(told.filter(customer__member__in=members).order_by("ordered_at", "pk"))
    placed = [order for order in settled if order.status == OrderStatus.PLACED]
    fallen = [order for order in settled if order.status != OrderStatus.PLACED]
    post(programme, _earned(programme, placed, members), quiet=quiet)
    post(programme, _taken_back(fallen, members, at=at), quiet=quiet)
    set_tiers(programme, customers=[member.customer_id for member in members], at=at)


def _earned(
    programme: Programme, orders: Iterable[Order], members: Iterable[Member]
) -> Iterator[Posting]:
    zone = ZoneInfo(settings.SHOP_TIME_ZONE)
    buyers = {member.customer_id: member for member in members}
    for order in orders:
        points = rules.points_for(order.total, rate=programme.points_per_unit)
        if points:
            yield Posting(
                member=buyers[order.customer_id],
                kind=TransactionKind.EARNED,
                book=AccountKind.ISSUED,
                points=points,
                expires_at=rules.expiry(
                    order.ordered_at, months=programme.expiry_months, zone=zone
                ),
                reference=f"order:{order.external_id}:earned",
                at=order.ordered_at,
            )


def _taken_back(
    orders: Iterable[Order], members: Iterable[Member], *, at: datetime
) -> Iterator[Posting]:
    owed = _to_give_back(orders)
    debtors = {lot.member_id for lot in owed.values()}
    holders = {member.pk: member for member in members if member.pk in debtors}
    held = lots(holders.values(), at=at)
    expired = _expired(owed.values())
    for reference, lot in owed.items():
        # Tonight's expiry counts already.
        is_overdue = lot.expires_at is not None and lot.expires_at < at
        lost = expired.get(lot.pk, 0) + (lot.remaining if is_overdue else 0)
        drawn = rules.take_back(held[lot.member_id], earned_in=lot.pk, points=lot.points - lost)
        held[lot.member_id] = rules.after(held[lot.member_id], drawn)
        yield Posting(
            member=holders[lot.member_id],
            kind=TransactionKind.REVERSED,
            book=AccountKind.ISSUED,
            points=-sum(drawn.values()),
            drawn=drawn,
            reference=reference,
            at=at,
        )


def _to_give_back(orders: Iterable[Order]) -> dict[str, Lot]:
    """Return the lots that these orders earned and have not given back, by the new reference."""
    references = {
        f"order:{order.external_id}:earned": f"order:{order.external_id}:reversed"
        for order in orders
    }
    earned = Lot.objects.filter(transaction__reference__in=references).order_by("pk")
    given_back = Transaction.objects.filter(reference__in=references.values())
    done = set(given_back.values_list("reference", flat=True))
    owed = {
        references[lot.transaction.reference]: lot for lot in earned.select_related("transaction")
    }
    return {reference: lot for reference, lot in owed.items() if reference not in done}


def _expired(earned: Iterable[Lot]) -> dict[int, int]:
    """Return the points that expired of each lot, by its id."""
    draws = Draw.objects.filter(lot__in=earned, transaction__kind=TransactionKind.EXPIRED)
    return dict(draws.values_list("lot").annotate(points=Sum("points")))


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
