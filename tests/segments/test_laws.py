"""What holds of every rule, whatever it asks."""

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from segments.compiler import Compiler, funnel
from tests.segments.oracle import Oracle, categories_of, may_be_missing, parts_of
from tests.segments.test_language import found_by_each, together
from tests.segments.worlds import MOMENTS, purposes, rules, settle, worlds
from tests.segments.worlds.asking import leaves

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore:Generating overly large repr"),
]

OPPOSITES = [
    ("is", "is_not"),
    ("one_of", "none_of"),
    ("contains", "not_contains"),
    ("yes", "no"),
    ("did", "did_not"),
    ("any_of", "without"),
    ("inside", "outside"),
    ("near", "far"),
    ("before", "since"),
    ("known", "not_known"),
]
OPPOSITE = dict(OPPOSITES) | {second: first for first, second in OPPOSITES}
AT_RANDOM = settings(
    max_examples=5,
    derandomize=True,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
asked = {
    "world": worlds,
    "purpose": st.booleans().flatmap(lambda need: purposes(need_opt_in=need)),
    "at": st.sampled_from(MOMENTS),
}


def found(some, oracle):
    """Return whom each of these finds, in as many queries as one."""
    compiler = Compiler(purpose=oracle.purpose, at=oracle.at)
    return found_by_each(together(some), compiler)


@AT_RANDOM
@given(some=st.lists(leaves, min_size=12, max_size=12), **asked)
def test_none_is_the_complement_of_any_and_two_noes_are_a_yes(some, world, purpose, at):
    oracle = Oracle(purpose, at)
    with transaction.atomic():
        people = settle(world, purpose=purpose, at=at)
        yes = found([{"any": [leaf]} for leaf in some], oracle)
        no = found([{"none": [leaf]} for leaf in some], oracle)
        twice = found([{"none": [{"none": [leaf]}]} for leaf in some], oracle)

        for leaf, meant, others, again in zip(some, yes, no, twice, strict=True):
            assert not meant & others
            assert meant | others == looked_at(leaf, people, oracle), leaf
            assert again == meant, leaf
        transaction.set_rollback(True)


def looked_at(leaf, people, oracle):
    return {
        pk
        for pk, it in people.items()
        if oracle.is_free(it) and all(oracle.may_look(one, it) for one in categories_of(leaf))
    }


def has_an_opposite(leaf):
    """Say whether an operator says the contrary of everybody whose value is known."""
    is_about_rows = leaf.get("measure") or "since" in (leaf.get("window") or {})
    return leaf["operator"] in OPPOSITE and not is_about_rows


@AT_RANDOM
@given(some=st.lists(leaves, min_size=40, max_size=40), **asked)
def test_an_operator_and_its_opposite_divide_the_people_and_the_unknown_go_where_the_leaf_says(
    some, world, purpose, at
):
    oracle = Oracle(purpose, at)
    knowing = [{**leaf, "unknown": False} for leaf in some if has_an_opposite(leaf)]
    contrary = [{**leaf, "operator": OPPOSITE[leaf["operator"]]} for leaf in knowing]
    unknown = [leaf_of_gap(leaf) for leaf in knowing]
    with transaction.atomic():
        people = settle(world, purpose=purpose, at=at)
        parts = (found([{"all": [it]} for it in group], oracle) for group in (knowing, contrary))

        for leaf, meant, others, gap in zip(knowing, *parts, unknown, strict=True):
            missing = {pk for pk, it in people.items() if gap and oracle.admits(gap, it)}
            assert not meant & others
            assert meant | others | missing == looked_at(leaf, people, oracle), leaf
            if leaf["operator"] not in ("known", "not_known"):
                assert not (meant | others) & missing, leaf
        transaction.set_rollback(True)


def leaf_of_gap(leaf):
    return {**leaf, "operator": "not_known"} if may_be_missing(leaf) else None


def reversed_parts(json):
    if "trait" in json:
        return json
    ((combination, parts),) = json.items()
    return {combination: [reversed_parts(part) for part in reversed(parts)]}


@AT_RANDOM
@given(some=st.lists(rules, min_size=12, max_size=12), **asked)
def test_order_does_not_matter_counts_are_sizes_and_nobody_comes_in_by_what_they_refused(
    some, world, purpose, at
):
    oracle = Oracle(purpose, at)
    with transaction.atomic():
        people = settle(world, purpose=purpose, at=at)
        forth = found(some, oracle)
        back = found([reversed_parts(json) for json in some], oracle)
        counts = funnel(together(some), purpose=purpose, at=at).counts

        for place, (json, meant, again) in enumerate(zip(some, forth, back, strict=True)):
            assert meant == again, json
            assert counts[f"/any/{place}/{next(iter(json))}"] == len(meant), json
            asked_about = [leaf for _pointer, leaf in parts_of(json) if "trait" in leaf]
            open_to_us = [looked_at(leaf, people, oracle) for leaf in asked_about]
            assert meant <= set().union(*open_to_us), json
        transaction.set_rollback(True)
