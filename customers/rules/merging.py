"""Two records of one person: what becomes of each field, and of what apps hold about them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from customers.enums import Category, Pick, Stage
from customers.rules.erasing import Erasing

# By these the shop knows the survivor: they stay unless somebody says otherwise.
OWN = ("first_name", "last_name", "email", "phone", "tax_id")
# A city of one and a postal code of the other would be nowhere.
ADDRESS = ("country", "state", "city", "postal_code")
JOINED = ("interests", "tags", "attributes")
PICKED = (*OWN, "birth_date", "gender", "language", "timezone", *ADDRESS, *JOINED)

FUNNEL = (Stage.VISITOR, Stage.PROSPECT, Stage.LAPSED, Stage.CUSTOMER)


def default_picks(
    survivor: Mapping[str, Any], loser: Mapping[str, Any], *, loser_is_newer: bool
) -> dict[str, Pick]:
    """Propose whose value stays: what is known before what is not, then the newer.

    Names, addresses to write to and the tax id stay the survivor's; what are lists is put
    together; city, state and postal code stay together.
    """

    def known(*names: str, prefers_loser: bool) -> Pick:
        of_survivor, of_loser = (any(it[name] for name in names) for it in (survivor, loser))
        if of_survivor and of_loser:
            return Pick.LOSER if prefers_loser else Pick.SURVIVOR
        return Pick.LOSER if of_loser else Pick.SURVIVOR

    def pick(name: str) -> Pick:
        if name in JOINED:
            return Pick.BOTH
        if name in ADDRESS:
            return known("postal_code", "city", prefers_loser=loser_is_newer)
        return known(name, prefers_loser=loser_is_newer and name not in OWN)

    return {name: pick(name) for name in PICKED}


def united(pick: Pick, survivor: Any, loser: Any) -> Any:
    """Return what the field says of the merged person; where both speak, the survivor first."""
    if pick == Pick.SURVIVOR:
        return survivor
    if pick == Pick.LOSER:
        return loser
    if isinstance(survivor, dict):
        return {**loser, **survivor}
    return [*survivor, *(word for word in loser if word not in survivor)]


def further(stage: str, other: str) -> str:
    """Return the stage that is further down the funnel: whoever bought is a customer."""
    return max(stage, other, key=lambda it: FUNNEL.index(Stage(it)))


class Merging(Enum):
    """What becomes of the loser's rows."""

    MOVES = "moves"  # they become the survivor's
    FOLLOWS = "follows"  # they belong to a row that moves
    STAYS = "stays"  # they tell of the record, not of the person
    REWRITTEN = "rewritten"  # the app's MergePart sees to them


@dataclass(frozen=True)
class Holding:
    """A table with rows about people; apps declare theirs in ``personal_data.py: HOLDINGS``.

    ``person`` is the path by which a row names its customer: ``customer``, ``order__customer``.
    ``category`` is None where each row says its own (the timeline's kinds), ``erasing`` what
    becomes of the rows when the person is erased. Of rows that say the same in ``once`` a person
    has only one: the loser's second stays where it is.
    """

    model: Any
    category: Category | None
    erasing: Erasing
    person: str = "customer"
    merging: Merging = Merging.MOVES
    once: tuple[str, ...] = ()


def _nothing(*_: Any) -> None:
    pass


def _no_sentences(*_: Any) -> list[str]:
    return []


@dataclass(frozen=True)
class MergePart:
    """What an app does, beyond rows that move, when two people become one, or two again.

    Apps declare theirs in ``personal_data.py: MERGE_PARTS``. ``foresee`` gets survivor, loser and
    the moment, and returns sentences for the preview; it writes nothing. ``before`` and ``join``
    get the ``Joining`` before and after the rows have moved, ``part`` the ``Parting`` after they
    have moved back (``customers.operations.merging``).
    """

    foresee: Callable[..., Iterable[str]] = _no_sentences
    before: Callable[[Any], None] = _nothing
    join: Callable[[Any], None] = _nothing
    part: Callable[[Any], None] = _nothing
