"""How the database goes about it, on enough people that a bad plan would show."""

import json

import pytest
from django.db import connection

from consent.models import Purpose
from customers.enums import Category
from segments.compiler import matching
from segments.queries import traits
from segments.rules import read_rule
from tests.factories import NOW

pytestmark = pytest.mark.django_db

PEOPLE = 50_000
SOURCES = {"customers_order", "customers_orderline", "customers_event"}


@pytest.fixture
def many(db):
    """Fifty thousand people who allow everything, with two orders each over two years."""
    columns = ", ".join(f"data_{category}" for category in Category.values)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO customers_customer (external_id, email, phone, first_name, last_name,
                gender, language, timezone, country, state, city, postal_code, stage, interests,
                attributes, registered_at, created_at, updated_at)
            SELECT 'c' || i, '', '', '', '', '', '', '', '', '', 'City ' || i %% 50, '',
                'customer', '{{}}', '{{}}', %(at)s, %(at)s, %(at)s
            FROM generate_series(1, %(people)s) i;
            INSERT INTO consent_permission (purpose_id, customer_id, changed_at, {columns})
            SELECT 'marketing', id, %(at)s {", true" * len(Category)} FROM customers_customer;
            INSERT INTO customers_product (sku, name, category)
            SELECT 'p' || i, '', 'Food > Shelf ' || i %% 100 FROM generate_series(1, 1000) i;
            INSERT INTO customers_order (external_id, customer_id, ordered_at, status, total,
                discount, store, created_at, updated_at)
            SELECT 'o' || c.id || '.' || n, c.id,
                %(at)s - (c.id * 7 + n * 365) %% 730 * interval '1 day',
                'placed', 10, 0, '', %(at)s, %(at)s
            FROM customers_customer c, generate_series(1, 2) n;
            INSERT INTO customers_orderline
                (order_id, number, product_id, quantity, total, discount)
            SELECT o.id, 1, p.id, 1, 10, 0
            FROM customers_order o JOIN customers_product p ON p.sku = 'p' || 1 + o.id %% 1000;
            ANALYZE customers_customer, consent_permission, customers_product, customers_order,
                customers_orderline
            """,  # noqa: S608 -- our own enum
            {"people": PEOPLE, "at": NOW},
        )


def plan(rule, *, among=None):
    found = matching(
        read_rule(rule, traits()),
        purpose=Purpose.objects.get(pk="marketing"),
        at=NOW,
        among=among,
    )
    (told,) = json.loads(found.values("pk").explain(format="json", analyze=True))
    return told


def steps(node):
    yield node
    for below in node.get("Plans", ()):
        yield from steps(below)


RULES = {
    "bought": {
        "trait": "customers.bought",
        "operator": "any_of",
        "value": ["Food > Shelf 7"],
        "window": {"days": 60},
    },
    "not bought": {
        "trait": "customers.bought",
        "operator": "without",
        "value": ["Food > Shelf 7"],
        "window": {"days": 60},
    },
    "twice": {
        "trait": "customers.orders",
        "operator": "at_least",
        "value": 2,
        "window": {"days": 60},
    },
    "spent": {
        "trait": "customers.spend",
        "operator": "at_most",
        "value": 5,
        "window": {"days": 90},
    },
    "goods": {
        "trait": "customers.goods",
        "operator": "at_least",
        "value": 5,
        "measure": {"sum": "amount"},
        "where": {"category": "Food > Shelf 7"},
        "window": {"days": 60},
    },
    "did not": {"trait": "customers.orders", "operator": "did_not", "window": {"days": 90}},
}


def test_no_rule_scans_orders_customer_by_customer(many):
    for name, leaf in RULES.items():
        for rule in ({"all": [leaf]}, {"none": [leaf]}, {"any": [leaf, RULES["twice"]]}):
            scans = [
                step
                for step in steps(plan(rule)["Plan"])
                if step["Node Type"] == "Seq Scan" and step["Relation Name"] in SOURCES
            ]
            assert [step["Actual Loops"] for step in scans if step["Actual Loops"] > 4] == [], name


def test_one_customer_is_asked_without_reading_those_of_others(many):
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM customers_customer")
        (pk,) = cursor.fetchone()
    for name, leaf in RULES.items():
        for rule in ({"all": [leaf]}, {"none": [leaf]}):
            told = plan(rule, among=[pk])
            read = sum(
                step["Actual Rows"] * step["Actual Loops"]
                for step in steps(told["Plan"])
                if step.get("Relation Name") in SOURCES
            )
            assert read <= 10, name
