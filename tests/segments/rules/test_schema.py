"""The JSON schema of a rule says what ``read_rule`` takes, and goes by the same tables."""

import json
from copy import deepcopy

import pytest
from django.conf import settings as django
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from segments.queries import traits
from segments.rules import BadRule, read_rule, rule_schema
from segments.rules.gallery import EMPTY, GALLERY
from tests.segments.worlds import rules
from tests.segments.worlds.settling import declare

pytestmark = pytest.mark.django_db

VALIDATOR = Draft202012Validator(rule_schema())
CITY = {"trait": "customers.city", "operator": "is", "value": "Porto"}
KEPT = django.BASE_DIR / "docs" / "segments.schema.json"


def is_valid(json):
    return VALIDATOR.is_valid(json)


def refusal_of(json, known):
    try:
        read_rule(json, known)
    except BadRule as refusal:
        return refusal
    return None


@pytest.fixture
def world(db):
    declare()


def test_the_schema_is_one_and_stands_in_the_docs_as_it_is():
    Draft202012Validator.check_schema(rule_schema())

    assert json.loads(KEPT.read_text()) == rule_schema()


def test_whatever_is_read_is_valid(world):
    known = traits()

    @settings(max_examples=100, derandomize=True, deadline=None)
    @given(json=rules)
    def law(json):
        read_rule(json, known)
        assert is_valid(json)

    law()


def test_what_is_changed_at_random_is_valid_if_it_is_still_read(world):
    known = traits()

    @settings(max_examples=200, derandomize=True, deadline=None)
    @given(json=rules, choose=st.data())
    def law(json, choose):
        changed = spoiled(json, choose)
        refusal = refusal_of(changed, known)
        if refusal:
            assert refusal.message.endswith(".")
            assert refusal.pointer == "" or refusal.pointer.startswith("/")
        else:
            assert is_valid(changed), changed

    law()


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-2, 70_000)
    # JSON knows no infinity: what cannot be sent is not read.
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=3)
    | st.sampled_from(["did", "is", "2026-03-01", "12-24", "9.99", "customers.city"]),
    lambda parts: (
        st.lists(parts, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["all", "any", "trait", "operator", "value", "window", "days", "since", "within"]
            ),
            parts,
            max_size=3,
        )
    ),
    max_leaves=4,
)


def spoiled(json, choose):
    """Put anything in the place of one part of a rule, or take the part away."""
    json = deepcopy(json)
    *way, last = choose.draw(st.sampled_from(list(places(json))))
    inside = json
    for step in way:
        inside = inside[step]
    if choose.draw(st.booleans()):
        inside[last] = choose.draw(anything)
    else:
        del inside[last]
    return json


def places(json, way=()):
    parts = json.items() if isinstance(json, dict) else enumerate(json)
    for step, part in parts:
        yield (*way, step)
        if isinstance(part, dict | list):
            yield from places(part, (*way, step))


@pytest.mark.parametrize("ready", [EMPTY, *(one.rule for one in GALLERY)])
def test_what_the_gallery_offers_is_valid(ready):
    assert is_valid(json.loads(json.dumps(ready).replace('""', '"Food"')))


ORDERED = {"trait": "customers.orders", "operator": "did"}


@pytest.mark.parametrize(
    "json",
    [
        None,
        [],
        {},
        CITY,
        {"all": []},
        {"all": [CITY], "any": [CITY]},
        {"some": [CITY]},
        {"all": [7]},
        {"all": [CITY] * 61},
        {"all": [{"trait": 7, "operator": "is", "value": "x"}]},
        {"all": [{**CITY, "more": 1}]},
        {"all": [{**CITY, "operator": "like"}]},
        {"all": [{**CITY, "value": " "}]},
        {"all": [{**CITY, "value": "x" * 201}]},
        {"all": [{**CITY, "operator": "one_of"}]},
        {"all": [{**CITY, "operator": "one_of", "value": []}]},
        {"all": [{**CITY, "operator": "known"}]},
        {"all": [{**CITY, "unknown": "yes"}]},
        {"all": [{"trait": "customers.spend", "operator": "at_least", "value": True}]},
        {"all": [{"trait": "customers.spend", "operator": "between", "value": [1]}]},
        {"all": [{"trait": "customers.last_order", "operator": "in_last", "value": 0}]},
        {"all": [{"trait": "customers.last_order", "operator": "before", "value": "2026-W05-1"}]},
        {"all": [{"trait": "customers.birthday", "operator": "in_month", "value": 13}]},
        {"all": [{"trait": "customers.birthday", "operator": "on_day", "value": "W05-1"}]},
        {"all": [{**ORDERED, "value": 1}]},
        {"all": [{**ORDERED, "window": 3}]},
        {"all": [{**ORDERED, "window": {}}]},
        {"all": [{**ORDERED, "window": {"days": 1, "months": 1}}]},
        {"all": [{**ORDERED, "window": {"days_ago": [3]}}]},
        {"all": [{**ORDERED, "window": {"since": {**ORDERED, "operator": "did_not"}}}]},
        {"all": [{**ORDERED, "where": []}]},
        {"all": [{**ORDERED, "where": {"store": ""}}]},
        {"all": [{**ORDERED, "where": {"store": {"operator": "is"}}}]},
        {"all": [{**ORDERED, "measure": {"sum": "amount", "last": "amount"}}]},
        {"all": [{**ORDERED, "then": ORDERED}]},
        {"all": [{**ORDERED, "then": {**ORDERED, "within": {"months": 1}}}]},
    ],
    ids=str,
)
def test_what_is_no_rule_is_neither_read_nor_valid(json):
    assert refusal_of(json, traits())
    assert not is_valid(json)
