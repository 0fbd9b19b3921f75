"""What docs/segments.md says of the language is what the program does."""

import json
import re

import pytest
from django.conf import settings
from django.utils import translation

from customers.models import AttributeDefinition
from segments.enums import Operator
from segments.models import Segment
from segments.queries import traits
from segments.rules import OPERATORS, SHAPES, read_rule, reading, sentence, values
from tests.segments.factories import IN_PORTO

pytestmark = pytest.mark.django_db

TEXT = (settings.BASE_DIR / "docs" / "segments.md").read_text()
EXAMPLES = re.findall(r"```json\n(.*?)\n```\n> (.*?)\n", TEXT, re.DOTALL)
LIMITS = {
    "conditions in a rule, and parts of a group": reading.MOST_CONDITIONS,
    "groups inside each other": reading.MOST_LEVELS,
    "things that follow each other": reading.LONGEST_CHAIN,
    "values in a list": values.MOST_VALUES,
    "characters of a text": values.LONGEST_TEXT,
    "days of a period": values.MOST_DAYS,
    "months of a period": values.MOST_MONTHS,
    "days ahead": values.MOST_DAYS_AHEAD,
    "times": values.MOST_TIMES,
}


@pytest.fixture
def shop(db):
    """Make what the examples name: another segment and an attribute of the shop's own."""
    Segment.objects.create(pk=7, name="Customers of Porto", rule=IN_PORTO)
    AttributeDefinition.objects.create(code="renews_on", label="Renews on", type="date")


def rows_of(heading):
    """Return the cells of the table below a heading, without the head."""
    table = TEXT.partition(heading)[2].partition("\n\n")[0]
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in table.splitlines()
        if line.startswith("| ")
    ]


def codes(cell):
    return re.findall(r"`(\w+)`", cell)


@pytest.mark.parametrize(("example", "said"), EXAMPLES, ids=[said for _json, said in EXAMPLES])
def test_an_example_is_said_in_its_sentence(shop, example, said):
    rule = json.loads(example)
    if "trait" in rule:
        rule = {"all": [rule]}

    with translation.override("en"):
        assert sentence(read_rule(rule, traits())) == said


def test_every_way_to_ask_has_an_example():
    shown = " ".join(example for example, _said in EXAMPLES)

    for word in ("all", "any", "none", "window", "where", "measure", "then", "unknown", "since"):
        assert f'"{word}"' in shown
    assert len(EXAMPLES) == TEXT.count("```json")


def test_the_operators_of_every_type_are_listed():
    told = {codes(kind)[0]: codes(offered) for kind, offered in rows_of("| Type | Operators |")}

    assert told == {
        kind.value: [operator.value for operator in offered] for kind, offered in OPERATORS.items()
    }


def test_what_every_operator_is_compared_with_is_told_once():
    told = [codes(operators) for operators, _value in rows_of("| Operators | Value |")]

    assert sorted(code for together in told for code in together) == sorted(Operator.values)
    for together in told:
        assert len({SHAPES[Operator(code)] for code in together}) == 1


def test_the_limits_are_as_told():
    told = {what: int(most.replace(",", "")) for what, most in rows_of("| At most | |")}

    assert told == LIMITS
