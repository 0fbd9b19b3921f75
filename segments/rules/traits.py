"""What a rule may ask about a customer, and with which operators."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise

from customers.enums import Category
from segments.enums import Operator, Shape, TraitType

IF_KNOWN = (Operator.KNOWN, Operator.NOT_KNOWN)
NUMERIC = (Operator.AT_LEAST, Operator.AT_MOST, Operator.EXACTLY, Operator.BETWEEN)
EXACT = (Operator.IS, Operator.IS_NOT, Operator.ONE_OF, Operator.NONE_OF)

# In the order in which they are offered: the first is what a new condition starts with.
OPERATORS: dict[TraitType, tuple[Operator, ...]] = {
    TraitType.TEXT: (*EXACT, Operator.CONTAINS, Operator.STARTS_WITH, *IF_KNOWN),
    TraitType.CHOICE: (*EXACT, *IF_KNOWN),
    TraitType.NUMBER: (*NUMERIC, *IF_KNOWN),
    TraitType.MONEY: (*NUMERIC, *IF_KNOWN),
    TraitType.AGE: (*NUMERIC, *IF_KNOWN),
    TraitType.MOMENT: (
        Operator.IN_LAST,
        Operator.LONGER_AGO,
        Operator.BEFORE,
        Operator.SINCE,
        Operator.BETWEEN,
        *IF_KNOWN,
    ),
    TraitType.DAY: (
        Operator.IN_NEXT,
        Operator.IN_LAST,
        Operator.LONGER_AGO,
        Operator.BEFORE,
        Operator.SINCE,
        Operator.BETWEEN,
        *IF_KNOWN,
    ),
    TraitType.BIRTHDAY: (Operator.IN_NEXT, Operator.THIS_MONTH, Operator.IN_MONTH, *IF_KNOWN),
    TraitType.YES_NO: (Operator.YES, Operator.NO, *IF_KNOWN),
    TraitType.LIST: (Operator.ANY_OF, Operator.ALL_OF, Operator.WITHOUT, *IF_KNOWN),
    TraitType.TIMES: (
        Operator.DID,
        Operator.DID_NOT,
        Operator.AT_LEAST,
        Operator.AT_MOST,
        Operator.EXACTLY,
    ),
}

SHAPES: dict[Operator, Shape] = {
    Operator.ONE_OF: Shape.SEVERAL,
    Operator.NONE_OF: Shape.SEVERAL,
    Operator.ANY_OF: Shape.SEVERAL,
    Operator.ALL_OF: Shape.SEVERAL,
    Operator.WITHOUT: Shape.SEVERAL,
    Operator.BETWEEN: Shape.PAIR,
    Operator.IN_LAST: Shape.DAYS,
    Operator.LONGER_AGO: Shape.DAYS,
    Operator.IN_NEXT: Shape.DAYS,
    Operator.IN_MONTH: Shape.MONTH,
    **dict.fromkeys(
        (
            Operator.THIS_MONTH,
            Operator.YES,
            Operator.NO,
            Operator.DID,
            Operator.DID_NOT,
            *IF_KNOWN,
        ),
        Shape.NOTHING,
    ),
    **dict.fromkeys(
        (
            Operator.IS,
            Operator.IS_NOT,
            Operator.CONTAINS,
            Operator.STARTS_WITH,
            Operator.AT_LEAST,
            Operator.AT_MOST,
            Operator.EXACTLY,
            Operator.BEFORE,
            Operator.SINCE,
        ),
        Shape.ONE,
    ),
}


@dataclass(frozen=True)
class Filter:
    """Narrows rows by values: orders to those with a product of one of some categories.

    ``keeps`` turns the values, of which one is enough, into a condition on the rows; ``suggest``
    gets what was typed and returns a few values found in the data. ``also`` returns the categories
    that a value needs beside that of the trait.
    """

    label: str | Promise
    keeps: Callable[[Collection[str]], Any]
    suggest: Callable[[str], Sequence[str]]
    also: Callable[[Any], Collection[Category]] | None = None


@dataclass(frozen=True)
class Rows:
    """Many rows of a customer, such as orders.

    ``found`` returns the queryset of the rows that count, whose ``customer`` they belong to;
    ``moment`` names the field that says when, without which no window can be asked.
    """

    found: Callable[[], Any]
    moment: str = ""
    filters: Mapping[str, Filter] = field(default_factory=dict)


@dataclass(frozen=True)
class Trait:
    """Something a rule may ask about a customer; apps declare theirs in ``traits.py: TRAITS``.

    It is read from ``field``, a path that starts at the customer (``metrics__spend``), or from
    ``rows``; from both, when only a period has to be added up row by row. With ``reads``, an
    expression over the customer, ``field`` is the name that its value goes by.
    An expression may read ``permission__…``, the permission for the segment's own purpose.
    ``category`` is the permission that it is read through, ``also`` returns those that a value
    needs beside it. ``if_absent`` is the value of somebody
    who has none ("no orders, no spend"); without it a missing value is unknown, unless the trait
    is ``always_known``. Of rows, ``by`` names the filter whose values a list is made of, and
    ``adds`` the field whose sum is asked for.
    ``choices`` are the only values there are, ``suggest`` finds some of many.
    """

    code: str
    label: str | Promise
    group: str | Promise
    type: TraitType
    category: Category
    field: str = ""
    reads: Any = None
    rows: Rows | None = None
    by: str = ""
    adds: str = ""
    if_absent: int | None = None
    always_known: bool = False
    choices: Callable[[], Sequence[tuple[str, str | Promise]]] | None = None
    suggest: Callable[[str], Sequence[str]] | None = None
    also: Callable[[Any], Collection[Category]] | None = None

    @property
    def may_be_missing(self) -> bool:
        return not (self.always_known or self.rows or self.if_absent is not None)

    @property
    def operators(self) -> tuple[Operator, ...]:
        offered = OPERATORS[self.type]
        if self.may_be_missing:
            return offered
        return tuple(operator for operator in offered if operator not in IF_KNOWN)

    @property
    def has_window(self) -> bool:
        return self.rows is not None and bool(self.rows.moment)

    @property
    def filters(self) -> Mapping[str, Filter]:
        """What the rows may be narrowed by beside the trait's own values."""
        if self.rows is None or self.type != TraitType.TIMES:
            return {}
        return self.rows.filters
