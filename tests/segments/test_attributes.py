"""Attributes that the shop declares, as traits of rules."""

import pytest
from django.urls import reverse

from common.enums import Role
from consent.models import Purpose
from customers.enums import Category
from customers.operations.attributes import retire_attribute
from segments.compiler import matching
from segments.models import Segment
from segments.operations.saving import save_segment
from segments.queries import sentence_of, traits
from segments.queries.suggesting import suggestions
from segments.rules import BadRule, read_rule
from tests.factories import NOW, allow, make_attribute, make_customer, make_user

pytestmark = pytest.mark.django_db

BIG = {"all": [{"trait": "attribute.shoe_size", "operator": "at_least", "value": 44}]}


def who(json):
    marketing = Purpose.objects.get(pk="marketing")
    found = matching(read_rule(json, traits()), purpose=marketing, at=NOW)
    return set(found.values_list("pk", flat=True))


def test_an_attribute_is_a_trait_as_soon_as_it_is_declared_until_it_is_retired():
    customer = allow(make_customer(attributes={"shoe_size": 45}))
    with pytest.raises(BadRule):
        read_rule(BIG, traits())

    definition = make_attribute("shoe_size", type="number")
    assert who(BIG) == {customer.pk}

    retire_attribute(definition, by=None, at=NOW)
    with pytest.raises(BadRule):
        read_rule(BIG, traits())


def test_an_attribute_is_read_through_the_permission_of_its_own_category():
    make_attribute("shoe_size", type="number", category=Category.SENSITIVE)
    allow(make_customer(attributes={"shoe_size": 45}), using=[Category.DEMOGRAPHIC])
    may = allow(make_customer(attributes={"shoe_size": 45}), using=[Category.SENSITIVE])

    assert who(BIG) == {may.pk}
    assert read_rule(BIG, traits()).categories == {Category.SENSITIVE}


def test_definitions_are_read_once_however_many_conditions_ask(django_assert_num_queries):
    for number in range(5):
        make_attribute(f"fact_{number}")
    leaves = [{"trait": f"attribute.fact_{number}", "operator": "known"} for number in range(5)]

    with django_assert_num_queries(1):
        read_rule({"all": leaves}, traits())
    with django_assert_num_queries(0):
        read_rule({"all": [{"trait": "customers.city", "operator": "known"}]}, traits())


def test_a_list_of_segments_reads_definitions_once(client, django_assert_max_num_queries):
    make_attribute("shoe_size", type="number")
    for number in range(20):
        Segment.objects.create(name=f"Big feet {number}", rule=BIG)
    client.force_login(make_user(role=Role.MARKETING))

    with django_assert_max_num_queries(12):
        page = client.get(reverse("admin:segments_segment_changelist"))

    assert "Shoe size is at least 44" in page.content.decode()


def test_a_segment_says_an_attribute_by_its_label():
    make_attribute("shoe_size", type="number")
    segment = save_segment(
        Segment(name="Big feet", purpose=Purpose.objects.get(pk="marketing"), rule=BIG),
        by=None,
        at=NOW,
    )

    assert sentence_of(segment) == "Shoe size is at least 44"


def test_the_builder_offers_attributes_with_the_operators_of_their_types(client):
    make_attribute("tier", type="choice", choices=["Gold", "Silver"])
    make_attribute("contract_end", type="date")
    client.force_login(make_user(role=Role.MARKETING))

    page = client.get(reverse("admin:segments_segment_add"))

    offered = {trait["code"]: trait for trait in page.context["builder"]["traits"]}
    assert offered["attribute.tier"]["choices"] == [
        {"value": "Gold", "label": "Gold"},
        {"value": "Silver", "label": "Silver"},
    ]
    assert offered["attribute.tier"]["group"] == "Attributes"
    assert offered["attribute.contract_end"]["operators"] == [
        "in_next", "in_last", "longer_ago", "days_ago", "before", "since", "between",
        "anniversary", "this_month", "in_month", "on_day", "known", "not_known",
    ]  # fmt: skip


def test_values_that_customers_have_are_suggested():
    make_attribute("teas", type="list")
    make_attribute("note", type="text")
    make_customer(attributes={"teas": ["mate", "chá preto"], "note": "Olá"})
    make_customer(attributes={"teas": ["chá verde"], "note": "ola"})

    known = traits()

    assert suggestions(known["attribute.teas"], text="CHA") == [
        ("chá preto", "chá preto"),
        ("chá verde", "chá verde"),
    ]
    assert suggestions(known["attribute.note"], text="ol") == [("Olá", "Olá"), ("ola", "ola")]


def test_what_does_not_fit_its_type_fails_no_segment():
    make_attribute("shoe_size", type="number")
    make_attribute("since", type="date")
    allow(make_customer(attributes={"shoe_size": "many", "since": "never"}))
    fits = allow(make_customer(attributes={"shoe_size": 45, "since": "2026-03-01"}))
    since = {"trait": "attribute.since", "operator": "since", "value": "2026-01-01"}

    assert who({"all": [*BIG["all"], since]}) == {fits.pk}
