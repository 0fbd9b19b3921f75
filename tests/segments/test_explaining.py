"""Why one customer is in a segment: condition by condition, through the permission for each."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from consent.enums import Act
from consent.models import Purpose
from customers.enums import Category
from segments.compiler import explain, matching
from segments.queries import traits
from segments.rules import read_rule, value_in_words
from tests.factories import NOW, allow, make_choice, make_customer, make_order, make_product

pytestmark = pytest.mark.django_db

RECENTLY = {"days": 30}
RULE = {
    "any": [
        {"trait": "customers.city", "operator": "is", "value": "Recife"},
        {"trait": "customers.age", "operator": "at_least", "value": 36},
        {"trait": "customers.spend", "operator": "at_least", "value": "50.00"},
        {
            "trait": "customers.orders",
            "operator": "at_least",
            "value": 2,
            "window": RECENTLY,
        },
        {"trait": "customers.bought", "operator": "any_of", "value": ["Grocery"]},
        {"trait": "customers.open_cart", "operator": "no"},
    ]
}


def explained(customer, json=RULE):
    rule = read_rule(json, traits())
    return explain(rule, customer, purpose=Purpose.objects.get(pk="marketing"), at=NOW)


def make_ana():
    ana = allow(make_customer(city="Recife", birth_date=date(1990, 3, 3)))
    milk = make_product(category="Grocery > Dairy")
    make_order(ana, total="60.00", product=milk, ordered_at=NOW - timedelta(days=3))
    make_order(ana, total="30.00", product=milk, ordered_at=NOW - timedelta(days=300))
    make_order(total="500.00")
    return ana


def test_explain_answers_every_condition_with_what_it_saw():
    answers = explained(make_ana())

    assert [(answer.fits, answer.value) for answer in answers] == [
        (True, "Recife"),
        (False, date(1990, 3, 3)),
        (True, Decimal("90.00")),
        (False, Decimal(1)),
        (True, None),
        (True, None),
    ]
    words = [value_in_words(answer.condition, answer.value, on=NOW.date()) for answer in answers]
    assert words == ["Recife", "35", "90.00", "1", "", ""]


def test_explain_looks_at_nothing_without_permission():
    ana = make_ana()
    make_choice(ana, act=Act.WITHDRAWN, categories=[Category.DEMOGRAPHIC])

    answers = explained(ana)

    assert [(answer.fits, answer.value) for answer in answers[:3]] == [
        (None, None),
        (None, None),
        (True, Decimal("90.00")),
    ]


def test_explain_says_of_each_condition_what_the_segment_says():
    people = [make_ana(), allow(make_customer()), make_customer()]
    marketing = Purpose.objects.get(pk="marketing")

    for n, json in enumerate(RULE["any"]):
        rule = read_rule({"all": [json]}, traits())
        members = set(matching(rule, purpose=marketing, at=NOW).values_list("pk", flat=True))
        assert {person.pk for person in people if explained(person)[n].fits} == members & {
            person.pk for person in people
        }


def test_explain_asks_once_however_long_the_rule(django_assert_num_queries):
    ana = make_ana()
    rule = read_rule(RULE, traits())
    marketing = Purpose.objects.get(pk="marketing")

    # And once for each condition about goods, whether they are sensitive.
    with django_assert_num_queries(2):
        explain(rule, ana, purpose=marketing, at=NOW)
