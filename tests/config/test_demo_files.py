import csv
from collections import Counter
from dataclasses import astuple
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from statistics import median_low
from zoneinfo import available_timezones

import phonenumbers
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from pyarrow.csv import ConvertOptions, read_csv

from config.demo.customers import AGES
from config.demo.draws import Draw
from config.demo.files import Files, write_files
from config.demo.slice import HOUSEHOLDS
from config.demo.words import in_full, size

LAST_DAY = date(2026, 6, 30)
BANANAS, NEVER_SOLD = "1082185", "26081"
SLICE = Path(__file__).parents[1] / "data" / "slice"


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> Files:
    return write_files(tmp_path_factory.mktemp("demo"), last_day=LAST_DAY)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def lines(files: Files) -> pa.Table:
    as_text = ConvertOptions(
        column_types=dict.fromkeys(("order", "ordered_at", "sku"), pa.string())
        | dict.fromkeys(("total", "discount"), pa.decimal128(14, 2))
    )
    return pa.concat_tables(
        read_csv(path, convert_options=as_text)
        for path in (files.orders_history, files.orders_recent)
    )


def share(some: list, among: list) -> float:
    return len(some) / len(among)


def test_the_whole_year_is_there(files):
    sold = lines(files)

    assert sold.num_rows == 1_469_307
    assert pc.count_distinct(sold["order"]).as_py() == 155_848
    assert pc.sum(sold["total"]).as_py() == Decimal("4596039.58") * 5
    assert len(rows(files.customers)) == 2_469
    categories = Counter(row["category"] == "Unlisted" for row in rows(files.products))
    assert categories == {False: 92_331, True: 17}


def test_every_line_has_its_customer_and_its_product(files):
    sold = lines(files)

    assert set(pc.unique(sold["customer"]).to_pylist()) == {
        row["external_id"] for row in rows(files.customers)
    }
    assert set(pc.unique(sold["sku"]).to_pylist()) <= {row["sku"] for row in rows(files.products)}


def test_the_last_order_falls_on_the_last_day_and_the_recent_ones_in_the_last_21(files):
    ordered_at = {
        path: pc.min_max(read_csv(path)["ordered_at"]).as_py()
        for path in (files.orders_history, files.orders_recent)
    }

    before, recent = ordered_at.values()
    recent_from = datetime.fromisoformat("2026-06-10 00:00-03:00")
    assert before["max"] < recent_from <= recent["min"]
    assert lines(files)["ordered_at"][-1].as_py() == "2026-06-30 23:01:20-03:00"


def test_petrol_is_in_gallons_and_all_else_in_pieces(files):
    sold = lines(files)

    petrol = sold.filter(pc.greater(sold["quantity"], 1))
    parts = [quantity for quantity in petrol["quantity"].to_pylist() if quantity % 1]
    assert len(parts) > 13_000
    assert max(parts) < 100


def test_a_price_is_the_lower_median_of_the_prices_before_discount(files):
    sold = lines(files)
    bananas = sold.filter(pc.equal(sold["sku"], BANANAS)).to_pylist()
    cent = Decimal("0.05")

    prices = {row["sku"]: row["price"] for row in rows(files.products)}

    each = [
        (line["total"] + line["discount"]) / Decimal(line["quantity"]) // cent * cent
        for line in bananas
        if line["quantity"]
    ]
    assert len(each) > 10_000
    assert prices[BANANAS] == str(median_low([price for price in each if price]))
    assert prices[NEVER_SOLD] == ""


def test_names_and_paths_are_readable_and_fit(files):
    products = {row["sku"]: row for row in rows(files.products)}

    assert products["25671"]["name"] == "Ice: Crushed/Cubed, 22 lb"
    assert products["25671"]["category"] == "Grocery > Frozen Ice > Ice: Crushed/Cubed"
    assert max(len(row["name"]) for row in products.values()) <= 200
    assert max(len(row["category"]) for row in products.values()) <= 200


def test_one_in_eight_has_no_email_and_one_in_five_no_phone(files):
    customers = rows(files.customers)

    emails = [row["email"] for row in customers if row["email"]]
    assert share(emails, customers) == pytest.approx(7 / 8, abs=0.02)
    assert all(email.endswith(".example") and email.isascii() for email in emails)
    phones = [row["phone"] for row in customers if row["phone"]]
    assert share(phones, customers) == pytest.approx(4 / 5, abs=0.02)


def test_every_phone_and_every_time_zone_is_valid(files):
    customers = rows(files.customers)

    assert {
        row["phone"]
        for row in customers
        if row["phone"] and not phonenumbers.is_valid_number(phonenumbers.parse(row["phone"]))
    } == set()
    assert {row["timezone"] for row in customers} <= available_timezones()
    assert {row["country"] for row in customers} == {"BR", "IE", "PT", "US"}


def test_birth_dates_agree_with_the_age_bands(files):
    for row in rows(files.customers):
        if row["age_band"]:
            born = date.fromisoformat(row["birth_date"])
            birthday_to_come = (born.month, born.day) > (LAST_DAY.month, LAST_DAY.day)
            low, high = AGES[row["age_band"]]
            assert low <= LAST_DAY.year - born.year - birthday_to_come <= high


def test_nothing_happens_before_the_sign_up_or_after_the_last_day(files):
    registered = {row["external_id"]: row["registered_at"] for row in rows(files.customers)}
    first_orders = lines(files).group_by("customer").aggregate([("ordered_at", "min")])
    happened = [
        *((row["customer"], row["ordered_at_min"]) for row in first_orders.to_pylist()),
        *((row["external_id"], row["occurred_at"]) for row in rows(files.consents)),
        *((row["customer"], row["occurred_at"]) for row in rows(files.history)),
        *((row["customer"], row["opened_at"]) for row in rows(files.cases)),
        *((row["customer"], row["updated_at"]) for row in rows(files.carts)),
    ]

    # One offset throughout, so that the texts sort as the moments do.
    assert all(registered[customer] <= moment < "2026-07-01" for customer, moment in happened)


def test_at_least_six_in_ten_can_be_reached_by_email_with_their_purchases_and_demographics(files):
    customers = rows(files.customers)
    stands = {
        (row["external_id"], row["channel"] or row["category"]): row["kind"] == "given"
        for row in sorted(rows(files.consents), key=lambda row: row["occurred_at"])
        if row["purpose"] == "marketing" and row["occurred_at"] >= "2024-07-15"
    }

    def reachable(*scopes: str) -> list:
        return [
            row
            for row in customers
            if row["email"]
            and all(stands.get((row["external_id"], scope)) for scope in ("email", *scopes))
        ]

    purchases = reachable("identity", "contact", "purchase")
    assert share(purchases, [row for row in customers if row["email"]]) == pytest.approx(
        0.78, abs=0.02
    )
    assert share(reachable("identity", "contact", "purchase", "demographic"), customers) >= 0.6


def test_consents_are_of_every_kind_and_source(files):
    consents = rows(files.consents)

    assert {row["kind"] for row in consents} == {"given", "refused", "withdrawn"}
    assert {row["purpose"] for row in consents} == {
        "marketing",
        "personalisation",
        "profiling",
        "research",
        "third_party_sharing",
    }
    assert {row["source"] for row in consents} == {
        "web_form",
        "till",
        "call_centre",
        "unsubscribe_link",
        "preference_centre",
    }
    assert all(bool(row["channel"]) != bool(row["category"]) for row in consents)
    never_asked = len(rows(files.customers)) - len({row["external_id"] for row in consents})
    assert never_asked > 100


def test_the_campaigns_of_the_year_are_history_with_references_of_their_own(files):
    history = rows(files.history)

    assert Counter(row["kind"] for row in history) == {
        "campaigns.campaign_received": 6_589,
        "campaigns.coupon_redeemed": 2_102,
    }
    assert len({row["campaign"] for row in history}) == 27
    assert len({row["reference"] for row in history}) == len(history)
    assert max(len(row["reference"]) for row in history) <= 128


def test_carts_hold_priced_products_and_cases_are_in_portuguese(files):
    priced = {row["sku"] for row in rows(files.products) if row["price"]}
    carts = rows(files.carts)

    assert {row["sku"] for row in carts} <= priced
    assert 200 < len({row["cart"] for row in carts}) < 400
    assert 200 < len(rows(files.cases)) < 400
    assert "Produto vencido" in {row["subject"] for row in rows(files.cases)}


def test_another_last_day_moves_the_dates_and_leaves_the_people(files, tmp_path):
    later = write_files(tmp_path, last_day=LAST_DAY + timedelta(days=1), households=HOUSEHOLDS[:5])

    now, then = (
        {row["external_id"]: row for row in rows(path)}
        for path in (files.customers, later.customers)
    )
    assert then.keys() == {f"H{household:04d}" for household in HOUSEHOLDS[:5]}
    for customer, row in then.items():
        moved = now[customer]["registered_at"]
        assert datetime.fromisoformat(row["registered_at"]) == datetime.fromisoformat(
            moved
        ) + timedelta(days=1)
        assert row["email"] == now[customer]["email"]


def test_the_slice_in_the_repository_is_what_the_generator_writes(tmp_path):
    seen: list[tuple[str, int, int]] = []

    files = write_files(
        tmp_path,
        last_day=LAST_DAY,
        households=HOUSEHOLDS,
        order_days=120,
        progress=lambda path, done, total: seen.append((path.name, done, total)),
    )

    for path in astuple(files):
        assert path.read_bytes() == (SLICE / path.name).read_bytes(), path.name
    assert seen[0] == ("README.txt", 1, 9)
    assert seen[-1] == ("cases.csv", 9, 9)


def test_everybody_in_the_slice_has_an_age_an_email_and_a_recent_order():
    customers = rows(SLICE / "customers.csv")

    assert len(customers) == 100
    assert all(row["age_band"] and row["email"] for row in customers)
    assert {row["customer"] for row in rows(SLICE / "orders-recent.csv")} == {
        row["external_id"] for row in customers
    }


def test_a_draw_answers_each_question_the_same_for_ever():
    draw = Draw(718)

    assert draw.whole("age", 19, 24) == 19 + int(Draw(718).share("age") * 6)
    assert draw.one_of("only", ["this"]) == "this"
    assert draw.weighted("sure", {"never": 0, "always": 1}) == "always"
    assert draw.some_of("two", "abc", count=2) == Draw(718).some_of("two", "cba", count=2)
    assert draw.filled("none", "D08 X") == "D08 X"
    assert draw.share("first name") != draw.share("last name")


@pytest.mark.parametrize(
    ("shorthand", "words"),
    [
        ("FRZN JCE CONC/DRNKS", "Frozen Juice Concentrate/Drinks"),
        ("CHEESE CRACKERS (CHEEZ-ITS/GOL", "Cheese Crackers"),
        ("POTATOES RUSSET (BULK&BAG)", "Potatoes Russet (Bulk and Bag)"),
        ("BREAD:ITALIAN/FRENCH", "Bread: Italian/French"),
        ("MISC. DAIRY", "Miscellaneous Dairy"),
    ],
)
def test_shorthand_in_full_words(shorthand, words):
    assert in_full(shorthand) == words


@pytest.mark.parametrize(
    ("text", "shown"),
    [("22 LB", "22 lb"), ("14.5 OZ", "14.5 oz"), ("(600) 4 LB", ""), (None, "")],
)
def test_only_plain_sizes_are_shown(text, shown):
    assert size(text) == shown
