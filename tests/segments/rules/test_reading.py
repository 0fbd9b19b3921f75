from decimal import Decimal

import pytest
from django.utils import translation

from customers.enums import Category
from segments.queries import traits
from segments.rules import BadRule, read_rule, sentence

CITY = {"trait": "customers.city", "operator": "is", "value": "Porto"}


def deep(levels):
    rule: object = CITY
    for _ in range(levels):
        rule = {"all": [rule]}
    return rule


@pytest.mark.parametrize(
    ("json", "pointer"),
    [
        (None, ""),
        ([], ""),
        ("all", ""),
        ({}, ""),
        (CITY, ""),  # the outermost is a group
        ({"all": []}, "/all"),
        ({"all": [CITY], "any": [CITY]}, ""),
        ({"some": [CITY]}, ""),
        ({"all": {"0": CITY}}, "/all"),
        ({"all": [CITY, {"none": []}]}, "/all/1/none"),
        ({"all": [CITY, 7]}, "/all/1"),
        ({"all": [CITY] * 61}, "/all"),
        ({"all": [{"any": [CITY] * 31}, {"any": [CITY] * 31}]}, ""),
        (deep(7), "/all/0/all/0/all/0/all/0/all/0/all/0"),
        ({"all": [{"trait": "customers.shoe_size"}]}, "/all/0/trait"),
        ({"all": [{"trait": ["customers.city"]}]}, "/all/0/trait"),
        ({"all": [{**CITY, "a/b": 1}]}, "/all/0/a~1b"),
        ({"all": [{**CITY, "operator": "at_least"}]}, "/all/0/operator"),
        ({"all": [{**CITY, "operator": []}]}, "/all/0/operator"),
        ({"all": [{**CITY, "value": " "}]}, "/all/0/value"),
        ({"all": [{**CITY, "value": "x" * 201}]}, "/all/0/value"),
        ({"all": [{**CITY, "value": "a\x00b"}]}, "/all/0/value"),
        ({"all": [{**CITY, "operator": "one_of", "value": "Porto"}]}, "/all/0/value"),
        ({"all": [{**CITY, "operator": "one_of", "value": ["Porto", 7]}]}, "/all/0/value/1"),
        ({"all": [{**CITY, "operator": "one_of", "value": ["x"] * 501}]}, "/all/0/value"),
        ({"all": [{**CITY, "operator": "known"}]}, "/all/0/value"),
        ({"all": [{**CITY, "unknown": "yes"}]}, "/all/0/unknown"),
        ({"all": [{**CITY, "window": {"days": 3}}]}, "/all/0/window"),
        ({"all": [{**CITY, "where": {"category": "Toys"}}]}, "/all/0/where/category"),
    ],
)
def test_a_bad_rule_is_refused_with_the_place_and_a_sentence(json, pointer):
    with pytest.raises(BadRule) as refusal:
        read_rule(json, traits())

    assert refusal.value.pointer == pointer
    assert refusal.value.field == f"rule{pointer}".replace("/", ".")
    assert refusal.value.message.endswith(".")


@pytest.mark.parametrize(
    ("leaf", "place"),
    [
        ({"trait": "customers.spend", "operator": "at_least", "value": "much"}, "value"),
        ({"trait": "customers.spend", "operator": "at_least", "value": "NaN"}, "value"),
        ({"trait": "customers.spend", "operator": "at_least", "value": 1e300}, "value"),
        ({"trait": "customers.spend", "operator": "at_least", "value": True}, "value"),
        ({"trait": "customers.spend", "operator": "between", "value": [9, 1]}, "value"),
        ({"trait": "customers.spend", "operator": "between", "value": [9]}, "value"),
        ({"trait": "customers.age", "operator": "at_least", "value": 18.5}, "value"),
        ({"trait": "customers.gender", "operator": "is", "value": "robot"}, "value"),
        ({"trait": "customers.last_order", "operator": "in_last", "value": 0}, "value"),
        ({"trait": "customers.last_order", "operator": "before", "value": "1/2/2026"}, "value"),
        ({"trait": "customers.last_order", "operator": "before", "value": 20260201}, "value"),
        ({"trait": "customers.birthday", "operator": "in_month", "value": 13}, "value"),
        ({"trait": "customers.birthday", "operator": "in_next", "value": 367}, "value"),
        ({"trait": "customers.orders", "operator": "at_least", "value": 0}, "value"),
        ({"trait": "customers.orders", "operator": "did", "unknown": True}, "unknown"),
        ({"trait": "customers.orders", "operator": "did", "window": 3}, "window"),
        ({"trait": "customers.orders", "operator": "did", "window": {"days": 0}}, "window/days"),
        ({"trait": "customers.orders", "operator": "did", "where": []}, "where"),
        (
            {"trait": "customers.orders", "operator": "did", "where": {"category": ""}},
            "where/category",
        ),
        ({"trait": "customers.open_cart", "operator": "known"}, "operator"),
    ],
)
def test_a_value_that_does_not_fit_its_trait_is_refused(leaf, place):
    with pytest.raises(BadRule) as refusal:
        read_rule({"any": [leaf]}, traits())

    assert refusal.value.pointer == f"/any/0/{place}"


@pytest.mark.parametrize(
    "value",
    ["1e-999999", "0e-20000", "1E5", "1_000", " 5", "5\n", "+5", "٣", "1,5", 1e-300, 10**13],
)
@pytest.mark.parametrize("trait", ["customers.spend", "segments.share"])
def test_a_number_is_digits_and_nothing_else(trait, value):
    with pytest.raises(BadRule) as refusal:
        read_rule(
            {"all": [{"trait": trait, "operator": "between", "value": [value, 50]}]}, traits()
        )

    assert refusal.value.pointer == "/all/0/value/0"
    assert refusal.value.message == "Enter a number."


@pytest.mark.parametrize(
    ("value", "number"),
    [("9.99", "9.99"), (9.99, "9.99"), (1e-05, "0.00001"), ("-3", "-3"), (10**12, "1e12")],
)
def test_a_number_is_read_to_its_last_place(value, number):
    spend = {"trait": "customers.spend", "operator": "at_least", "value": value}

    (condition,) = read_rule({"all": [spend]}, traits()).conditions

    assert condition.value == Decimal(number)


def test_a_rule_of_many_levels_is_read():
    assert len(read_rule(deep(6), traits()).conditions) == 1


def test_a_rule_names_the_data_it_uses():
    spend = {"trait": "customers.spend", "operator": "at_least", "value": 1}

    rule = read_rule({"all": [CITY, {"none": [spend]}]}, traits())

    assert rule.categories == {Category.DEMOGRAPHIC, Category.PURCHASE}


@pytest.mark.parametrize(
    ("json", "said"),
    [
        (
            {
                "all": [
                    {"trait": "customers.last_order", "operator": "longer_ago", "value": 90},
                    {"trait": "customers.spend", "operator": "at_least", "value": 1500},
                ]
            },
            "Last order is more than 90 days ago and spend is at least R$\u00a01,500.00",
        ),
        (
            {"all": [{"trait": "customers.country", "operator": "one_of", "value": ["IE", "PT"]}]},
            "Country is one of Ireland, Portugal",
        ),
        (
            {
                "any": [
                    {
                        "trait": "customers.orders",
                        "operator": "at_least",
                        "value": 2,
                        "window": {"days": 60},
                        "where": {"category": "Grocery > Dairy"},
                    },
                    {"none": [{**CITY, "unknown": True}, {**CITY, "value": "Faro"}]},
                ]
            },
            "Ordered at least 2 times in the last 60 days, where category is Grocery > Dairy"
            " or not (city is Porto (or not known) or city is Faro)",
        ),
        (
            {
                "all": [
                    {"trait": "customers.gender", "operator": "is_not", "value": "male"},
                    {
                        "any": [
                            {"trait": "customers.birthday", "operator": "in_month", "value": 3},
                            {"trait": "customers.birthday", "operator": "in_next", "value": 0},
                        ]
                    },
                ]
            },
            "Gender is not Male and (birthday is in March or birthday is today)",
        ),
        (
            {
                "all": [
                    {
                        "trait": "customers.last_order",
                        "operator": "between",
                        "value": ["2026-01-31", "2026-02-28"],
                    },
                    {"trait": "customers.orders", "operator": "at_most", "value": 1},
                    {"trait": "consent.email", "operator": "no"},
                ]
            },
            "Last order is between 01/31/2026 and 02/28/2026 and ordered at most 1 time"
            " and e-mail permission: no",
        ),
    ],
)
def test_a_rule_is_said_in_a_sentence(json, said):
    with translation.override("en"):
        assert sentence(read_rule(json, traits())) == said


@pytest.mark.parametrize(
    ("leaf", "place"),
    [
        ({"trait": "customers.order_count", "operator": "at_least", "value": 1.5}, "value"),
        ({"trait": "customers.order_count", "operator": "exactly", "value": "1.5"}, "value"),
        ({"trait": "loyalty.points", "operator": "between", "value": [1, 9.5]}, "value/1"),
        (
            {
                "trait": "customers.carts",
                "operator": "at_least",
                "value": 1.5,
                "measure": {"sum": "items"},
            },
            "value",
        ),
        (
            {
                "trait": "customers.carts",
                "operator": "did",
                "where": {"items": {"operator": "at_most", "value": 0.5}},
            },
            "where/items/value",
        ),
    ],
)
def test_what_is_counted_is_asked_for_in_whole_numbers(leaf, place):
    with pytest.raises(BadRule) as refusal:
        read_rule({"all": [leaf]}, traits())

    assert refusal.value.pointer == f"/all/0/{place}"
    assert refusal.value.message == "Enter a whole number."


def test_an_average_of_whole_numbers_may_be_a_fraction():
    items = {
        "trait": "customers.carts",
        "operator": "at_least",
        "value": 1.5,
        "measure": {"average": "items"},
    }
    whole = {"trait": "customers.order_count", "operator": "at_least", "value": 2.0}

    average, orders = read_rule({"all": [items, whole]}, traits()).conditions

    assert (average.value, orders.value) == (Decimal("1.5"), 2)
