"""From JSON to a rule, or a refusal that points to the place and says what is wrong."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from segments.enums import Combination, Measure, Operator, TraitType
from segments.rules.language import (
    Condition,
    Group,
    Measured,
    Narrowing,
    Node,
    Rule,
    Then,
    Window,
)
from segments.rules.refusals import BadRule, legible, step
from segments.rules.traits import IF_KNOWN, Detail, Trait
from segments.rules.values import MOST_DAYS, read_day, read_period, read_value, whole

MOST_LEVELS = 6
MOST_CONDITIONS = 60
# Of things that follow each other, or that a period begins with.
LONGEST_CHAIN = 3

ALWAYS = {"trait", "operator", "value"}
OF_ROWS = {"window", "where", "measure", "then"}
KEYS_OF_CONDITION = ALWAYS | OF_ROWS | {"unknown"}
WINDOWS = {"days", "months", "from", "until", "days_ago", "since"}


def read_rule(json: object, traits: Mapping[str, Trait]) -> Rule:
    """Return the rule that the JSON says, over these traits. Raises BadRule."""
    rule = Rule(_group(json, traits, pointer="", level=1))
    if len(rule.conditions) > MOST_CONDITIONS:
        raise _too_many(pointer="")
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
        raise _too_many(pointer=pointer)
    read = tuple(
        _node(part, traits, pointer=f"{pointer}/{index}", level=level + 1)
        for index, part in enumerate(parts)
    )
    return Group(Combination(combination), read, pointer=pointer)


def _too_many(*, pointer: str) -> BadRule:
    return BadRule(
        _("A rule has at most %(most)d conditions.") % {"most": MOST_CONDITIONS}, pointer=pointer
    )


def _condition(
    json: dict[str, Any], traits: Mapping[str, Trait], *, pointer: str, chain: int = 1
) -> Condition:
    _refuse_strangers(json, KEYS_OF_CONDITION, pointer=pointer)
    code = json["trait"]
    trait = traits.get(code) if isinstance(code, str) else None
    if trait is None:
        raise BadRule(_("Choose what to ask about."), pointer=f"{pointer}/trait")
    measured = _measured(json.get("measure"), trait, pointer=f"{pointer}/measure")
    asked = _compared(trait, measured)
    operator = _operator(json.get("operator"), asked, pointer=f"{pointer}/operator")
    return Condition(
        trait=trait,
        operator=operator,
        value=read_value(json.get("value"), asked, operator, pointer=f"{pointer}/value"),
        window=_window(json.get("window"), trait, traits, f"{pointer}/window", chain),
        where=_where(json.get("where"), trait, pointer=f"{pointer}/where"),
        measured=measured,
        then=_then(json.get("then"), trait, traits, f"{pointer}/then", chain),
        unknown=_unknown(json.get("unknown", False), trait, operator, f"{pointer}/unknown"),
        pointer=pointer,
    )


def _compared(trait: Trait, measured: Measured | None) -> Trait | Detail:
    """Return what the value is compared with; an average of whole numbers need not be one."""
    if measured is None:
        return trait
    if measured.measure == Measure.AVERAGE:
        return replace(measured.detail, is_whole=False)
    return measured.detail


def _refuse_strangers(json: Mapping[str, Any], known: set[str], *, pointer: str) -> None:
    if strange := sorted(set(json) - known):
        raise BadRule(
            _("A condition has no “%(key)s”.") % {"key": legible(strange[0])},
            pointer=step(pointer, strange[0]),
        )


def _operator(json: object, asked: Trait | Detail, *, pointer: str) -> Operator:
    if json not in asked.operators:
        raise BadRule(
            _("Choose how to compare: %(operators)s.") % {"operators": ", ".join(asked.operators)},
            pointer=pointer,
        )
    return Operator(str(json))


def _measured(json: object, trait: Trait, *, pointer: str) -> Measured | None:
    """Read ``{"sum": "total"}``."""
    if json is None:
        return None
    if not isinstance(json, dict) or len(json) != 1:
        raise BadRule(_("Say one measure and what it is of."), pointer=pointer)
    (measure, name), *_rest = json.items()
    detail = trait.details.get(name) if isinstance(name, str) else None
    if detail is None or measure not in detail.measures:
        raise BadRule(_("This cannot be measured here."), pointer=step(pointer, str(measure)))
    return Measured(Measure(measure), str(name), detail)


def _window(
    json: object, trait: Trait, traits: Mapping[str, Trait], pointer: str, chain: int
) -> Window | None:
    if json is None:
        return None
    if not trait.has_window:
        raise BadRule(_("This question has no period."), pointer=pointer)
    if not isinstance(json, dict) or not json or not json.keys() <= WINDOWS:
        raise BadRule(_("Say the period as a number of days."), pointer=pointer)
    match sorted(json):
        case ["days"] | ["months"]:
            return Window(last=read_period(json, pointer=pointer))
        case ["from"] | ["until"] | ["from", "until"]:
            return _between_days(json, pointer=pointer)
        case ["days_ago"]:
            return Window(ago=_days_ago(json["days_ago"], pointer=f"{pointer}/days_ago"))
        case ["since"]:
            since = _another(json["since"], traits, pointer=f"{pointer}/since", chain=chain)
            if since.operator != Operator.DID:
                raise BadRule(_("Choose something that happens."), pointer=f"{pointer}/since")
            return Window(since=since)
    raise BadRule(_("Say the period in one way."), pointer=pointer)


def _between_days(json: Mapping[str, Any], *, pointer: str) -> Window:
    ends = {key: read_day(json[key], pointer=f"{pointer}/{key}") for key in json}
    first, until = ends.get("from"), ends.get("until")
    if first and until and first > until:
        raise BadRule(_("The first value is above the second."), pointer=pointer)
    return Window(first=first, until=until)


def _days_ago(json: object, *, pointer: str) -> tuple[int, int]:
    if not isinstance(json, list) or len(json) != 2:
        raise BadRule(_("Enter both ends, from and to."), pointer=pointer)
    furthest, nearest = (
        whole(one, 0, MOST_DAYS, pointer=f"{pointer}/{index}") for index, one in enumerate(json)
    )
    if furthest <= nearest:
        raise BadRule(_("Name the longer time ago first."), pointer=pointer)
    return furthest, nearest


def _where(json: object, trait: Trait, *, pointer: str) -> tuple[Narrowing, ...]:
    if json is None:
        return ()
    if not isinstance(json, dict):
        raise BadRule(_("Expected names and values."), pointer=pointer)
    return tuple(
        _narrowing(name, told, trait, pointer=step(pointer, name)) for name, told in json.items()
    )


def _narrowing(name: str, json: object, trait: Trait, *, pointer: str) -> Narrowing:
    """Read ``"Toys"``, short for "is", or ``{"operator": "one_of", "value": [...]}``."""
    detail = trait.details.get(name)
    if detail is None:
        raise BadRule(
            _("This question cannot be narrowed by “%(name)s”.") % {"name": legible(name)},
            pointer=pointer,
        )
    if not isinstance(json, dict):
        json = {"operator": "is", "value": json}
        place = pointer
    else:
        _refuse_strangers(json, {"operator", "value"}, pointer=pointer)
        place = f"{pointer}/value"
    operator = _operator(json.get("operator"), detail, pointer=f"{pointer}/operator")
    value = read_value(json.get("value"), detail, operator, pointer=place)
    return Narrowing(name, detail, operator, value)


def _then(
    json: object, trait: Trait, traits: Mapping[str, Trait], pointer: str, chain: int
) -> Then | None:
    if json is None:
        return None
    if trait.type != TraitType.TIMES or not trait.has_window:
        raise BadRule(_("Nothing can follow here."), pointer=pointer)
    if not isinstance(json, dict) or "within" not in json:
        raise BadRule(_("Say within which time it follows."), pointer=f"{pointer}/within")
    within = read_period(json["within"], pointer=f"{pointer}/within")
    if within.months:
        raise BadRule(_("Say this time in days."), pointer=f"{pointer}/within")
    others = {key: value for key, value in json.items() if key != "within"}
    return Then(_another(others, traits, pointer=pointer, chain=chain), within)


def _another(json: object, traits: Mapping[str, Trait], *, pointer: str, chain: int) -> Condition:
    """Read what else happened, or did not, along the way."""
    if chain >= LONGEST_CHAIN:
        raise BadRule(
            _("At most %(most)d things can follow each other.") % {"most": LONGEST_CHAIN},
            pointer=pointer,
        )
    if not isinstance(json, dict) or "trait" not in json:
        raise BadRule(_("Choose what to ask about."), pointer=f"{pointer}/trait")
    _refuse_strangers(json, {"trait", "operator", "where", "then"}, pointer=pointer)
    another = _condition({"operator": "did", **json}, traits, pointer=pointer, chain=chain + 1)
    if not another.trait.has_window or another.operator not in (Operator.DID, Operator.DID_NOT):
        raise BadRule(_("Choose something that happens."), pointer=f"{pointer}/trait")
    return another


def _unknown(json: object, trait: Trait, operator: Operator, pointer: str) -> bool:
    if not isinstance(json, bool):
        raise BadRule(_("Expected yes or no (true or false)."), pointer=pointer)
    if json and (operator in IF_KNOWN or not trait.may_be_missing):
        raise BadRule(_("No value can be missing here."), pointer=pointer)
    return json
