"""The language as a JSON schema, made of what ``read_rule`` itself goes by.

It knows the language and not the shop: which traits there are, and which operators and values each
of them takes, is told beside it; in what it cannot say (how deep groups go, which end of a pair is
larger) ``read_rule`` has the last word.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from segments.enums import Combination, Measure, Operator, Shape, TraitType
from segments.rules.reading import MOST_CONDITIONS
from segments.rules.traits import OPERATORS, SHAPES
from segments.rules.values import (
    DAY,
    FARTHEST,
    LARGEST_NUMBER,
    LONGEST_TEXT,
    MOST_DAYS,
    MOST_DAYS_AHEAD,
    MOST_MONTHS,
    MOST_VALUES,
    NUMBER,
)

Schema = dict[str, Any]


def rule_schema() -> Schema:
    """Return the schema of a rule, of JSON Schema draft 2020-12."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Rule",
        "description": "Whom a segment means: a group of conditions and groups.",
        "$ref": "#/$defs/group",
        "$defs": {
            "group": _group(),
            "node": {
                "if": {"required": ["trait"]},
                "then": _to("condition"),
                "else": _to("group"),
            },
            "condition": _condition(),
            "comparison": {"allOf": _comparisons()},
            "narrowing": _narrowing(),
            "window": _window(),
            "happening": _happening(["did"]),
            "following": _following(),
            "period": {"anyOf": [_whole(1, MOST_DAYS), _days(), _months()]},
            "text": {"type": "string", "maxLength": LONGEST_TEXT, "pattern": r"\S"},
            "number": {"anyOf": [_between(-LARGEST_NUMBER, LARGEST_NUMBER), _as_text()]},
            "segment": {"type": ["integer", "string"], "description": "A segment's id."},
            "day": {"type": "string", "format": "date", "pattern": f"^{DAY.pattern}$"},
        },
    }


def _to(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _group() -> Schema:
    parts = {
        "type": "array",
        "items": _to("node"),
        "minItems": 1,
        "maxItems": MOST_CONDITIONS,
    }
    return _object({combination.value: parts for combination in Combination}) | {
        "minProperties": 1,
        "maxProperties": 1,
    }


def _condition() -> Schema:
    asked = {
        "trait": {"type": "string", "description": "The code of a trait."},
        "operator": {"enum": Operator.values},
        "value": {"description": "As the operator and the type of the trait ask."},
        "unknown": {
            "type": "boolean",
            "default": False,
            "description": "Whether somebody whose value is missing counts.",
        },
    }
    of_rows = {
        "window": _or_null(_to("window")),
        "where": _or_null({"type": "object", "additionalProperties": _to("narrowing")}),
        "measure": _or_null(_measure()),
        "then": _or_null(_to("following")),
    }
    return _object({**asked, **of_rows}, required=["trait", "operator"]) | _to("comparison")


def _comparisons() -> list[Schema]:
    """Say which value each operator takes, those that take the same together."""
    together: list[tuple[Schema, list[str]]] = []
    for operator in Operator:
        taken = _taken(operator)
        known = next((operators for schema, operators in together if schema == taken), None)
        if known is None:
            together.append((taken, [operator.value]))
        else:
            known.append(operator.value)
    return [
        {
            "if": {"properties": {"operator": {"enum": operators}}, "required": ["operator"]},
            "then": taken,
        }
        for taken, operators in together
    ]


def _taken(operator: Operator) -> Schema:
    if SHAPES[operator] == Shape.NOTHING:
        return {"properties": {"value": {"type": "null"}}}
    return {"properties": {"value": _value(operator)}, "required": ["value"]}


def _value(operator: Operator) -> Schema:
    match SHAPES[operator]:
        case Shape.PERIOD:
            return _to("period")
        case Shape.DAYS:
            return _whole(0, MOST_DAYS_AHEAD)
        case Shape.MONTH:
            return _whole(1, 12)
        case Shape.DAY_OF_YEAR:
            return {"type": "string", "pattern": "^[0-9]{2}-[0-9]{2}$"}
        case Shape.AROUND:
            kilometres = _whole(1, FARTHEST)
            told = {"country": _to("text"), "city": _to("text"), "km": kilometres}
            return _object(told, required=told)
    one = _any_of(VALUES[it] for it in TraitType if operator in OPERATORS[it] and it in VALUES)
    match SHAPES[operator]:
        case Shape.SEVERAL:
            return {"type": "array", "items": one, "minItems": 1, "maxItems": MOST_VALUES}
        case Shape.PAIR:
            return {"type": "array", "items": one, "minItems": 2, "maxItems": 2}
    return one


def _narrowing() -> Schema:
    compared = {"operator": {"enum": Operator.values}, "value": {}}
    return {
        "description": "A text, short for “is”; or an operator and what it is compared with.",
        "if": {"type": "object"},
        "then": _object(compared, required=["operator"]) | _to("comparison"),
        "else": _to("text"),
    }


def _measure() -> Schema:
    of = {"type": "string", "description": "The name of a detail that rows have."}
    measures = _object({measure.value: of for measure in Measure})
    return measures | {"minProperties": 1, "maxProperties": 1}


def _window() -> Schema:
    ago = {"type": "array", "items": _whole(0, MOST_DAYS), "minItems": 2, "maxItems": 2}
    between = _object({"from": _to("day"), "until": _to("day")}) | {"minProperties": 1}
    return {
        "anyOf": [
            _days(),
            _months(),
            between,
            _object({"days_ago": ago}, required=["days_ago"]),
            _object({"since": _to("happening")}, required=["since"]),
        ]
    }


def _happening(operators: list[str], **more: Schema) -> Schema:
    return _object(
        {
            "trait": {"type": "string"},
            "operator": {"enum": operators, "default": "did"},
            "where": _or_null({"type": "object", "additionalProperties": _to("narrowing")}),
            "then": _or_null(_to("following")),
            **more,
        },
        required=["trait", *more],
    )


def _following() -> Schema:
    within = {"anyOf": [_whole(1, MOST_DAYS), _days()]}
    return _happening(["did", "did_not"], within=within)


def _days() -> Schema:
    return _object({"days": _whole(1, MOST_DAYS)}, required=["days"])


def _months() -> Schema:
    return _object({"months": _whole(1, MOST_MONTHS)}, required=["months"])


def _object(properties: Schema, *, required: Iterable[str] = ()) -> Schema:
    schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return schema | ({"required": list(required)} if required else {})


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _any_of(schemas: Iterable[Schema]) -> Schema:
    found = list({schema["$ref"]: schema for schema in schemas}.values())
    return found[0] if len(found) == 1 else {"anyOf": found}


def _between(least: Decimal, most: Decimal) -> Schema:
    return {"type": "number", "minimum": int(least), "maximum": int(most)}


def _as_text() -> Schema:
    described = "A number that a float would not keep: 9.99"
    return {"type": "string", "pattern": f"^{NUMBER.pattern}$", "description": described}


def _whole(least: int, most: int) -> Schema:
    return {"type": "integer", "minimum": least, "maximum": most}


# Narrower bounds, such as those of an age, ``read_rule`` knows by the trait.
VALUES: dict[TraitType, Schema] = {
    **dict.fromkeys((TraitType.TEXT, TraitType.CHOICE, TraitType.LIST), _to("text")),
    **dict.fromkeys(
        (TraitType.NUMBER, TraitType.MONEY, TraitType.AGE, TraitType.TIMES, TraitType.SHARE),
        _to("number"),
    ),
    **dict.fromkeys((TraitType.MOMENT, TraitType.DAY), _to("day")),
    TraitType.SEGMENT: _to("segment"),
}
