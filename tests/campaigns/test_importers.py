from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import connection

from campaigns.models import Offer, Voucher
from campaigns.operations.redemptions import redeem, roll_back
from campaigns.queries.drift import drifted_vouchers
from campaigns.queries.quotes import quote
from campaigns.queries.vouchers import code_of, find_by_code
from customers.operations.imports import rejected_csv, undo, work_on_undo
from customers.operations.imports.tables import judged
from tests.customers.imports.files import brought_in, checked, counts, reasons
from tests.factories import NOW, make_cart, make_customer, make_offer

pytestmark = pytest.mark.django_db

HEADER = "code,offer,customer,amount,valid_until,use_limit,used\n"


@pytest.fixture(autouse=True)
def offers():
    make_offer(name="Natal")
    make_offer(name="Gift", effect="amount", percent=None, amount=Decimal(10), minimum_order=0)


def facts(code):
    voucher = find_by_code(code)
    assert voucher
    return {
        "offer": voucher.offer.name,
        "customer": voucher.customer and voucher.customer.external_id,
        "amount": voucher.amount,
        "last_day": voucher.last_day.isoformat(),
        "uses": (voucher.use_count, voucher.use_limit),
    }


def test_codes_from_elsewhere_are_vouchers_of_an_offer():
    make_customer(external_id="C1")

    job = brought_in(
        "vouchers", HEADER + "Natal-ção/7,Natal,C1,,31/12/2026,3,1\nXY12,Gift,,25.50,,,\n"
    )

    assert counts(job) == {"created": 2, "updated": 0, "unchanged": 0, "rejected": 0}
    assert facts("natal ÇÃO7") == {
        "offer": "Natal",
        "customer": "C1",
        "amount": None,
        "last_day": "2026-12-31",
        "uses": (1, 3),
    }
    assert facts("xyi2") == {
        "offer": "Gift",
        "customer": None,
        "amount": Decimal("25.50"),
        # The offer's thirty days.
        "last_day": "2026-04-01",
        "uses": (0, 1),
    }


def test_a_code_from_elsewhere_is_redeemed_and_shown_as_it_was_written():
    brought_in("vouchers", HEADER + "sale_2026 x,Gift,,25.50,,2,1\n")
    voucher = Voucher.objects.get()
    ana = make_customer()

    redemption = redeem(
        "SALE-2026-X",
        customer=ana,
        order_reference="O1",
        cart=make_cart("100.00"),
        reference="r1",
        at=NOW,
    )
    after = quote("SALE-2026-X", customer=ana, cart=make_cart("100.00"), at=NOW)

    assert redemption.discount == Decimal("25.50")
    assert after.price is None
    assert code_of(voucher) == "sale_2026 x"
    assert (voucher.code_ending, not drifted_vouchers().exists()) == ("26X", True)
    roll_back(redemption, at=NOW)
    assert not drifted_vouchers().exists()


def test_a_code_looks_like_one_of_ours_and_is_taken_all_the_same():
    # Fourteen symbols of our alphabet, with another check symbol than ours would be.
    brought_in("vouchers", HEADER + "7K2MP9Q4T01XYZ,Gift,,,,,\n")

    quoted = quote("7k2mp-9q4t-01xyz", customer=make_customer(), cart=make_cart(), at=NOW)

    assert quoted.price is not None
    assert code_of(Voucher.objects.get()) == "7K2MP9Q4T01XYZ"


def test_a_code_that_is_over_says_so_to_whoever_holds_it():
    make_customer(external_id="C1")

    brought_in("vouchers", HEADER + "OLD-2020,Gift,C1,,31/12/2020,,\n")

    voucher = Voucher.objects.get()
    quoted = quote("OLD-2020", customer=voucher.customer, cart=make_cart(), at=NOW)
    assert voucher.valid_until == datetime(2021, 1, 1, 3, tzinfo=UTC)
    assert quoted.told.failed
    assert quoted.told.failed.refusal == "expired"


def test_the_same_codes_again_write_nothing():
    content = HEADER + "AAAA,Natal,,,31/12/2026,2,1\nBBBB,Gift,,5,,,\n"
    brought_in("vouchers", content)
    before = list(Voucher.objects.order_by("pk").values())

    again = brought_in("vouchers", content + "a-a-a-a,Natal,,,31/12/2026,2,1\n")

    assert counts(again)["unchanged"] == 3
    assert list(Voucher.objects.order_by("pk").values()) == before


def test_rows_that_cannot_be_vouchers_are_rejected_and_name_no_code():
    Offer.objects.filter(is_apology=True).update(name="Sorry")
    long = "L" * 65

    job = checked(
        "vouchers",
        HEADER
        + "".join(
            f"{row}\n"
            for row in (
                "KNOWN-SECRET-1,Easter,,,,,",
                "KNOWN-SECRET-2,Sorry,,,,,",
                "KNOWN-SECRET-3,Natal,,5,,,",
                "KNOWN-SECRET-4,Gift,,0,,,",
                "KNOWN-SECRET-5,Gift,,,,0,",
                "KNOWN-SECRET-6,Gift,,,,2,3",
                "KNOWN-SECRET-7,Gift,C9,,,,",
                "KNOWN-SECRET-8,Gift,,,,1.5,",
                "A-1 !,Gift,,,,,",
                f"{long},Gift,,,,,",
                ",Gift,,,,,",
                "KNOWN\0SECRET,Gift,,,,,",
            )
        ),
    )

    assert reasons(job) == [
        (2, "offer", "Easter", "unknown_offer"),
        (3, "offer", "Sorry", "unknown_offer"),
        (4, "amount", "5.00", "amount_of_percentage"),
        (5, "amount", "0.00", "nothing_off"),
        (6, "use_limit", "0", "below_one"),
        (7, "used", "3", "used_more_than_allowed"),
        (8, "customer", "C9", "unknown_customer"),
        (9, "use_limit", "1.5", "not_whole_number"),
        (10, "code", "…1", "too_short"),
        (11, "code", "…1111", "too_long"),
        (12, "code", "", "required"),
        (13, "code", "…RET", "not_text"),
    ]
    # The file to mend holds the whole rows: it goes to whoever brought them.
    assert "KNOWN-SECRET-1" in "".join(rejected_csv(job))


def test_two_rows_for_one_code_name_each_other_and_a_known_one_its_terms():
    brought_in("vouchers", HEADER + "KNOWN-123456,Natal,,,31/12/2026,,\nKNOWN-654321,Natal,,,,,\n")

    job = checked(
        "vouchers",
        HEADER
        + "twice-01,Natal,,,,,\n"
        + "TWICE-O1,Gift,,,,,\n"
        + "known 123456,Natal,,,30/12/2026,,\n"
        + "known-654321,Gift,,,,,\n",
    )

    assert reasons(job) == [
        (2, "code", "3", "repeated"),
        (3, "code", "2", "repeated"),
        (4, "code", "…456 (Natal)", "other_voucher"),
        (5, "code", "…321 (Natal)", "other_voucher"),
    ]


def test_an_undo_takes_back_codes_that_nobody_used():
    job = brought_in("vouchers", HEADER + "USED-1234,Gift,,,,2,\nFREE-1234,Gift,,,,2,\n")
    redeem(
        "USED-1234",
        customer=make_customer(),
        order_reference="O1",
        cart=make_cart(),
        reference="r1",
        at=NOW,
    )

    undo(job, by=None, at=NOW)
    while work_on_undo(job, at=NOW):
        pass

    assert find_by_code("FREE-1234") is None
    assert find_by_code("USED-1234") is not None


def test_codes_stand_nowhere_in_the_database_while_their_file_waits():
    job = checked("vouchers", HEADER + "VERY-SECRET,Gift,,,,,\n")

    with connection.cursor() as cursor:
        cursor.execute(f"SELECT to_jsonb(r)::text FROM {judged(job)} r")  # noqa: S608
        [(row,)] = cursor.fetchall()
    assert "SECRET" not in row.upper()
