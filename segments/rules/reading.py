"""From JSON to a rule, or a refusal that points to the place and says what is wrong."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, cast

from django.utils.translation import gettext as _

from common.errors import DomainError
from segments.enums import Combination, Operator, Shape, TraitType
from segments.rules.language import Condition, Group, Node, Rule, Scalar, Value, Window
from segments.rules.traits import IF_KNOWN, SHAPES, Trait

MOST_LEVELS = 6
MOST_CONDITIONS = 60
MOST_VALUES = 500
LONGEST_TEXT = 200
MOST_DAYS = 36_525
MOST_TIMES = 10_000
LARGEST_NUMBER = Decimal(10) ** 12

KEYS_OF_CONDITION = {"trait", "operator", "value", "window", "where", "unknown"}


class BadRule(DomainError):
    """The JSON is no rule; ``pointer`` (RFC 6901) says where, from the rule's own root."""

    code = "bad_rule"
    status = 422

    def __init__(self, message: str, *, pointer: str) -> None:
        field = f"rule{pointer}".replace("/", ".")
        super().__init__(message, field=field, details={"pointer": pointer})
        self.pointer = pointer


def read_rule(json: object, traits: Mapping[str, Trait]) -> Rule:
    """Return the rule that the JSON says, over these traits. Raises BadRule."""
    root = _group(json, traits, pointer="", level=1)
    rule = Rule(root)
    if len(rule.conditions) > MOST_CONDITIONS:
        raise BadRule(
            _("A rule has at most %(most)d conditions.") % {"most": MOST_CONDITIONS}, pointer=""
        )
    return rule


def _node(json: object, traits: Mapping[str, Trait], *, pointer: str, level: int) -> Node:
    if isinstance(json, dict) and "trait" in json:
        return _condition(json, traits, pointer=pointer)
    return _group(json, traits, pointer=pointer, level=level)


def _group(json: object, traits: Mapping[str, Trait], *, pointer: str, level: int) -> Group:
    if not isinstance(json, dict) or len(json) != 1 or not json.keys() <= set(Combination.values):
        raise BadRule(
            _("Expected a group (all, any or none) or a condition with a trait."), pointer=pointer
        )
    if level > MOST_LEVELS:
        raise BadRule(
            _("Groups are nested at most %(most)d deep.") % {"most": MOST_LEVELS}, pointer=pointer
        )
    (combination, parts), *_rest = json.items()
    pointer = f"{pointer}/{combination}"
    if not isinstance(parts, list) or not parts:
        # Without this, "all of nothing" would be everybody.
        raise BadRule(_("Add a condition to this group."), pointer=pointer)
    if len(parts) > MOST_CONDITIONS:
        raise BadRule(
            _("A rule has at most %(most)d conditions.") % {"most": MOST_CONDITIONS},
            pointer=pointer,
        )
    read = tuple(
        _node(part, traits, pointer=f"{pointer}/{index}", level=level + 1)
        for index, part in enumerate(parts)
    )
    return Group(Combination(combination), read, pointer=pointer)


def _condition(json: dict[str, Any], traits: Mapping[str, Trait], *, pointer: str) -> Condition:
    if strange := sorted(set(json) - KEYS_OF_CONDITION):
        raise BadRule(
            _("A condition has no “%(key)s”.") % {"key": strange[0]},
            pointer=f"{pointer}/{_escaped(strange[0])}",
        )
    code = json["trait"]
    trait = traits.get(code) if isinstance(code, str) else None
    if trait is None:
        raise BadRule(_("Choose what to ask about."), pointer=f"{pointer}/trait")
    operator = json.get("operator")
    if operator not in trait.operators:
        raise BadRule(
            _("Choose how to compare: %(operators)s.") % {"operators": ", ".join(trait.operators)},
            pointer=f"{pointer}/operator",
        )
    operator = Operator(operator)
    return Condition(
        trait=trait,
        operator=operator,
        value=_value(json.get("value"), trait, operator, pointer=f"{pointer}/value"),
        window=_window(json.get("window"), trait, pointer=f"{pointer}/window"),
        where=_where(json.get("where"), trait, pointer=f"{pointer}/where"),
        unknown=_unknown(json.get("unknown", False), trait, operator, f"{pointer}/unknown"),
        pointer=pointer,
    )


def _value(json: object, trait: Trait, operator: Operator, *, pointer: str) -> Value:
    match SHAPES[operator]:
        case Shape.NOTHING:
            if json is not None:
                raise BadRule(_("This comparison takes no value."), pointer=pointer)
            return None
        case Shape.DAYS:
            # "in the next 0 days" is today; "in the last 0 days" would be nobody.
            least = 0 if operator == Operator.IN_NEXT else 1
            most = 366 if operator == Operator.IN_NEXT else MOST_DAYS
            return _whole(json, least, most, pointer=pointer)
        case Shape.MONTH:
            return _whole(json, 1, 12, pointer=pointer)
        case Shape.SEVERAL:
            return _several(json, trait, pointer=pointer)
        case Shape.PAIR:
            return _pair(json, trait, pointer=pointer)
    if (trait.type, operator) == (TraitType.TIMES, Operator.AT_LEAST):
        return _whole(json, 1, MOST_TIMES, pointer=pointer)
    return READERS[trait.type](json, trait, pointer)


def _several(json: object, trait: Trait, *, pointer: str) -> tuple[Scalar, ...]:
    if not isinstance(json, list) or not json:
        raise BadRule(_("Choose at least one value."), pointer=pointer)
    if len(json) > MOST_VALUES:
        raise BadRule(
            _("Choose at most %(most)d values.") % {"most": MOST_VALUES}, pointer=pointer
        )
    read = READERS[trait.type]
    return tuple(read(one, trait, f"{pointer}/{index}") for index, one in enumerate(json))


def _pair(json: object, trait: Trait, *, pointer: str) -> tuple[Scalar, Scalar]:
    if not isinstance(json, list) or len(json) != 2:
        raise BadRule(_("Enter both ends, from and to."), pointer=pointer)
    read = READERS[trait.type]
    first, last = (read(one, trait, f"{pointer}/{index}") for index, one in enumerate(json))
    # Both were read as the same type.
    if cast(int, first) > cast(int, last):
        raise BadRule(_("The first value is above the second."), pointer=pointer)
    return first, last


def _window(json: object, trait: Trait, *, pointer: str) -> Window | None:
    if json is None:
        return None
    if not trait.has_window:
        raise BadRule(_("This question has no period."), pointer=pointer)
    if not isinstance(json, dict) or set(json) != {"days"}:
        raise BadRule(_("Say the period as a number of days."), pointer=pointer)
    return Window(_whole(json["days"], 1, MOST_DAYS, pointer=f"{pointer}/days"))


def _where(json: object, trait: Trait, *, pointer: str) -> dict[str, str]:
    if json is None:
        return {}
    if not isinstance(json, dict):
        raise BadRule(_("Expected names and values."), pointer=pointer)
    for name in json:
        if name not in trait.filters:
            raise BadRule(
                _("This question cannot be narrowed by “%(name)s”.") % {"name": name},
                pointer=f"{pointer}/{_escaped(name)}",
            )
    return {
        name: _text(value, trait, f"{pointer}/{_escaped(name)}") for name, value in json.items()
    }


def _unknown(json: object, trait: Trait, operator: Operator, pointer: str) -> bool:
    if not isinstance(json, bool):
        raise BadRule(_("Expected yes or no (true or false)."), pointer=pointer)
    if json and (operator in IF_KNOWN or not trait.may_be_missing):
        raise BadRule(_("No value can be missing here."), pointer=pointer)
    return json


def _text(json: object, trait: Trait, pointer: str) -> str:
    if not isinstance(json, str) or not json.strip():
        raise BadRule(_("Enter a value."), pointer=pointer)
    if len(json) > LONGEST_TEXT or "\x00" in json:
        raise BadRule(
            _("Enter at most %(most)d characters.") % {"most": LONGEST_TEXT}, pointer=pointer
        )
    return json.strip()


def _choice(json: object, trait: Trait, pointer: str) -> str:
    offered = {value for value, _label in trait.choices()} if trait.choices else set()
    if not isinstance(json, str) or json not in offered:
        raise BadRule(_("Choose one of the values offered."), pointer=pointer)
    return json


def _number(json: object, trait: Trait, pointer: str) -> Decimal:
    refusal = BadRule(_("Enter a number."), pointer=pointer)
    if isinstance(json, bool) or not isinstance(json, int | float | str) or len(str(json)) > 30:
        raise refusal
    try:
        number = Decimal(str(json))
    except InvalidOperation:
        raise refusal from None
    if not number.is_finite() or abs(number) > LARGEST_NUMBER:
        raise refusal
    return number


def _age(json: object, trait: Trait, pointer: str) -> int:
    return _whole(json, 0, 150, pointer=pointer)


def _day(json: object, trait: Trait, pointer: str) -> date:
    try:
        day = date.fromisoformat(json) if isinstance(json, str) else None
    except ValueError:
        day = None
    if day is None or not 1900 <= day.year <= 2200:
        raise BadRule(_("Enter a date as year-month-day."), pointer=pointer)
    return day


def _times(json: object, trait: Trait, pointer: str) -> int:
    return _whole(json, 0, MOST_TIMES, pointer=pointer)


def _whole(json: object, least: int, most: int, *, pointer: str) -> int:
    if isinstance(json, bool) or not isinstance(json, int) or not least <= json <= most:
        raise BadRule(
            _("Enter a whole number from %(least)d to %(most)d.") % {"least": least, "most": most},
            pointer=pointer,
        )
    return json


READERS: dict[TraitType, Callable[[object, Trait, str], Scalar]] = {
    TraitType.TEXT: _text,
    TraitType.CHOICE: _choice,
    TraitType.NUMBER: _number,
    TraitType.MONEY: _number,
    TraitType.AGE: _age,
    TraitType.MOMENT: _day,
    TraitType.DAY: _day,
    TraitType.LIST: _text,
    TraitType.TIMES: _times,
}


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
