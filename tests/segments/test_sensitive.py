"""Conditions about sensitive goods: asked only of people who allowed it by name."""

import json

import pytest
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from common.enums import Role, Scope
from consent.enums import LegalBasis
from consent.models import Purpose
from customers.enums import Category
from customers.operations.buys import refresh_buys
from segments.compiler import Seen, explain, funnel, matching
from segments.queries import traits
from segments.rules import BadRule, read_rule
from tests.api import api_client
from tests.factories import (
    NOW,
    allow,
    make_customer,
    make_order,
    make_product,
    make_user,
)
from tests.segments.factories import make_segment

pytestmark = pytest.mark.django_db

TESTS = "Pharmacy > Pregnancy tests"
BOUGHT = {"trait": "customers.bought", "operator": "any_of", "value": [TESTS]}
NOT_BOUGHT = {**BOUGHT, "operator": "without"}
ORDERED = {"trait": "customers.orders", "operator": "did", "where": {"category": TESTS}}
NOT_ORDERED = {**ORDERED, "operator": "did_not"}
BUYS = {"trait": "customers.buys", "operator": "any_of", "value": [TESTS]}
BUYS_NOT = {**BUYS, "operator": "without"}
ASKING = [BOUGHT, NOT_BOUGHT, ORDERED, NOT_ORDERED, BUYS, BUYS_NOT]
OPEN = [Category.PURCHASE, Category.INFERRED]


def purpose(code="marketing"):
    return Purpose.objects.get(pk=code)


def who(leaf, *, code="marketing", within="all"):
    rule = read_rule({within: [leaf]}, traits())
    found = matching(rule, purpose=purpose(code), at=NOW)
    return set(found.values_list("external_id", flat=True))


def buyer(external_id, *, category=TESTS, using=OPEN):
    customer = make_customer(external_id=external_id)
    make_order(customer, product=make_product(category=category))
    return allow(customer, using=using)


@pytest.mark.parametrize("leaf", ASKING, ids=lambda leaf: f"{leaf['trait']} {leaf['operator']}")
@pytest.mark.parametrize("within", ["all", "none"])
def test_nobody_is_found_who_did_not_allow_sensitive_data_not_even_by_a_no(leaf, within):
    buyer("open", using=[*OPEN, Category.SENSITIVE])
    buyer("open too", category="Grocery", using=[*OPEN, Category.SENSITIVE])
    buyer("shy")
    buyer("shy too", category="Grocery")
    refresh_buys(at=NOW)

    found = who(leaf, within=within)

    assert found in ({"open"}, {"open too"})


@given(
    allowing=st.lists(st.booleans(), min_size=2, max_size=5),
    leaves=st.lists(st.sampled_from(ASKING), min_size=1, max_size=3),
    shape=st.lists(st.sampled_from(["all", "any", "none"]), min_size=1, max_size=3),
)
@settings(max_examples=15, derandomize=True, deadline=None)
def test_no_rule_of_sensitive_conditions_finds_anybody_who_did_not_allow_it(
    allowing, leaves, shape
):
    people = [
        buyer(
            f"{number}-{make_product().sku}",
            category=TESTS if number % 2 else "Grocery",
            using=[*OPEN, *([Category.SENSITIVE] if may else [])],
        )
        for number, may in enumerate(allowing)
    ]
    told = {shape[0]: leaves}
    for outer in shape[1:]:
        told = {outer: [told]}
    rule = read_rule(told, traits())

    found = set(matching(rule, purpose=purpose(), at=NOW).values_list("pk", flat=True))

    assert found & {it.pk for it, may in zip(people, allowing, strict=True) if not may} == set()
    assert funnel(rule, purpose=purpose(), at=NOW).total == len(found)


def test_an_ordinary_category_needs_no_more_than_before():
    buyer("shy", category="Grocery > Milk")

    assert who({**BOUGHT, "value": ["Grocery"]}) == {"shy"}
    assert read_rule({"all": [BOUGHT]}, traits()).categories == {
        Category.PURCHASE,
        Category.SENSITIVE,
    }


def test_nobody_is_told_what_they_answer_to_what_may_not_be_asked():
    shy = buyer("shy")

    rule = read_rule({"all": [BOUGHT]}, traits())
    (answer,) = explain(rule, shy, purpose=purpose(), at=NOW).parts

    assert (answer.counts, answer.seen) == (None, Seen())


def test_a_purpose_that_does_not_rest_on_consent_finds_nobody():
    buyer("open", using=[*OPEN, Category.SENSITIVE])
    other = Purpose.objects.exclude(basis=LegalBasis.CONSENT).values_list("pk", flat=True)[0]

    assert who(BOUGHT, code=other) == set()
    assert who(NOT_BOUGHT, code=other) == set()


@pytest.mark.parametrize("leaf", ASKING, ids=lambda leaf: f"{leaf['trait']} {leaf['operator']}")
def test_a_segment_is_refused_where_nobody_allowed_it(leaf):
    buyer("shy")
    city = {"trait": "customers.city", "operator": "known"}

    with pytest.raises(BadRule, match="something sensitive") as refusal:
        make_segment(rule={"all": [city, leaf]})

    assert refusal.value.pointer == "/all/1"


def test_a_segment_is_kept_once_somebody_allowed_it_for_its_purpose():
    buyer("open", using=[*OPEN, Category.SENSITIVE])

    assert make_segment(rule={"all": [BOUGHT]}).pk
    with pytest.raises(BadRule):
        make_segment(rule={"all": [BOUGHT]}, purpose_id="transactional")


@pytest.mark.parametrize(("path", "facts"), [("", {"name": "Expecting"}), ("/preview", {})])
def test_the_api_points_to_the_condition(path, facts):
    told = {**facts, "purpose": "marketing", "rule": {"all": [BOUGHT]}}

    answer = api_client(Scope.WRITE_SEGMENTS).post(f"/api/v1/segments{path}", told)

    assert answer.status_code == 422
    assert answer.json()["field"] == "rule.all.0"


def test_the_page_refuses_and_keeps_what_was_typed(client):
    client.force_login(make_user(role=Role.MARKETING))
    rule = json.dumps({"all": [BOUGHT]})
    told = {"name": "Expecting", "purpose": "marketing", "rule": rule}

    page = client.post(reverse("admin:segments_segment_add"), told)

    assert "something sensitive" in page.content.decode()


def test_what_people_buy_most_leaves_sensitive_goods_out_unless_allowed():
    shy, open_ = buyer("shy"), buyer("open", using=[*OPEN, Category.SENSITIVE])

    refresh_buys(at=NOW)

    shy.metrics.refresh_from_db()
    open_.metrics.refresh_from_db()
    assert (shy.metrics.buys, open_.metrics.buys) == ([], [TESTS])


def test_the_privacy_officer_finds_the_segments_that_use_sensitive_data(client):
    make_product(category=TESTS)
    buyer("C-1", using=[*OPEN, Category.SENSITIVE])
    told, plain = make_segment(rule={"all": [BOUGHT]}), make_segment()
    client.force_login(make_user(role=Role.PRIVACY_OFFICER))

    listed = client.get(
        reverse("admin:segments_segment_changelist"), {"data": Category.SENSITIVE.value}
    )
    pages = [
        client.get(reverse("admin:segments_segment_overview", args=[segment.pk])).content.decode()
        for segment in (told, plain)
    ]

    assert list(listed.context["cl"].result_list) == [told]
    assert "Data it looks at: Purchases, Sensitive." in pages[0]
    assert ["something sensitive" in page for page in pages] == [True, False]
    assert "Data it looks at: About the person." in pages[1]
