"""Whom, in words: the rule language as plain values."""

from segments.rules.language import (
    Around,
    Condition,
    Group,
    Measured,
    Narrowing,
    Node,
    Period,
    Rule,
    Then,
    Value,
    Window,
)
from segments.rules.reading import read_rule
from segments.rules.refusals import BadRule
from segments.rules.schema import rule_schema
from segments.rules.sentences import (
    label_of_measure,
    label_of_operator,
    sentence,
    sentence_of_condition,
    value_in_words,
)
from segments.rules.traits import OPERATORS, SHAPES, Detail, Family, Rows, Trait, with_choices_kept

__all__ = [
    "OPERATORS",
    "SHAPES",
    "Around",
    "BadRule",
    "Condition",
    "Detail",
    "Family",
    "Group",
    "Measured",
    "Narrowing",
    "Node",
    "Period",
    "Rows",
    "Rule",
    "Then",
    "Trait",
    "Value",
    "Window",
    "label_of_measure",
    "label_of_operator",
    "read_rule",
    "rule_schema",
    "sentence",
    "sentence_of_condition",
    "value_in_words",
    "with_choices_kept",
]
