"""Whom, in words: the rule language as plain values."""

from segments.rules.language import Condition, Group, Node, Rule, Value, Window
from segments.rules.reading import BadRule, read_rule
from segments.rules.sentences import (
    label_of_operator,
    sentence,
    sentence_of_condition,
    value_in_words,
)
from segments.rules.traits import OPERATORS, SHAPES, Filter, Rows, Trait

__all__ = [
    "OPERATORS",
    "SHAPES",
    "BadRule",
    "Condition",
    "Filter",
    "Group",
    "Node",
    "Rows",
    "Rule",
    "Trait",
    "Value",
    "Window",
    "label_of_operator",
    "read_rule",
    "sentence",
    "sentence_of_condition",
    "value_in_words",
]
