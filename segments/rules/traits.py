"""What a rule may ask about a customer, and with which operators."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar

from django.utils.functional import Promise
from django.utils.translation import get_language

from customers.enums import Category
from segments.enums import Measure, Operator, Shape, TraitType

Choices = Callable[[], Sequence[tuple[str, str | Promise]]]

IF_KNOWN = (Operator.KNOWN, Operator.NOT_KNOWN)
NUMERIC = (Operator.AT_LEAST, Operator.AT_MOST, Operator.EXACTLY, Operator.BETWEEN)
EXACT = (Operator.IS, Operator.IS_NOT, Operator.ONE_OF, Operator.NONE_OF)
DATES = (
    Operator.IN_LAST,
    Operator.LONGER_AGO,
    Operator.DAYS_AGO,
    Operator.BEFORE,
    Operator.SINCE,
    Operator.BETWEEN,
    Operator.ANNIVERSARY,
    Operator.THIS_MONTH,
    Operator.IN_MONTH,
    Operator.ON_DAY,
)

# In the order in which they are offered: the first is what a new condition starts with.
OPERATORS: dict[TraitType, tuple[Operator, ...]] = {
    TraitType.TEXT: (
        *EXACT,
        Operator.CONTAINS,
        Operator.NOT_CONTAINS,
        Operator.STARTS_WITH,
        Operator.ENDS_WITH,
        *IF_KNOWN,
    ),
    TraitType.CHOICE: (*EXACT, *IF_KNOWN),
    TraitType.NUMBER: (*NUMERIC, *IF_KNOWN),
    TraitType.MONEY: (*NUMERIC, *IF_KNOWN),
    TraitType.AGE: (*NUMERIC, *IF_KNOWN),
    TraitType.MOMENT: (*DATES, *IF_KNOWN),
    TraitType.DAY: (Operator.IN_NEXT, *DATES, *IF_KNOWN),
    TraitType.BIRTHDAY: (
        Operator.IN_NEXT,
        Operator.IN_DAYS,
        Operator.THIS_MONTH,
        Operator.IN_MONTH,
        Operator.ON_DAY,
        *IF_KNOWN,
    ),
    TraitType.YES_NO: (Operator.YES, Operator.NO, *IF_KNOWN),
    TraitType.LIST: (Operator.ANY_OF, Operator.ALL_OF, Operator.WITHOUT, *IF_KNOWN),
    TraitType.TIMES: (
        Operator.DID,
        Operator.DID_NOT,
        Operator.AT_LEAST,
        Operator.AT_MOST,
        Operator.EXACTLY,
    ),
    TraitType.SEGMENT: (Operator.INSIDE, Operator.OUTSIDE),
    TraitType.SHARE: (Operator.BETWEEN,),
    TraitType.PLACE: (Operator.NEAR, Operator.FAR),
}

SHAPES: dict[Operator, Shape] = {
    Operator.ONE_OF: Shape.SEVERAL,
    Operator.NONE_OF: Shape.SEVERAL,
    Operator.ANY_OF: Shape.SEVERAL,
    Operator.ALL_OF: Shape.SEVERAL,
    Operator.WITHOUT: Shape.SEVERAL,
    Operator.BETWEEN: Shape.PAIR,
    Operator.INSIDE: Shape.SEVERAL,
    Operator.OUTSIDE: Shape.SEVERAL,
    Operator.IN_LAST: Shape.PERIOD,
    Operator.LONGER_AGO: Shape.PERIOD,
    Operator.DAYS_AGO: Shape.PERIOD,
    Operator.IN_NEXT: Shape.DAYS,
    Operator.IN_DAYS: Shape.DAYS,
    Operator.ANNIVERSARY: Shape.DAYS,
    Operator.IN_MONTH: Shape.MONTH,
    Operator.ON_DAY: Shape.DAY_OF_YEAR,
    Operator.NEAR: Shape.AROUND,
    Operator.FAR: Shape.AROUND,
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
            Operator.NOT_CONTAINS,
            Operator.STARTS_WITH,
            Operator.ENDS_WITH,
            Operator.AT_LEAST,
            Operator.AT_MOST,
            Operator.EXACTLY,
            Operator.BEFORE,
            Operator.SINCE,
        ),
        Shape.ONE,
    ),
}


ADDED_UP = (Measure.SUM, Measure.AVERAGE, Measure.SMALLEST, Measure.LARGEST)
FIRST_OR_LAST = (Measure.FIRST, Measure.LAST)
MEASURES: dict[TraitType, tuple[Measure, ...]] = {
    TraitType.NUMBER: (*ADDED_UP, *FIRST_OR_LAST),
    TraitType.MONEY: (*ADDED_UP, *FIRST_OR_LAST),
    TraitType.TEXT: FIRST_OR_LAST,
    TraitType.CHOICE: FIRST_OR_LAST,
    TraitType.MOMENT: FIRST_OR_LAST,
    TraitType.DAY: FIRST_OR_LAST,
    TraitType.YES_NO: FIRST_OR_LAST,
}


@dataclass(frozen=True)
class Detail:
    """Something that rows tell beside their time: an order's channel, its amount, its products.

    It narrows rows and, where the row has one value of it in ``field``, can be measured. Where a
    row has many, ``keeps`` turns values, of which one is enough, into a condition on the rows.
    With ``reads``, an expression over the row, ``field`` is the name that its value goes by.
    ``category`` is a permission that it needs beside that of the rows, ``also`` returns those that
    a value needs. ``suggest`` gets what was
    typed and returns a few values found in the data; ``choices`` are the only ones there are.
    What may say more than its permissions let be shown is not ``is_measured``: an explanation
    would tell the first or the last of it.
    Of numbers that ``is_whole``, a part of one is no answer.
    """

    label: str | Promise
    type: TraitType = TraitType.TEXT
    field: str = ""
    reads: Any = None
    keeps: Callable[[Collection[str]], Any] | None = None
    suggest: Callable[[str], Sequence[str]] | None = None
    choices: Choices | None = None
    is_whole: bool = False
    category: Category | None = None
    also: Callable[[Any], Collection[Category]] | None = None
    is_measured: bool = True

    @property
    def operators(self) -> tuple[Operator, ...]:
        if self.keeps:
            return EXACT
        return tuple(offered for offered in OPERATORS[self.type] if offered not in IF_KNOWN)

    @property
    def measures(self) -> tuple[Measure, ...]:
        return MEASURES.get(self.type, ()) if self.field and self.is_measured else ()


@dataclass(frozen=True)
class Rows:
    """Many rows of a customer, such as orders.

    ``found`` returns the queryset of the rows that count at an instant, each with the ``customer``
    it belongs to, to whom the path ``owner`` leads; ``moment`` names the field that says when,
    without which no window can be asked; ``ends`` the one that says when a row counts no more, if
    time alone takes it away. ``label`` is what several are called: orders.
    """

    found: Callable[[datetime], Any]
    owner: str = "customer"
    moment: str = ""
    ends: str = ""
    label: str | Promise = ""
    details: Mapping[str, Detail] = field(default_factory=dict)


@dataclass(frozen=True)
class Family:
    """Traits that are made of others' declarations; ``prefix`` is how their codes begin."""

    prefix: str
    read: Callable[[], Sequence["Trait"]]


@dataclass(frozen=True)
class Trait:
    """Something a rule may ask about a customer; apps declare theirs in ``traits.py: TRAITS``.

    It is read from ``field``, a path that starts at the customer (``metrics__spend``), or from
    ``rows``; from both, when only a period has to be added up row by row. With ``reads``, an
    expression over the customer, ``field`` is the name that its value goes by.
    An expression may read ``permission__…``, the permission for the segment's own purpose.
    ``flat`` names the column of the flat profiles that says the same.
    ``category`` is the permission that it is read through; ``also`` returns those that a value
    needs beside it. ``if_absent`` is the value of somebody
    who has none ("no orders, no spend"); without it a missing value is unknown, unless the trait
    is ``always_known``. Of rows, ``by`` names the detail whose values a list is made of, and
    ``adds`` the field whose sum is asked for.
    ``choices`` are the only values there are, ``suggest`` finds some of many, ``called`` says what
    people call a value that is a code. ``words`` are others by which people look for it.
    Numbers of what is counted are ``is_whole``.
    """

    code: str
    label: str | Promise
    group: str | Promise
    type: TraitType
    category: Category
    words: str | Promise = ""
    field: str = ""
    flat: str = ""
    reads: Any = None
    rows: Rows | None = None
    by: str = ""
    adds: str = ""
    if_absent: int | None = None
    always_known: bool = False
    is_whole: bool = False
    choices: Choices | None = None
    suggest: Callable[[str], Sequence[str]] | None = None
    called: Callable[[str], str] | None = None
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
    def is_segment(self) -> bool:
        return self.type == TraitType.SEGMENT

    @property
    def details(self) -> Mapping[str, Detail]:
        """What the rows may be narrowed by, or measured in, beside the trait's own values."""
        if self.rows is None or self.type != TraitType.TIMES:
            return {}
        return self.rows.details


Kept = TypeVar("Kept", "Trait", Detail)


def with_choices_kept(trait: Trait) -> Trait:
    """Return the trait, whose choices and those of its details are asked for once."""
    details = {name: _kept(detail) for name, detail in trait.details.items() if detail.choices}
    if trait.rows and details:
        trait = replace(trait, rows=replace(trait.rows, details={**trait.details, **details}))
    return _kept(trait)


def _kept(asked: Kept) -> Kept:
    return replace(asked, choices=_once(asked.choices)) if asked.choices else asked


def _once(choices: Choices) -> Choices:
    # By language, since names may have been put into words.
    known: dict[str | None, Sequence[tuple[str, str | Promise]]] = {}

    def ask() -> Sequence[tuple[str, str | Promise]]:
        language = get_language()
        if language not in known:
            known[language] = choices()
        return known[language]

    return ask
