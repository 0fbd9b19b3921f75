"""A rule that was read: what it is made of, checked and typed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import TypeAlias

from customers.enums import Category
from segments.enums import Combination, Operator
from segments.rules.traits import Trait

Scalar: TypeAlias = str | int | Decimal | date
Value: TypeAlias = Scalar | tuple[Scalar, ...] | None
Node: TypeAlias = "Condition | Group"


@dataclass(frozen=True)
class Window:
    """The last so many times 24 hours before the moment of asking."""

    days: int


@dataclass(frozen=True)
class Condition:
    """One question about a customer.

    ``value`` is as its operator's shape says: a scalar, a pair, several, or None. ``unknown``
    says whether somebody whose value is missing counts. ``pointer`` is its place in the JSON.
    """

    trait: Trait
    operator: Operator
    value: Value = None
    window: Window | None = None
    where: Mapping[str, str] = field(default_factory=dict)
    unknown: bool = False
    pointer: str = ""

    def __iter__(self) -> Iterator[Node]:
        yield self

    @cached_property
    def categories(self) -> frozenset[Category]:
        """Every permission that the condition is read through."""
        trait, filters = self.trait, self.trait.rows.filters if self.trait.rows else {}
        asked = [(trait.also, self.value)]
        asked += [(filters[name].also, value) for name, value in self.where.items()]
        if trait.by:
            asked.append((filters[trait.by].also, self.value))
        needed = (category for also, value in asked if also for category in also(value))
        return frozenset({trait.category, *needed})


@dataclass(frozen=True)
class Group:
    """Parts that count together; never empty."""

    combination: Combination
    parts: tuple[Node, ...]
    pointer: str = ""

    def __iter__(self) -> Iterator[Node]:
        """Walk over the group and everything in it, from the outside in."""
        yield self
        for part in self.parts:
            yield from part


@dataclass(frozen=True)
class Rule:
    root: Group

    def __iter__(self) -> Iterator[Node]:
        yield from self.root

    @property
    def conditions(self) -> list[Condition]:
        return [node for node in self if isinstance(node, Condition)]

    @cached_property
    def categories(self) -> frozenset[Category]:
        """Which data the rule uses, so that a message it chose can be held back with them."""
        return frozenset().union(*(condition.categories for condition in self.conditions))
