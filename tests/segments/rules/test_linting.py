from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from segments.enums import Flaw
from segments.queries import traits
from segments.rules import read_rule
from segments.rules.linting import Finding, findings, findings_of_counts
from segments.rules.sameness import meaning

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 10, 15, tzinfo=UTC)
SHOP = ZoneInfo("America/Sao_Paulo")
NEVER, ALWAYS, NEEDLESS = Flaw.NEVER, Flaw.ALWAYS, Flaw.NEEDLESS


def leaf(trait, operator, value=None, **more):
    told = {} if value is None else {"value": value}
    return {"trait": f"customers.{trait}", "operator": operator, **told, **more}


PORTO, LISBON = leaf("city", "is", "Porto"), leaf("city", "is", "Lisbon")
NOT_PORTO, NOT_LISBON = leaf("city", "is_not", "Porto"), leaf("city", "is_not", "Lisbon")
OLD, YOUNG = leaf("age", "at_least", 60), leaf("age", "at_most", 30)
ORDERED = leaf("orders", "did", window={"days": 30})
NEVER_ORDERED = leaf("orders", "did_not", window={"days": 90})


def found(json):
    rule = read_rule(json, traits())
    return [(one.flaw, one.pointer) for one in findings(rule, at=AT, zone=SHOP)]


@pytest.mark.parametrize(
    ("json", "expected"),
    [
        # What cannot be at once
        ({"all": [PORTO, LISBON]}, [(NEVER, "/all/1")]),
        ({"all": [PORTO, NOT_PORTO]}, [(NEVER, "/all/1")]),
        ({"all": [OLD, {"all": [YOUNG]}]}, [(NEVER, "/all/1/all/0")]),
        ({"all": [PORTO, {"none": [PORTO]}]}, [(NEVER, "/all/1/none/0")]),
        ({"none": [OLD, leaf("age", "at_most", 70, unknown=True)]}, [(NEVER, "/none/1")]),
        ({"all": [PORTO, leaf("city", "not_known")]}, [(NEVER, "/all/1")]),
        ({"all": [ORDERED, NEVER_ORDERED]}, [(NEVER, "/all/1")]),
        (
            {"all": [leaf("last_order", "in_last", 30), leaf("last_order", "longer_ago", 60)]},
            [(NEVER, "/all/1")],
        ),
        (
            {
                "all": [
                    leaf("interests", "all_of", ["a", "b"]),
                    leaf("interests", "without", ["b"]),
                ]
            },
            [(NEVER, "/all/1")],
        ),
        (
            {"all": [leaf("birthday", "in_month", 2), leaf("birthday", "on_day", "03-01")]},
            [(NEVER, "/all/1")],
        ),
        # What can
        ({"any": [PORTO, LISBON]}, []),
        ({"all": [PORTO, {"any": [LISBON, OLD]}]}, []),
        ({"all": [leaf("orders", "did"), NEVER_ORDERED]}, []),
        (
            {
                "all": [
                    leaf("interests", "any_of", ["a", "b"]),
                    leaf("interests", "without", ["b"]),
                ]
            },
            [],
        ),
        (
            {"all": [ORDERED, leaf("orders", "did_not", where={"category": "Toys"})]},
            [],
        ),
        # What is always so; a missing value is neither
        ({"any": [NOT_PORTO, NOT_LISBON]}, []),
        ({"any": [NOT_PORTO, {**NOT_LISBON, "unknown": True}]}, [(ALWAYS, "/any")]),
        ({"any": [leaf("orders", "did"), leaf("orders", "did_not")]}, [(ALWAYS, "/any")]),
        (
            {"all": [{"trait": "segments.share", "operator": "between", "value": [0, 100]}]},
            [(ALWAYS, "/all/0")],
        ),
        # What changes nothing
        ({"all": [PORTO, PORTO]}, [(NEEDLESS, "/all/1")]),
        ({"all": [OLD, leaf("age", "at_least", 40)]}, [(NEEDLESS, "/all/1")]),
        ({"any": [leaf("age", "at_least", 40), OLD]}, [(NEEDLESS, "/any/1")]),
        ({"all": [OLD, leaf("age", "at_least", 70)]}, [(NEEDLESS, "/all/0")]),
    ],
)
def test_what_is_odd_about_a_rule_is_found_at_its_place(json, expected):
    assert found(json) == expected


def test_a_contradiction_names_the_other_condition():
    rule = read_rule({"all": [PORTO, LISBON]}, traits())

    assert findings(rule, at=AT, zone=SHOP) == [
        Finding(NEVER, "Nobody can fit this and “City is Porto” at once.", "/all/1")
    ]


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([0, 3, 0], [(Flaw.NOBODY, "/all/1")]),
        ([0, 3, 4], [(Flaw.NOBODY, "/all")]),
        ([9, 9, 9], [(Flaw.EVERYBODY, "/all")]),
        ([3, 3, 4], []),
    ],
)
def test_counts_say_where_nobody_is_left_and_where_everybody_is(counts, expected):
    rule = read_rule({"all": [PORTO, OLD]}, traits())
    by_pointer = dict(zip(["/all", "/all/0", "/all/1"], counts, strict=True))

    odd = findings_of_counts(rule, by_pointer, everybody=9)

    assert [(one.flaw, one.pointer) for one in odd] == expected


SPENT = leaf("spend", "at_least", 10)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"all": [PORTO, {"any": [OLD, YOUNG]}]}, {"all": [{"any": [YOUNG, OLD]}, PORTO]}),
        ({"all": [SPENT]}, {"any": [leaf("spend", "at_least", "10.00")]}),
        ({"all": [PORTO, OLD, SPENT]}, {"all": [PORTO, {"any": [{"all": [OLD, SPENT]}]}]}),
        ({"none": [PORTO, OLD]}, {"none": [{"any": [OLD, PORTO]}]}),
        (
            {"all": [leaf("last_order", "in_last", 90)]},
            {"all": [leaf("last_order", "in_last", {"days": 90})]},
        ),
        (
            {"all": [leaf("city", "one_of", ["Porto", "Faro"])]},
            {"all": [leaf("city", "one_of", ["Faro", "Porto"])]},
        ),
    ],
)
def test_rules_that_are_only_written_in_another_way_are_the_same(one, other):
    assert meant(one) == meant(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"all": [PORTO, OLD]}, {"any": [PORTO, OLD]}),
        ({"all": [PORTO]}, {"none": [PORTO]}),
        ({"none": [PORTO, OLD]}, {"none": [{"all": [PORTO, OLD]}]}),
        ({"all": [PORTO]}, {"all": [{**PORTO, "unknown": True}]}),
        ({"all": [ORDERED]}, {"all": [{**ORDERED, "window": {"days": 31}}]}),
        ({"all": [ORDERED]}, {"all": [{**ORDERED, "where": {"store": "Porto"}}]}),
    ],
)
def test_rules_that_differ_in_what_they_ask_are_not_the_same(one, other):
    assert meant(one) != meant(other)


def meant(json):
    return meaning(read_rule(json, traits()).root)
