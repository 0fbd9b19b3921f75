"""Points of two records that become one person's.

The books stay as they were written: transactions, entries and lots change hands, none changes.
Members stay too, so that an undo finds them.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection
from django.db.models import F, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from common.errors import DomainError
from customers.models import Customer, Order
from customers.operations.merges import Joining, Parting
from loyalty import rules
from loyalty.enums import AccountKind, TransactionKind
from loyalty.models import Account, Draw, Entry, Lot, Member, OrderPoints, Transaction
from loyalty.operations.ledger import lock
from loyalty.operations.orders import references

# Members whom the merge made, and tiers as they were before it.
ENROLLED = "loyalty.enrolled"
TIER = "loyalty.tier"


def join(joining: Joining) -> None:
    """Give the survivor the loser's points, with all that is written about them."""
    survivor, loser = joining.survivor, joining.loser
    if not Member.objects.filter(customer=loser).exists():
        return
    if not Member.objects.filter(customer=survivor).exists():
        joining.note(ENROLLED, [_enrol_like(loser, survivor).pk])
    members = {member.customer_id: member for member in lock([survivor.pk, loser.pk])}
    gets, gives = members[survivor.pk], members[loser.pk]
    purse, other = _purse(gets), _purse(gives)
    for model, column, source, target in (
        (Transaction, "member", gives.pk, gets.pk),
        (Lot, "member", gives.pk, gets.pk),
        (Entry, "account", other.pk, purse.pk),
    ):
        joining.move(model, column=column, source=source, target=target)
    _sum_up(purse, other)
    _give_higher_tier(joining, gets, gives)


def _enrol_like(loser: Customer, survivor: Customer) -> Member:
    known = loser.member
    member = Member.objects.create(
        customer=survivor, programme=known.programme, joined_at=known.joined_at
    )
    Account.objects.create(
        programme=known.programme, member=member, kind=AccountKind.AVAILABLE, balance=0
    )
    return member


def _purse(member: Member) -> Account:
    return Account.objects.get(member=member)


def _sum_up(*purses: Account) -> None:
    """Write the balances anew from the entries, which changed hands."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE loyalty_account purse
            SET balance = (SELECT coalesce(sum(points), 0) FROM loyalty_entry
                           WHERE account_id = purse.id)
            WHERE id = ANY(%s)
            """,
            [[purse.pk for purse in purses]],
        )


def _give_higher_tier(joining: Joining, member: Member, other: Member) -> None:
    """A tier that was reached is safe: the merged person has the higher of the two."""
    if joining.merge.notes.get(TIER):
        # Latecomers of a merge that is done: the tier was given then.
        return
    joining.note(
        TIER,
        [
            member.tier_id,
            *(at and at.isoformat() for at in (member.tier_since, member.tier_until)),
        ],
    )
    mine, theirs = (it.tier.minimum_spend if it.tier else None for it in (member, other))
    if theirs is not None and (mine is None or theirs > mine):
        member.tier, member.tier_since = other.tier, other.tier_since
        member.tier_until = other.tier_until
    elif theirs == mine and theirs is not None:
        member.tier_until = max(filter(None, (member.tier_until, other.tier_until)), default=None)
    member.save(update_fields=["tier", "tier_since", "tier_until"])


class PointsSpent(DomainError):
    code = "points_spent"


def part(parting: Parting) -> None:
    """Give the loser's points back; what was spent of them since, the survivor makes good.

    Raises PointsSpent when the survivor has too few for that.
    """
    survivor, loser = parting.survivor, parting.loser
    members = {member.customer_id: member for member in lock([survivor.pk, loser.pk])}
    if loser.pk not in members or survivor.pk not in members:
        return
    gives, gets = members[survivor.pk], members[loser.pk]
    purse, other = _purse(gives), _purse(gets)
    booked = _booked_since(parting, gives)
    parting.move_back(Transaction, column="member", source=gives.pk, target=gets.pk, also=booked)
    theirs = Transaction.objects.filter(member=gets)
    also = list(Lot.objects.filter(transaction__in=theirs).values_list("pk", flat=True))
    parting.move_back(Lot, column="member", source=gives.pk, target=gets.pk, also=also)
    entries = Entry.objects.filter(transaction__in=theirs, account=purse)
    also = list(entries.values_list("pk", flat=True))
    parting.move_back(Entry, column="account", source=purse.pk, target=other.pk, also=also)
    _refuse_debts(gives, gets)
    _sum_up(purse, other)
    _level(parting, gives, gets)
    _restore_membership(parting, gives)


def _booked_since(parting: Parting, member: Member) -> list[int]:
    """Return what was booked since for what goes back: its orders, and the end of its lots.

    What the ledger wrote about an order goes where the order goes, and a lot's expiry where the
    lot goes.
    """
    orders = parting.moved(Order)
    kept = OrderPoints.objects.filter(order__in=orders, order__customer=parting.loser)
    told = [
        reference
        for points in kept.select_related("order")
        for reference in references(points.order, postings=points.postings)
    ]
    of_orders = member.transactions.filter(reference__in=told)
    lots = {*parting.moved(Lot, column="member")}
    lots |= set(Lot.objects.filter(transaction__in=of_orders).values_list("pk", flat=True))
    expired = member.transactions.filter(
        kind=TransactionKind.EXPIRED, reference__in=[f"lot:{lot}:expired" for lot in lots]
    )
    return [*of_orders.values_list("pk", flat=True), *expired.values_list("pk", flat=True)]


def _refuse_debts(*members: Member) -> None:
    summed = Member.objects.filter(pk__in=[member.pk for member in members]).annotate(
        posted=Coalesce(Sum("account__entries__points"), 0)
    )
    for debtor in summed.filter(posted__lt=0).select_related("customer"):
        raise PointsSpent(
            _("%(points)s points were spent since that %(number)s would owe. Give them first.")
            % {"points": -debtor.posted, "number": debtor.customer.external_id}
        )


def _level(parting: Parting, *members: Member) -> None:
    """Let lots change hands until each member's hold as much as the member has.

    Who spent, since the merge, from lots that go back, gives lots of their own for them: written
    down as a draw and a new lot that expires as the drawn one would have.
    """
    held = {
        member: Account.objects.get(member=member).balance
        - Lot.objects.filter(member=member).aggregate(points=Sum("remaining", default=0))["points"]
        for member in members
    }
    gets, gives = sorted(members, key=lambda member: -held[member])
    if points := held[gets]:
        _hand_over(parting, gives, gets, points=points)


def _hand_over(parting: Parting, gives: Member, gets: Member, *, points: int) -> None:
    lots = {
        lot.pk: lot
        for lot in Lot.objects.filter(member=gives, remaining__gt=0).select_related("transaction")
    }
    drawn = _drawn(lots.values(), points, at=parting.at)
    reference = f"merge:{parting.merge.pk}:undone"
    given = _transaction(gives, reference=f"{reference}:given", at=parting.at)
    Draw.objects.bulk_create(
        Draw(transaction=given, lot_id=lot, points=part) for lot, part in drawn.items()
    )
    for lot, part in drawn.items():
        Lot.objects.filter(pk=lot).update(remaining=F("remaining") - part)
        Lot.objects.create(
            member=gets,
            transaction=_transaction(gets, reference=f"{reference}:got:{lot}", at=parting.at),
            points=part,
            remaining=part,
            expires_at=lots[lot].expires_at,
        )


def _drawn(lots: Iterable[Lot], points: int, *, at: datetime) -> dict[int, int]:
    """Say which lots to give, by id; what is overdue already comes last."""
    held = [
        rules.Lot(lot.pk, lot.remaining, lot.transaction.occurred_at, lot.expires_at)
        for lot in lots
    ]
    overdue = [lot for lot in held if lot.expires_at is not None and lot.expires_at < at]
    drawn = rules.draw((lot for lot in held if lot not in overdue), points)
    return drawn | rules.draw(overdue, points - sum(drawn.values()))


def _transaction(member: Member, *, reference: str, at: datetime) -> Transaction:
    # No points move between member and book, so it has no entries.
    return Transaction.objects.create(
        member=member,
        kind=TransactionKind.ADJUSTED,
        occurred_at=at,
        recorded_at=at,
        note=_("Merge undone"),
        reference=reference,
    )


def _restore_membership(parting: Parting, member: Member) -> None:
    """Give the survivor the tier of before, unless another was reached since.

    Whom the merge made a member, and nothing was booked for since, is none again.
    """
    if not (noted := parting.noted(TIER)):
        return
    tier, since, until = noted
    if member.tier_since is None or member.tier_since < parting.merge.merged_at:
        member.tier_id = tier
        member.tier_since, member.tier_until = (
            datetime.fromisoformat(moment) if moment else None for moment in (since, until)
        )
        member.save(update_fields=["tier", "tier_since", "tier_until"])
    if member.pk in parting.noted(ENROLLED) and not member.transactions.exists():
        Account.objects.filter(member=member).delete()
        member.delete()
