"""Every kind of event, and what it tells, can be asked about."""

import json
from datetime import timedelta

import pytest
from django.utils import translation

from consent.models import Purpose
from customers.enums import Category, FieldType
from customers.models import DeclaredField, DeclaredKind
from customers.operations.timeline import record_event
from customers.queries.timeline import event_kinds
from segments.compiler import explain, matching
from segments.models import Segment
from segments.operations.reconsidering import reconsider
from segments.queries import traits
from segments.rules import BadRule, read_rule, sentence
from tests.factories import NOW, allow, make_customer
from tests.segments.test_reconsidering import inside, live

pytestmark = pytest.mark.django_db

TASTED = "shop.tasted"
TWO_CUPS = {
    "all": [
        {
            "trait": f"events.{TASTED}",
            "operator": "did",
            "where": {"cups": {"operator": "at_least", "value": 2}},
        }
    ]
}


def declare_tasting(category: Category = Category.BROWSING) -> DeclaredKind:
    kind = DeclaredKind.objects.create(code=TASTED, label="Tasted", category=category)
    DeclaredField.objects.create(kind=kind, name="cups", type=FieldType.NUMBER)
    DeclaredField.objects.create(kind=kind, name="tea_leaf", type=FieldType.TEXT)
    return kind


def tell(customer, kind: str, **data) -> None:
    number = f"{kind}:{customer.pk}:{json.dumps(data)}"
    record_event(customer, kind=kind, at=NOW, reference=number, data=data)


def who(condition) -> set[int]:
    rule = read_rule({"all": [condition]}, traits())
    marketing = Purpose.objects.get(pk="marketing")
    return set(matching(rule, purpose=marketing, at=NOW).values_list("pk", flat=True))


def measured(kind: str, measure: str, detail: str, operator: str, value) -> dict:
    return {
        "trait": f"events.{kind}",
        "operator": operator,
        "value": value,
        "measure": {measure: detail},
        "window": {"days": 30},
    }


def test_a_kind_can_be_asked_about_as_soon_as_it_is_declared():
    with pytest.raises(BadRule):
        read_rule(TWO_CUPS, traits())

    declare_tasting()

    with translation.override("en"):
        assert sentence(read_rule(TWO_CUPS, traits())) == (
            "Tasted at least once, where cups is at least 2"
        )
    assert traits()[f"events.{TASTED}"].details["tea_leaf"].label == "tea leaf"


def test_a_declared_kind_is_read_through_the_permission_it_is_kept_under():
    declare_tasting(Category.SEARCH)
    may = allow(make_customer(), using=[Category.SEARCH])
    may_not = allow(make_customer(), using=[Category.PURCHASE])
    for customer in (may, may_not):
        tell(customer, TASTED, cups=3)

    assert who(TWO_CUPS["all"][0]) == {may.pk}


def test_declared_kinds_are_read_for_nobody_who_does_not_ask(django_assert_num_queries):
    declare_tasting()

    with django_assert_num_queries(0):
        read_rule(
            {"all": [{"trait": "events.customers.page_viewed", "operator": "did"}]}, traits()
        )
    with django_assert_num_queries(2):
        read_rule(TWO_CUPS, traits())


def test_a_segment_that_asks_for_a_new_kind_is_followed(real_db):
    live(rule={"all": [{"trait": "customers.city", "operator": "known"}]})
    customer = allow(make_customer())
    reconsider([customer.pk], at=NOW)

    declare_tasting()
    segment: Segment = live(rule=TWO_CUPS)
    tell(customer, TASTED, cups=2)
    reconsider([customer.pk], at=NOW)

    assert customer.pk in inside(segment)


def test_points_earned_in_a_period_are_added_up():
    many, few = allow(make_customer()), allow(make_customer())
    for customer, points in ((many, 60), (many, 40), (few, 99)):
        tell(customer, "loyalty.points_earned", points=points)

    assert who(measured("loyalty.points_earned", "sum", "points", "at_least", 100)) == {many.pk}


def test_who_reached_a_tier_is_found_by_its_name():
    gold, silver = allow(make_customer()), allow(make_customer())
    tell(gold, "loyalty.tier_reached", tier="Gold")
    tell(silver, "loyalty.tier_reached", tier="Silver")

    reached = {
        "trait": "events.loyalty.tier_reached",
        "operator": "did",
        "where": {"tier": "Gold"},
    }

    assert who(reached) == {gold.pk}


def test_what_was_withdrawn_is_chosen_and_said_in_words():
    withdrew = {
        "trait": "events.consent.withdrawn",
        "operator": "did",
        "where": {"channel": "sms", "purpose": "marketing"},
    }
    with translation.override("pt-br"):
        said = sentence(read_rule({"all": [withdrew]}, traits()))

    assert (
        said == "Permissão retirada ao menos uma vez, em que canal é SMS e finalidade é Marketing"
    )
    with pytest.raises(BadRule, match="Choose one of the values offered"):
        read_rule({"all": [{**withdrew, "where": {"channel": "smoke"}}]}, traits())


def test_money_that_is_told_is_compared_as_money():
    big, small = allow(make_customer()), allow(make_customer())
    tell(big, "customers.cart_abandoned", cart="K1", total="100.10")
    tell(small, "customers.cart_abandoned", cart="K2", total="9.00")
    condition = measured("customers.cart_abandoned", "largest", "total", "at_least", "99.99")

    assert who(condition) == {big.pk}
    with translation.override("en"):
        said = sentence(read_rule({"all": [condition]}, traits()))
    assert said == ("Largest total of cart abandoned is at least R$\xa099.99 in the last 30 days")


def test_no_kind_offers_ids_or_codes():
    """What would find one person alone, or is a secret, is not asked for."""
    told = {field.name for kind in event_kinds().values() for field in kind.details}

    assert not told & {"order", "order_id", "cart", "offer_id", "message", "link", "coupon"}
    assert not told & {"customer", "code", "reference", "subject"}


def test_the_last_of_days_and_of_yes_or_no_is_compared_as_such():
    kind = declare_tasting()
    DeclaredField.objects.create(kind=kind, name="liked", type=FieldType.BOOLEAN)
    DeclaredField.objects.create(kind=kind, name="again_on", type=FieldType.DATE)
    liked, not_liked = allow(make_customer()), allow(make_customer())
    tell(liked, TASTED, liked=True, again_on="2026-03-05")
    tell(not_liked, TASTED, liked=False)
    last = {"trait": f"events.{TASTED}"}

    assert who({**last, "operator": "no", "measure": {"last": "liked"}}) == {not_liked.pk}
    soon = {**last, "operator": "in_next", "value": 7, "measure": {"last": "again_on"}}
    assert who(soon) == {liked.pk}


def test_time_alone_changes_what_is_asked_of_the_last_moment_told():
    customer = allow(make_customer())
    ends = NOW + timedelta(days=2)
    tell(customer, "consent.paused", until=ends.isoformat())
    ended = {
        "trait": "events.consent.paused",
        "operator": "in_last",
        "value": 3,
        "measure": {"last": "until"},
    }
    rule = read_rule({"all": [ended]}, traits())
    marketing = Purpose.objects.get(pk="marketing")

    def flips_at(at):
        return explain(rule, customer, purpose=marketing, at=at).parts[0].flips_at

    assert flips_at(NOW) == ends
    assert flips_at(ends + timedelta(days=1)) == ends + timedelta(days=3)


def test_a_text_that_says_something_else_does_not_contain_it():
    declare_tasting()
    mate, tea, silent = (allow(make_customer()) for _ in range(3))
    tell(mate, TASTED, tea_leaf="Mate leaf")
    tell(tea, TASTED, tea_leaf="Black tea")
    tell(silent, TASTED)
    without = {"tea_leaf": {"operator": "not_contains", "value": "MATE"}}

    assert who({"trait": f"events.{TASTED}", "operator": "did", "where": without}) == {tea.pk}
