import pytest
from django.db import IntegrityError, connection, transaction

from loyalty.enums import AccountKind, TransactionKind
from loyalty.models import Account, Entry, Lot, Transaction
from loyalty.operations.ledger import Posting, lock, post
from loyalty.queries import balance, faults, the_programme
from tests.factories import NOW
from tests.loyalty.factories import make_member

pytestmark = pytest.mark.django_db


def earning(member, points=100, **facts) -> Posting:
    defaults = {
        "member": member,
        "kind": TransactionKind.EARNED,
        "book": AccountKind.ISSUED,
        "points": points,
        "reference": "order:1:earned",
        "at": NOW,
    }
    return Posting(**{**defaults, **facts})


def check_now() -> None:
    """Ask the database to look at what it would look at when the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_post_moves_points_from_a_book_to_the_member():
    member = make_member()

    [earned] = post(the_programme(), [earning(member, 100)])

    entries = earned.entries.values_list("account__kind", "points").order_by("points")
    assert list(entries) == [("issued", -100), ("available", 100)]
    assert member.account.balance == 100
    assert balance(member, at=NOW) == 100
    assert faults() == []


def test_post_again_with_the_same_reference_changes_nothing():
    member = make_member()
    post(the_programme(), [earning(member)])

    assert post(the_programme(), [earning(member)]) == []

    assert member.account.balance == 100


def test_post_writes_down_that_there_was_nothing_to_move():
    member = make_member()

    [nothing] = post(the_programme(), [earning(member, 0)])

    assert not nothing.entries.exists()


def write(member, *points: int) -> None:
    """Write a transaction past the operations, and let the database look at it."""
    accounts = member.account, Account.objects.get(kind=AccountKind.ISSUED)
    written = Transaction.objects.create(
        member=member, kind=TransactionKind.EARNED, occurred_at=NOW, reference="by hand"
    )
    for account, moved in zip(accounts, points, strict=False):
        Entry.objects.create(transaction=written, account=account, points=moved)
    check_now()


@pytest.mark.parametrize("points", [(100,), (100, -99)])
def test_the_database_refuses_entries_that_do_not_sum_to_zero(points):
    member = make_member()

    with pytest.raises(IntegrityError, match="do not sum to zero"), transaction.atomic():
        write(member, *points)


def test_the_database_accepts_entries_that_sum_to_zero():
    write(make_member(), 100, -100)


@pytest.mark.parametrize(
    "change",
    [
        lambda: Entry.objects.update(points=1),
        lambda: Entry.objects.all().delete(),
        lambda: Transaction.objects.update(note="never happened"),
        lambda: Lot.objects.update(remaining=101),
        lambda: Account.objects.exclude(member=None).update(balance=-1),
        lambda: Account.objects.filter(member=None).update(balance=0),
    ],
)
def test_the_database_keeps_what_was_written(change):
    post(the_programme(), [earning(make_member(), 100)])

    with pytest.raises(IntegrityError), transaction.atomic():
        change()


def test_a_thousand_postings_cost_as_many_statements_as_one(django_assert_max_num_queries):
    members = [make_member() for _ in range(3)]
    many = [
        earning(member, reference=f"order:{member.pk}:{number}:earned")
        for member in members
        for number in range(330)
    ]

    with django_assert_max_num_queries(12):
        post(the_programme(), many)

    assert [balance(member, at=NOW) for member in members] == [33000] * 3
    assert faults() == []


def test_lock_returns_members_in_the_order_of_their_ids():
    members = [make_member() for _ in range(3)]

    assert lock(member.customer_id for member in reversed(members)) == members
