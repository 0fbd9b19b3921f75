from datetime import UTC, datetime

import pytest

from customers.models import Event
from customers.operations.imports import touches
from loyalty.models import Lot, Member, Transaction
from loyalty.operations.points import spend
from loyalty.queries import balance, faults
from tests.customers.imports.files import brought_in, checked, counts, reasons
from tests.factories import NOW, make_customer, make_order
from tests.loyalty.factories import make_member

pytestmark = pytest.mark.django_db

HEADER = "customer,points,expires_on,note,reference\n"


def points(name):
    return balance(Member.objects.get(customer__external_id=name), at=NOW)


def test_balances_come_over_into_a_ledger_that_sums_to_zero():
    make_customer(external_id="C1")
    make_customer(external_id="C2")

    job = brought_in(
        "points",
        HEADER + "C1,1500,31/12/2026,Old club,\nC1,20,,,L2\nC2,0,,,\n",
    )

    assert counts(job) == {"created": 3, "updated": 0, "unchanged": 0, "rejected": 0}
    assert (points("C1"), points("C2"), faults()) == (1520, 0, [])
    assert list(Lot.objects.order_by("points").values_list("points", "expires_at")) == [
        # As if earned now: good for the programme's twelve months.
        (20, datetime(2027, 3, 3, 2, 59, 59, 999999, tzinfo=UTC)),
        (1500, datetime(2027, 1, 1, 2, 59, 59, 999999, tzinfo=UTC)),
    ]
    written = Transaction.objects.order_by("pk").values_list("kind", "occurred_at", "note")
    assert set(written) == {("opened", NOW, "Old club"), ("opened", NOW, "")}
    assert set(Member.objects.values_list("tier__rank", flat=True)) == {1}
    # The file's one event tells of all its rows.
    told = Event.objects.exclude(kind="customers.registered")
    assert list(told.values_list("kind", flat=True)) == ["customers.file_imported"]


def test_the_same_file_again_adds_nothing_even_to_points_that_were_spent():
    ana = make_customer(external_id="C1")
    content = HEADER + "C1,1500,31/12/2026,,\nC1,20,,,L2\n"
    brought_in("points", content)
    spend(ana.member, points=1000, reference="till:1", at=NOW)

    again = brought_in("points", content)

    assert counts(again) == {"created": 0, "updated": 0, "unchanged": 2, "rejected": 0}
    assert (points("C1"), faults()) == (520, [])


def test_points_are_added_to_what_a_member_has():
    ana = make_customer(external_id="C1")
    brought_in("points", HEADER + "C1,100,,,first\n")

    brought_in("points", HEADER + "C1,100,,,second\n")

    assert balance(ana.member, at=NOW) == 200


def test_rows_that_cannot_be_balances_are_rejected():
    make_customer(external_id="C1")
    brought_in("points", HEADER + "C1,100,31/12/2026,,known\n")

    job = checked(
        "points",
        HEADER
        + "C9,1,,,\n"
        + "C1,-1,,,a\n"
        + "C1,1.5,,,b\n"
        + "C1,1.500,,,c\n"
        + "C1,1000000000,,,d\n"
        + "C1,many,,,e\n"
        + "C1,,,,f\n"
        + "C1,1,01/03/2026,,g\n"
        + "C1,99,31/12/2026,,known\n"
        + f"C1,1,,{'n' * 201},h\n",
    )

    assert [(line, column, reason) for line, column, _value, reason in reasons(job)] == [
        (2, "customer", "unknown_customer"),
        (3, "points", "negative"),
        (4, "points", "not_whole_number"),
        (5, "points", "thousands"),
        (6, "points", "too_large"),
        (7, "points", "not_number"),
        (8, "points", "required"),
        (9, "expires_on", "expired_points"),
        (10, "points", "other_points"),
        (11, "note", "too_long"),
    ]


def test_the_preview_says_how_many_points_come():
    make_customer(external_id="C1")
    make_member(customer=make_customer(external_id="C2"))

    job = checked("points", HEADER + "C1,100,,,\nC1,50,,,more\nC2,7,,,\n")

    assert [touches()[code].said(facts) for code, facts in job.preview["touched"]] == [
        "Points that are added: 157. Customers who become members: 1."
    ]


def test_two_rows_for_one_lot_name_each_other():
    make_customer(external_id="C1")

    job = checked(
        "points",
        HEADER
        + "C1,1,31/12/2026,,\nC1,2,31/12/2026,,\n"
        + "C1,5,31/12/2026,,lot\nC1,5,30/12/2026,,lot\n",
    )

    assert [(line, value, reason) for line, _column, value, reason in reasons(job)] == [
        (2, "3", "repeated"),
        (3, "2", "repeated"),
        (4, "5", "repeated"),
        (5, "4", "repeated"),
    ]


def test_what_comes_over_of_history_sets_off_nothing():
    ana = make_customer(external_id="C1")
    make_order(ana, total="99999")
    before = set(Event.objects.values_list("pk", flat=True))

    brought_in("points", HEADER + "C1,100,,,\n", historic=True)

    told = Event.objects.exclude(pk__in=before)
    assert {event.kind: event.historic for event in told} == {
        "loyalty.tier_reached": True,
        "customers.file_imported": True,
    }
    assert ana.member.tier
    assert ana.member.tier.rank > 1


def test_a_lot_that_expires_today_is_good_until_tonight():
    make_customer(external_id="C1")

    brought_in("points", HEADER + "C1,100,02/03/2026,,\n")

    assert points("C1") == 100
