"""What is odd about a rule: contradictions, what is always true, what changes nothing.

By the conditions of a group that must all hold, and by those whose opposites must: a group of
which any part is enough is true of everybody when all its parts together cannot be untrue.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from customers.enums import Category
from segments.enums import Combination, Flaw, TraitType
from segments.rules.language import Condition, Group, Node, Rule, Window
from segments.rules.possibilities import Clock, Fact, facts
from segments.rules.sentences import sentence_of_condition
from segments.rules.spans import Possible


@dataclass(frozen=True)
class Finding:
    """Something to look at, at its place in the JSON, and why."""

    flaw: Flaw
    message: str
    pointer: str = ""


@dataclass(frozen=True)
class Literal:
    """A condition that must hold or, unless ``wanted``, must not."""

    condition: Condition
    wanted: bool
    facts: tuple[Fact, ...]


def findings(rule: Rule, *, at: datetime, zone: ZoneInfo) -> list[Finding]:
    """Return what is odd about the rule as it is written, whoever the customers are."""
    clock = Clock(at, zone)
    found = [
        *_always_true(rule, clock),
        *(one for node in rule if isinstance(node, Group) for one in _in_group(node, clock)),
        *_sensitive(rule),
    ]
    # A group inside another finds the same thing again.
    return list({(one.flaw, one.pointer): one for one in reversed(found)}.values())[::-1]


def findings_of_counts(rule: Rule, counts: Mapping[str, int], *, everybody: int) -> list[Finding]:
    """Return what is odd about whom the rule finds; counts by pointer."""
    total = counts[rule.root.pointer]
    if everybody and total == everybody:
        message = _("Everybody whose data may be used fits this rule.")
        return [Finding(Flaw.EVERYBODY, message, rule.root.pointer)]
    if total:
        return []
    empty = [node for node, _wanted in _must(rule.root, wanted=True) if not counts[node.pointer]]
    if not empty:
        return [Finding(Flaw.NOBODY, _("Nobody fits all of this at once."), rule.root.pointer)]
    return [Finding(Flaw.NOBODY, _("Nobody fits this now."), node.pointer) for node in empty]


def _always_true(rule: Rule, clock: Clock) -> Iterator[Finding]:
    for condition in rule.conditions:
        if any(not fact.possible for fact in facts(condition, wanted=False, clock=clock)):
            message = _("This is true of everybody whose data may be used.")
            yield Finding(Flaw.ALWAYS, message, condition.pointer)


def _in_group(group: Group, clock: Clock) -> Iterator[Finding]:
    together = _literals(group, clock, wanted=True)
    if clash := _clash(together):
        yield _never(*clash)
        return
    apart = _literals(group, clock, wanted=False)
    if _clash(apart):
        message = _("One of these is true of everybody whose data may be used.")
        yield Finding(Flaw.ALWAYS, message, group.pointer)
        return
    yield from _needless(together or apart)


def _never(literal: Literal, other: Literal | None) -> Finding:
    place = literal.condition.pointer
    if other is None:
        return Finding(Flaw.NEVER, _("Nobody can fit this."), place)
    words = {"other": sentence_of_condition(other.condition)}
    if literal.wanted and other.wanted:
        message = _("Nobody can fit this and “%(other)s” at once.") % words
    else:
        message = _("Nobody can fit: beside “%(other)s” this leaves nobody.") % words
    return Finding(Flaw.NEVER, message, place)


def _needless(together: Sequence[Literal]) -> Iterator[Finding]:
    """Name conditions that the others imply; of two that say the same, the later."""
    kept = list(together)
    for literal in reversed(together):
        others = [one for one in kept if one is not literal]
        if literal.facts and all(_implied(fact, others) for fact in literal.facts):
            kept = others
            message = _("This changes nothing: the other conditions of the group say it already.")
            yield Finding(Flaw.NEEDLESS, message, literal.condition.pointer)


def _implied(fact: Fact, others: Sequence[Literal]) -> bool:
    said = [
        it.possible
        for other in others
        for it in other.facts
        if it.subject == fact.subject and it.window == fact.window
    ]
    return bool(said) and _all(said) <= fact.possible


def _sensitive(rule: Rule) -> Iterator[Finding]:
    for condition in rule.conditions:
        if Category.SENSITIVE in condition.categories:
            message = _(
                "This says something sensitive about people: only those who allowed it by name "
                "are found."
            )
            yield Finding(Flaw.SENSITIVE, message, condition.pointer)


def _must(node: Node, *, wanted: bool) -> Iterator[tuple[Condition, bool]]:
    """Return the conditions that must all hold, or not hold, for the node to be as wanted."""
    if isinstance(node, Condition):
        yield node, wanted
        return
    wants_parts = wanted != (node.combination == Combination.NONE)
    if wants_parts == (node.combination == Combination.ALL):
        for part in node.parts:
            yield from _must(part, wanted=wants_parts)


def _literals(group: Group, clock: Clock, *, wanted: bool) -> list[Literal]:
    return [
        Literal(condition, holds, tuple(facts(condition, wanted=holds, clock=clock)))
        for condition, holds in _must(group, wanted=wanted)
    ]


def _clash(together: Sequence[Literal]) -> tuple[Literal, Literal | None] | None:
    """Return the first that cannot hold beside those before it, and one of those."""
    said: list[tuple[Fact, Literal]] = []
    for literal in together:
        for fact in literal.facts:
            about = [(it, by) for it, by in said if it.subject == fact.subject]
            same = [(it, by) for it, by in about if it.window == fact.window]
            if not _all([fact.possible, *(it.possible for it, _by in same)]):
                return literal, same[-1][1] if same else None
            for it, by in about:
                if _counts_clash(it, fact, literal.condition):
                    return literal, by
            said.append((fact, literal))
    return None


def _counts_clash(one: Fact, other: Fact, condition: Condition) -> bool:
    """Say whether something was asked for oftener in a period than in one around it."""
    if condition.trait.type != TraitType.TIMES or condition.measured:
        return False
    return any(
        _lies_within(inner.window, outer.window) and _least(inner) >= _most(outer)
        for inner, outer in ((one, other), (other, one))
    )


def _lies_within(inner: Window | None, outer: Window | None) -> bool:
    if inner is None or outer is None:
        return inner is not None
    if not (inner.last and outer.last):
        return False
    same_unit = bool(inner.last.months) == bool(outer.last.months)
    return same_unit and (inner.last.days, inner.last.months) <= (
        outer.last.days,
        outer.last.months,
    )


def _least(fact: Fact) -> Any:
    return fact.possible.spans[0][0]


def _most(fact: Fact) -> Any:
    return fact.possible.spans[-1][1]


def _all(possible: Sequence[Possible]) -> Possible:
    first, *others = possible
    for other in others:
        first &= other
    return first
