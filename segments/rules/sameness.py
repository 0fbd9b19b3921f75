"""Whether two rules say the same."""

from collections.abc import Hashable
from dataclasses import dataclass

from segments.enums import Combination
from segments.rules.language import Condition, Node, Value


@dataclass(frozen=True)
class Together:
    """What a group of two parts or more means, or that of a part which must not be."""

    combination: Combination
    parts: frozenset[Hashable]


# Inside the one, the other says nothing of its own.
TAKES_IN = {
    Combination.ALL: Combination.ALL,
    Combination.ANY: Combination.ANY,
    Combination.NONE: Combination.ANY,
}


def meaning(node: Node) -> Hashable:
    """Return the same for two rules that differ in how they are written alone.

    In the order of parts and of values, in groups that could be left out, in another way to write
    a period or a number.
    """
    if isinstance(node, Condition):
        return _meaning_of_condition(node)
    parts: set[Hashable] = set()
    for part in map(meaning, node.parts):
        if isinstance(part, Together) and part.combination == TAKES_IN[node.combination]:
            parts |= part.parts
        else:
            parts.add(part)
    if len(parts) == 1 and node.combination != Combination.NONE:
        return parts.pop()
    return Together(node.combination, frozenset(parts))


def _meaning_of_condition(condition: Condition) -> Hashable:
    window, measured, then = condition.window, condition.measured, condition.then
    return (
        condition.trait.code,
        condition.operator,
        _meaning_of_value(condition.value),
        condition.unknown,
        window
        and (
            window.last,
            window.first,
            window.until,
            window.ago,
            window.since and meaning(window.since),
        ),
        frozenset((it.name, it.operator, _meaning_of_value(it.value)) for it in condition.where),
        measured and (measured.measure, measured.name),
        then and (meaning(then.condition), then.within),
    )


def _meaning_of_value(value: Value) -> Hashable:
    # The two of "between" stand in their order anyway.
    return frozenset(value) if isinstance(value, tuple) else value
