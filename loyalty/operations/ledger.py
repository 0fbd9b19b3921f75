"""The ledger: the one place where points move."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection

from customers.operations.timeline import NewEvent, record_events
from loyalty.enums import AccountKind, TransactionKind
from loyalty.models import Account, Draw, Entry, Lot, Member, Programme, Transaction

EVENT_OF_KIND = {
    TransactionKind.EARNED: "loyalty.points_earned",
    TransactionKind.SPENT: "loyalty.points_spent",
    TransactionKind.EXPIRED: "loyalty.points_expired",
    TransactionKind.REVERSED: "loyalty.points_taken_back",
    TransactionKind.ADJUSTED: "loyalty.points_adjusted",
}


@dataclass(frozen=True, kw_only=True)
class Posting:
    """Points to move, for one reason, between a member and a book of the programme.

    ``points`` is what the member gets. What the member gets is a lot of its own, good until
    ``expires_at``; what the member gives, a negative number, comes out of ``drawn``: points by
    lot. Nothing to move is worth writing down too: it was asked for and will not be again.
    """

    member: Member
    kind: TransactionKind
    book: AccountKind
    points: int
    reference: str
    at: datetime
    expires_at: datetime | None = None
    drawn: Mapping[int, int] = field(default_factory=dict)
    note: str = ""


def lock(customers: Iterable[int]) -> list[Member]:
    """Hold the members of these customers until the transaction ends.

    Whoever moves points holds the member first, and holds several in the order of their ids, once
    in a transaction: then two tills take turns and never wait for each other in a ring.
    """
    members = Member.objects.filter(customer__in=set(customers)).order_by("pk")
    return list(members.select_for_update(no_key=True, of=("self",)).select_related("tier"))


def post(
    programme: Programme, postings: Iterable[Posting], *, quiet: bool = False
) -> list[Transaction]:
    """Write postings, the balances and lots they change and what the timeline says of them.

    A dozen statements, however many postings. Repeats of a reference change nothing. Expects the
    members held by ``lock``. ``quiet`` leaves the timeline alone: a bulk import is one event, not
    a million.
    """
    new = _not_posted(list(postings))
    if not new:
        return []
    transactions = Transaction.objects.bulk_create(
        Transaction(
            member=posting.member,
            kind=posting.kind,
            occurred_at=posting.at,
            note=posting.note,
            reference=posting.reference,
        )
        for posting in new
    )
    posted = list(zip(transactions, new, strict=True))
    _write_entries(programme, posted)
    _write_lots(posted)
    _bring_forward([transaction.pk for transaction in transactions])
    if not quiet:
        record_events(_event(*pair) for pair in posted if pair[1].points)
    return transactions


Posted = Sequence[tuple[Transaction, Posting]]


def _not_posted(postings: list[Posting]) -> list[Posting]:
    references = [posting.reference for posting in postings]
    known = set(
        Transaction.objects.filter(reference__in=references).values_list("reference", flat=True)
    )
    return [posting for posting in postings if posting.reference not in known]


def _write_entries(programme: Programme, posted: Posted) -> None:
    purses = dict(
        Account.objects.filter(
            member__in={posting.member.pk for _, posting in posted}, kind=AccountKind.AVAILABLE
        ).values_list("member", "pk")
    )
    books = dict(
        Account.objects.filter(programme=programme, member=None).values_list("kind", "pk")
    )
    Entry.objects.bulk_create(
        Entry(transaction=transaction, account_id=account, points=points)
        for transaction, posting in posted
        for account, points in (
            (purses[posting.member.pk], posting.points),
            (books[posting.book], -posting.points),
        )
        if points
    )


def _write_lots(posted: Posted) -> None:
    Lot.objects.bulk_create(
        Lot(
            member=posting.member,
            transaction=transaction,
            points=posting.points,
            remaining=posting.points,
            expires_at=posting.expires_at,
        )
        for transaction, posting in posted
        if posting.points > 0
    )
    Draw.objects.bulk_create(
        Draw(transaction=transaction, lot_id=lot, points=points)
        for transaction, posting in posted
        for lot, points in posting.drawn.items()
    )


def _bring_forward(transactions: list[int]) -> None:
    """Add to the balances, and take from the lots, what these transactions moved."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE loyalty_account SET balance = balance + moved.points
            FROM (SELECT account_id, sum(points) AS points FROM loyalty_entry
                  WHERE transaction_id = ANY(%s) GROUP BY account_id) AS moved
            WHERE id = moved.account_id AND member_id IS NOT NULL
            """,
            [transactions],
        )
        cursor.execute(
            """
            UPDATE loyalty_lot SET remaining = remaining - drawn.points
            FROM (SELECT lot_id, sum(points) AS points FROM loyalty_draw
                  WHERE transaction_id = ANY(%s) GROUP BY lot_id) AS drawn
            WHERE id = drawn.lot_id
            """,
            [transactions],
        )


def _event(transaction: Transaction, posting: Posting) -> NewEvent:
    adjusted = posting.kind == TransactionKind.ADJUSTED
    return NewEvent(
        kind=EVENT_OF_KIND[posting.kind],
        customer=posting.member.customer_id,
        at=posting.at,
        reference=f"points:{transaction.pk}",
        data={"points": posting.points if adjusted else abs(posting.points)},
    )
