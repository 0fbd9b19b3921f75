"""Every kind of event, and what it tells, can be asked about."""

import json

import pytest
from django.utils import translation

from consent.models import Purpose
from customers.enums import Category, FieldType
from customers.models import DeclaredField, DeclaredKind
from customers.operations.timeline import record_event
from customers.queries.timeline import event_kinds
from segments.compiler import matching
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
