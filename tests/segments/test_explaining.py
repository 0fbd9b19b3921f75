"""Why one customer is in a segment: condition by condition, through the permission for each."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from consent.enums import Act
from consent.models import Purpose
from customers.enums import Category, FieldType
from customers.models import Customer, DeclaredField, DeclaredKind, Order
from customers.operations.timeline import record_event
from segments.compiler import Change, Seen, explain, matching, next_change
from segments.enums import Answer
from segments.queries import traits
from segments.rules import read_rule, value_in_words
from tests.factories import (
    NOW,
    allow,
    make_attribute,
    make_choice,
    make_customer,
    make_order,
    make_product,
    make_voucher,
)
from tests.segments.oracle import Oracle, parts_of
from tests.segments.test_language import together
from tests.segments.worlds import MOMENTS, rules, settle, worlds

pytestmark = pytest.mark.django_db

EXPLAINED = 6
ZONES = ["America/Sao_Paulo", "Asia/Tokyo", "Pacific/Honolulu"]


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


def explained(json, customer, at=NOW):
    purpose = Purpose.objects.get(pk="marketing")
    return explain(read_rule(json, traits()), customer, purpose=purpose, at=at)


@pytest.mark.filterwarnings("ignore:Generating overly large repr")
@settings(
    max_examples=EXPLAINED,
    derandomize=True,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(
    world=worlds,
    some=st.lists(rules, min_size=10, max_size=10),
    at=st.sampled_from(MOMENTS),
    later=st.sampled_from(
        [timedelta(minutes=1), timedelta(days=1), timedelta(days=29), timedelta(days=30)]
    ),
)
def test_every_part_is_explained_as_it_counts_and_time_alone_changes_nothing_before_it_flips(
    world, some, at, later
):
    purpose = Purpose.objects.get(pk="marketing")
    asked = {"any": some}
    with transaction.atomic():
        people = settle(world, purpose=purpose, at=at)
        rule = together(some)
        free = [it for it in people.values() if Oracle(purpose, at).is_free(it)]
        for person in free[:2]:
            customer = Customer.objects.get(pk=person.pk)
            now, then = (
                {it.node.pointer: it for it in explain(rule, customer, purpose=purpose, at=when)}
                for when in (at, at + later)
            )
            for pointer, part in parts_of(asked):
                answer = Oracle(purpose, at).answer(part, person)
                assert now[pointer].counts == answer, (part, person)
                if then[pointer].counts != answer:
                    assert may_have_flipped(now[pointer], at=at, later=at + later), (part, person)
        transaction.set_rollback(True)


def may_have_flipped(explained, *, at, later):
    """Say whether we were told that the answer may change by then."""
    if explained.parts:
        return any(may_have_flipped(part, at=at, later=later) for part in explained.parts)
    # Of rows we only say that they are asked again.
    if explained.node.trait.rows and explained.changes_daily and days_at(at) != days_at(later):
        return True
    return explained.flips_at is not None and explained.flips_at <= later


def days_at(moment):
    """Return which day it is where the people of the worlds are."""
    return [moment.astimezone(ZoneInfo(name)).date() for name in ZONES]


ORDERED = {"trait": "customers.orders", "operator": "did"}


@pytest.mark.parametrize(
    ("days", "leaf", "flips_in"),
    [
        (2, ORDERED, 2),  # an order that is to come
        (-5, {**ORDERED, "window": {"days": 7}}, 2),
        (-4, {**ORDERED, "window": {"days_ago": [30, 10]}}, 6),  # comes in
        (-12, {**ORDERED, "window": {"days_ago": [30, 10]}}, 18),  # falls out
        (-5, {**ORDERED, "then": {**ORDERED, "operator": "did_not", "within": 7}}, 2),
        (-5, {**ORDERED, "window": {"until": "2026-03-02"}}, 0.625),  # the shop's midnight
        (-5, {"trait": "customers.last_order", "operator": "longer_ago", "value": 7}, 2),
        (-5, ORDERED, None),
    ],
)
def test_a_condition_says_when_time_alone_changes_it(days, leaf, flips_in):
    customer = allow(make_customer())
    make_order(customer, ordered_at=NOW + timedelta(days=days))

    (explained_leaf,) = explained({"all": [leaf]}, customer).parts

    assert explained_leaf.flips_at == (flips_in and NOW + timedelta(days=flips_in))


BORN: dict[str, Any] = {"birth_date": date(1990, 3, 10)}
LEAPLING: dict[str, Any] = {"birth_date": date(1992, 2, 29)}
SINCE: dict[str, Any] = {"registered_at": datetime(2025, 8, 31, 12, tzinfo=UTC)}
TOKYO = {"timezone": "Asia/Tokyo"}


@pytest.mark.parametrize(
    ("facts", "leaf", "flips_at"),
    [
        (BORN, {"trait": "birthday", "operator": "in_next", "value": 7}, "2026-03-03 03:00"),
        (BORN, {"trait": "birthday", "operator": "in_next", "value": 8}, "2026-03-11 03:00"),
        (BORN, {"trait": "birthday", "operator": "in_days", "value": 7}, "2026-03-03 03:00"),
        (BORN, {"trait": "birthday", "operator": "this_month"}, "2026-04-01 03:00"),
        (BORN, {"trait": "birthday", "operator": "in_month", "value": 3}, None),
        (
            BORN | TOKYO,
            {"trait": "birthday", "operator": "in_next", "value": 0},
            "2026-03-09 15:00",
        ),
        (BORN, {"trait": "age", "operator": "at_least", "value": 36}, "2026-03-10 03:00"),
        (BORN | TOKYO, {"trait": "age", "operator": "exactly", "value": 35}, "2026-03-09 15:00"),
        (BORN, {"trait": "age", "operator": "at_least", "value": 18}, None),
        (LEAPLING, {"trait": "age", "operator": "at_least", "value": 35}, "2027-03-01 03:00"),
        (LEAPLING, {"trait": "birthday", "operator": "in_next", "value": 0}, "2027-02-28 03:00"),
        (
            SINCE,
            {"trait": "registered", "operator": "anniversary", "value": 0},
            "2026-08-31 03:00",
        ),
        (
            SINCE,
            {"trait": "registered", "operator": "days_ago", "value": {"months": 18}},
            "2027-02-28 03:00",
        ),
        (SINCE, {"trait": "registered", "operator": "days_ago", "value": 3}, None),
    ],
)
def test_a_condition_says_on_which_day_it_changes(facts, leaf, flips_at):
    customer = allow(make_customer(**facts))
    leaf = {**leaf, "trait": f"customers.{leaf['trait']}"}

    (told_now,) = explained({"all": [leaf]}, customer).parts

    assert told_now.flips_at == (flips_at and datetime.fromisoformat(f"{flips_at}+00:00"))
    if flips_at:
        before, after = (
            explained({"all": [leaf]}, customer, at=told_now.flips_at + timedelta(minutes=n))
            for n in (-1, 0)
        )
        assert [before.counts, after.counts] == [told_now.counts, not told_now.counts]


def test_an_age_is_told_however_far_away_it_is():
    customer = allow(make_customer(**BORN))
    leaf = {"trait": "customers.age", "operator": "at_least", "value": 60}

    (told_now,) = explained({"all": [leaf]}, customer).parts

    assert told_now.flips_at == datetime(2050, 3, 10, 3, tzinfo=UTC)


def test_the_day_on_which_an_attribute_comes_near_is_told():
    make_attribute("renews_on", type="date")
    customer = allow(make_customer(attributes={"renews_on": "2026-03-20"}))
    leaf = {"trait": "attribute.renews_on", "operator": "in_next", "value": 14}

    (told_now,) = explained({"all": [leaf]}, customer).parts

    assert told_now.flips_at == datetime(2026, 3, 6, 3, tzinfo=UTC)


def test_a_birthday_says_when_the_whole_rule_changes():
    customer = allow(make_customer(**BORN))
    rule = read_rule(
        {"all": [{"trait": "customers.birthday", "operator": "in_next", "value": 0}]}, traits()
    )
    marketing = Purpose.objects.get(pk="marketing")
    today = explain(rule, customer, purpose=marketing, at=NOW)

    change = next_change(rule, today, customer, purpose=marketing, at=NOW)

    assert change == Change(at=datetime(2026, 3, 10, 3, tzinfo=UTC), counts=True)


def test_a_voucher_is_held_until_it_ends():
    customer = allow(make_customer())
    ends = NOW + timedelta(days=3)
    make_voucher(customer=customer, valid_until=ends)
    holds = {"all": [{"trait": "campaigns.holds_voucher", "operator": "did"}]}

    (before,), (after,) = (explained(holds, customer, at=at).parts for at in (NOW, ends))

    assert (before.answer, before.flips_at) == (Answer.TRUE, ends)
    assert (after.answer, after.flips_at) == (Answer.FALSE, None)


def test_a_window_says_what_it_came_to_what_was_seen_and_when_it_flips():
    customer = allow(make_customer())
    for days in (50, 10):
        make_order(customer, ordered_at=NOW - timedelta(days=days))
    orders = {"trait": "customers.orders", "operator": "at_least", "value": 2}

    (leaf,) = explained({"all": [{**orders, "window": {"days": 60}}]}, customer).parts

    assert (leaf.answer, leaf.since, leaf.until) == (Answer.TRUE, NOW - timedelta(days=60), None)
    assert leaf.seen == Seen(count=2, last=NOW - timedelta(days=10))
    assert leaf.flips_at == NOW + timedelta(days=10)


def test_what_was_refused_is_not_shown():
    customer = make_customer(city="Porto")

    (leaf,) = explained(
        {"all": [{"trait": "customers.city", "operator": "is", "value": "Porto"}]}, customer
    ).parts

    assert (leaf.answer, leaf.counts, leaf.seen) == (Answer.REFUSED, None, Seen())


def test_a_missing_value_is_unknown_and_counts_as_the_condition_says():
    customer = allow(make_customer(city=""))
    leaf = {"trait": "customers.city", "operator": "is_not", "value": "Porto"}

    (strict,) = explained({"all": [leaf]}, customer).parts
    (lenient,) = explained({"all": [{**leaf, "unknown": True}]}, customer).parts

    assert (strict.answer, strict.counts) == (Answer.UNKNOWN, False)
    assert (lenient.answer, lenient.counts) == (Answer.UNKNOWN, True)


def make_ana():
    ana = allow(make_customer(city="Recife", birth_date=date(1990, 3, 3)))
    milk = make_product(category="Grocery > Dairy")
    make_order(ana, total="60.00", product=milk, ordered_at=NOW - timedelta(days=3))
    make_order(ana, total="30.00", product=milk, ordered_at=NOW - timedelta(days=300))
    make_order(total="500.00")
    return ana


def test_explain_answers_every_condition_with_what_it_saw():
    answers = explained(RULE, make_ana()).parts

    assert [(answer.counts, answer.seen.value) for answer in answers] == [
        (True, "Recife"),
        (False, date(1990, 3, 3)),
        (True, Decimal("90.00")),
        (False, None),
        (True, None),
        (True, None),
    ]
    words = [value_in_words(it.node, it.seen.single, on=NOW.date()) for it in answers]
    assert words == ["Recife", "35", "R$\u00a090.00", "1", "2", "0"]


def test_explain_looks_at_nothing_without_permission():
    ana = make_ana()
    make_choice(ana, act=Act.WITHDRAWN, categories=[Category.DEMOGRAPHIC])

    answers = explained(RULE, ana).parts

    assert [(answer.counts, answer.seen.value) for answer in answers[:3]] == [
        (None, None),
        (None, None),
        (True, Decimal("90.00")),
    ]


def test_explain_says_of_each_condition_what_the_segment_says():
    people = [make_ana(), allow(make_customer()), make_customer()]
    marketing = Purpose.objects.get(pk="marketing")

    for n, json in enumerate(RULE["any"]):
        rule = read_rule({"all": [json]}, traits())
        members = set(matching(rule, purpose=marketing, at=NOW, among=[it.pk for it in people]))
        assert {one for one in people if explained(RULE, one).parts[n].counts} == members


def test_explain_asks_once_however_long_the_rule(django_assert_num_queries):
    ana = make_ana()
    rule = read_rule(RULE, traits())
    marketing = Purpose.objects.get(pk="marketing")

    # And once for each condition about goods, whether they are sensitive.
    with django_assert_num_queries(2):
        explain(rule, ana, purpose=marketing, at=NOW)


def test_the_end_of_a_period_that_another_event_began_is_told():
    customer = allow(make_customer())
    for days in (50, 10):
        make_order(customer, ordered_at=NOW - timedelta(days=days))
    since = {"since": {"trait": "customers.orders"}}

    (leaf,) = explained(
        {"all": [{"trait": "customers.cases", "operator": "did_not", "window": since}]}, customer
    ).parts

    assert (leaf.answer, leaf.since) == (Answer.TRUE, NOW - timedelta(days=10))


def test_a_time_ago_says_which_time_it_came_to():
    customer = allow(make_customer())
    quiet = {"trait": "customers.last_order", "operator": "longer_ago", "value": 90}

    (leaf,) = explained({"all": [quiet]}, customer).parts

    assert (leaf.since, leaf.until) == (None, NOW - timedelta(days=90))


def test_the_first_and_the_last_of_what_is_measured_are_seen():
    customer = allow(make_customer())
    for days, store, total in ((9, "Centro", "30.00"), (1, "Norte", "70.00")):
        order = make_order(customer, total=total, ordered_at=NOW - timedelta(days=days))
        Order.objects.filter(pk=order.pk).update(store=store)
    asked = {"trait": "customers.orders", "operator": "is", "value": "Norte"}
    summed = {"trait": "customers.orders", "operator": "at_least", "value": 100}

    leaves = explained(
        {
            "any": [
                {**asked, "measure": {"first": "store"}},
                {**asked, "measure": {"last": "store"}},
                {**summed, "measure": {"sum": "amount"}},
            ]
        },
        customer,
    ).parts

    assert [(leaf.answer, leaf.seen.value) for leaf in leaves] == [
        (Answer.FALSE, "Centro"),
        (Answer.TRUE, "Norte"),
        (Answer.TRUE, Decimal("100.00")),
    ]


def test_what_the_whole_rule_comes_to_next_is_found_by_asking_again():
    """Two orders of which one counts on: the first instant changes nothing yet."""
    customer = allow(make_customer())
    for days in (20, 10):
        make_order(customer, ordered_at=NOW - timedelta(days=days))
    ordered = {"trait": "customers.orders", "operator": "did", "window": {"days": 30}}
    rule = read_rule({"all": [ordered]}, traits())
    marketing = Purpose.objects.get(pk="marketing")

    now_told = explain(rule, customer, purpose=marketing, at=NOW)
    change = next_change(rule, now_told, customer, purpose=marketing, at=NOW)

    assert now_told.parts[0].flips_at == NOW + timedelta(days=10)
    assert change == Change(at=NOW + timedelta(days=20), counts=False)


@pytest.mark.parametrize("operator", ["in_last", "longer_ago"])
@pytest.mark.parametrize("period", [30, {"months": 3}])
def test_a_day_at_the_end_of_all_calendars_never_comes(operator, period):
    make_attribute("warranty", type="date")
    ana = allow(make_customer(attributes={"warranty": "9999-12-31"}))
    rent = DeclaredKind.objects.create(
        code="shop.rented", label="Rented", category=Category.PURCHASE
    )
    DeclaredField.objects.create(kind=rent, name="until", type=FieldType.DATE)
    record_event(ana, kind=rent.code, at=NOW, reference="1", data={"until": "9999-12-31"})
    asked = {"operator": operator, "value": period}

    mine = {"trait": "attribute.warranty", **asked}
    rented = {"trait": "events.shop.rented", "operator": "did", "where": {"until": asked}}

    answers = explained({"all": [mine, rented]}, ana).parts

    assert [(it.answer, it.flips_at) for it in answers] == [(Answer.FALSE, None)] * 2
