"""The language proved: random rules on random people mean what an oracle says they mean.

``make test`` asks 500 rules, ``make prove`` 10,000.
"""

import os
from dataclasses import replace

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from segments.compiler import Compiler, FlatCompiler, funnel
from segments.compiler.counting import column
from segments.enums import Combination
from segments.operations.profiles import write_all_profiles
from segments.queries import traits
from segments.rules import Group, Rule, read_rule
from tests.segments.oracle import Oracle
from tests.segments.worlds import MOMENTS, purposes, rules, settle, worlds
from tests.segments.worlds.asking import TRAITS
from tests.segments.worlds.settling import declare

pytestmark = pytest.mark.django_db

RULES = int(os.environ.get("RULES", "500"))
# Of the people of one world.
AT_ONCE = 25


def together(some):
    """Return one rule of many, longer than a person may write; each part with its place."""
    known = traits()
    roots = [read_rule(json, known).root for json in some]
    parts = tuple(_under(f"/any/{n}", root) for n, root in enumerate(roots))
    return Rule(Group(Combination.ANY, parts, pointer="/any"))


def _under(prefix, node):
    parts = {}
    if isinstance(node, Group):
        parts["parts"] = tuple(_under(prefix, part) for part in node.parts)
    return replace(node, pointer=prefix + node.pointer, **parts)


def found_by_each(rule, compiler):
    """Return whom each part of a rule finds, by one query for all."""
    answers = {
        f"rule_{n}": column(compiler.condition(part)) for n, part in enumerate(rule.root.parts)
    }
    asked = compiler.customers(rule).filter(compiler.free()).annotate(**answers)
    rows = list(asked.values_list("pk", *answers))
    return [{pk for pk, *fits in rows if fits[n]} for n in range(len(answers))]


@pytest.mark.filterwarnings("ignore:Generating overly large repr")
@pytest.mark.parametrize("need_opt_in", [True, False])
def test_every_rule_means_in_the_database_what_it_means_in_words(need_opt_in):
    # A world made smaller takes minutes, and the message names one rule and one person.
    @settings(
        derandomize=RULES == 500,
        deadline=None,
        max_examples=RULES // AT_ONCE // 2,
        phases=[Phase.generate],
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(
        world=worlds,
        some=st.lists(rules, min_size=AT_ONCE, max_size=AT_ONCE),
        purpose=purposes(need_opt_in=need_opt_in),
        at=st.sampled_from(MOMENTS),
        unknown_age_is_minor=st.booleans(),
        flat=st.booleans(),
    )
    def ask(world, some, purpose, at, unknown_age_is_minor, flat):
        oracle = Oracle(purpose, at, unknown_age_is_minor)
        with transaction.atomic():
            people = settle(
                world, purpose=purpose, at=at, unknown_age_is_minor=unknown_age_is_minor
            )
            write_all_profiles(at=at)
            check(some, people, oracle, flat=flat)
            transaction.set_rollback(True)

    ask()


def check(some, people, oracle, *, flat):
    """Ask all rules together, in every way in which they are asked."""
    rule, asked = together(some), {"purpose": oracle.purpose, "at": oracle.at}
    half = set(sorted(people)[::2])
    wanted = [{pk for pk, it in people.items() if oracle.admits(json, it)} for json in some]
    for compiler, among in (
        (Compiler(**asked, among=half if flat else None), half if flat else set(people)),
        (FlatCompiler(**asked, among=None if flat else half), set(people) if flat else half),
    ):
        for json, found, expected in zip(some, found_by_each(rule, compiler), wanted, strict=True):
            for pk in found ^ expected & among:
                pytest.fail(f"{type(compiler).__name__} errs about {people[pk]} asked {json}")
    counted = funnel(rule, **asked, compile_with=FlatCompiler if flat else Compiler)
    assert counted == oracle.funnel({"any": some}, people.values())


def test_no_question_is_left_out_of_the_proof():
    declare()
    happenings = {code for code in traits() if code.startswith("events.")}

    assert set(traits()) - happenings == {it for it in TRAITS if not it.startswith("events.")}
