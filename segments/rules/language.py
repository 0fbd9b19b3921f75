"""A rule that was read: what it is made of, checked and typed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import TypeAlias

from customers.enums import Category
from customers.rules.places import Coordinates, place
from segments.enums import Combination, Measure, Operator
from segments.rules.traits import Detail, Trait


@dataclass(frozen=True)
class Period:
    """So many times 24 hours, or so many months of the shop's calendar; one of the two."""

    days: int = 0
    months: int = 0


@dataclass(frozen=True)
class Around:
    """All that lies at most so many kilometres from the middle of a city."""

    country: str
    city: str
    km: int

    @property
    def center(self) -> Coordinates | None:
        return place(self.country, self.city)


Scalar: TypeAlias = str | int | Decimal | date
Value: TypeAlias = Scalar | tuple[Scalar, ...] | Period | Around | None
Node: TypeAlias = "Condition | Group"


@dataclass(frozen=True)
class Window:
    """When the rows lie that count, in one of four ways.

    In the ``last`` period before the moment of asking; from the ``first`` day of the shop to the
    ``until`` day, both included, one of which may be open; from so many days ago to so many,
    ``ago``, the longer first; or after the last time that something else was, ``since``.
    """

    last: Period | None = None
    first: date | None = None
    until: date | None = None
    ago: tuple[int, int] | None = None
    since: "Condition | None" = None


@dataclass(frozen=True)
class Narrowing:
    """Keeps rows whose detail, called ``name``, is as asked."""

    name: str
    detail: Detail
    operator: Operator
    value: Value


@dataclass(frozen=True)
class Measured:
    """What is compared instead of the number of rows: the sum of their totals."""

    measure: Measure
    name: str
    detail: Detail


@dataclass(frozen=True)
class Then:
    """What must follow a row, or must not, ``within`` a period after it.

    That nothing followed is known when the period is over.
    """

    condition: "Condition"
    within: Period


@dataclass(frozen=True)
class Condition:
    """One question about a customer.

    ``value`` is as its operator's shape says: a scalar, a pair, several, a period, or None.
    ``unknown`` says whether somebody whose value is missing counts. ``pointer`` is its place in
    the JSON. The others are for traits of many rows alone.
    """

    trait: Trait
    operator: Operator
    value: Value = None
    window: Window | None = None
    where: tuple[Narrowing, ...] = ()
    measured: Measured | None = None
    then: Then | None = None
    unknown: bool = False
    pointer: str = ""

    def __iter__(self) -> Iterator[Node]:
        yield self

    @property
    def asked(self) -> Iterator["Condition"]:
        """Return the condition and those that it asks about along the way."""
        yield self
        if self.window and self.window.since:
            yield from self.window.since.asked
        if self.then:
            yield from self.then.condition.asked

    @cached_property
    def categories(self) -> frozenset[Category]:
        """Every permission that the condition is read through."""
        return frozenset().union(*(one.own_categories for one in self.asked))

    @property
    def segments(self) -> frozenset[int]:
        """The segments, by id, whose members the condition asks for."""
        if not self.trait.is_segment or not isinstance(self.value, tuple):
            return frozenset()
        return frozenset(value for value in self.value if isinstance(value, int))

    @property
    def own_categories(self) -> set[Category]:
        trait, measured = self.trait, self.measured
        found = {trait.category, *(trait.also(self.value) if trait.also else ())}
        details = [(one.detail, one.value) for one in self.where]
        details += [(trait.rows.details[trait.by], self.value)] if trait.rows and trait.by else []
        details += [(measured.detail, self.value)] if measured else []
        for detail, value in details:
            found |= {detail.category} if detail.category else set()
            found |= set(detail.also(value)) if detail.also else set()
        return found


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

    @cached_property
    def segments(self) -> frozenset[int]:
        """The segments, by id, whose members the rule asks for."""
        return frozenset().union(*(condition.segments for condition in self.conditions))
