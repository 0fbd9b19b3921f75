"""How the page of a segment tells what its members are like, without singling anybody out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.templatetags.clientela import money, percent, whole
from consent.queries.reach_in_words import SMALLEST_TOLD, roughly, rounded
from customers.enums import RfmGroup
from segments.compiler import Cell, MakeUp, make_up
from segments.compiler.splitting import AGES, NO_VALUE
from segments.models import Segment
from segments.queries import traits

# Of facts with values of any number; bands and groups are told whole.
MOST_VALUES = 8
WHOLE = {"customers.age", "customers.spend", "customers.rfm_group"}
# What somebody without a value is called, by the trait's code.
NONE: Mapping[str, str | Promise] = {
    "loyalty.tier": gettext_lazy("In no tier"),
    "customers.spend": gettext_lazy("No order yet"),
    "customers.rfm_group": gettext_lazy("No order yet"),
}
UNKNOWN = gettext_lazy("Not known")


@dataclass(frozen=True)
class Bar:
    """A value: how many members have it, and the shares of members and of all customers.

    The widths are in percent; what is None is too small a number to be told.
    """

    label: str
    members: str
    share: str
    of_everybody: str
    width: int
    width_of_everybody: int


@dataclass(frozen=True)
class Fact:
    title: str
    bars: Sequence[Bar]


def counted(segment: Segment, at: datetime, _choice: str) -> MakeUp:
    return make_up(segment, at=at)


def facts(segment: Segment, found: MakeUp) -> dict[str, Any]:
    known = traits()
    return {
        "members": found.members,
        "everybody": whole(found.everybody),
        "is_too_small": 0 < found.members < SMALLEST_TOLD,
        "smallest": SMALLEST_TOLD,
        # Nobody at all is known: the flat profiles have not been written yet.
        "is_not_ready": not found.everybody and segment.member_count > 0,
        "facts": [
            Fact(str(known[code].label), _bars(code, cells, found))
            for code, cells in found.facts.items()
            if code != "customers.spend" or found.cuts
        ],
    }


def _bars(code: str, cells: Sequence[Cell], found: MakeUp) -> list[Bar]:
    sorted_cells = sorted(cells, key=lambda cell: _place(code, cell))
    shown = _folded(sorted_cells, most=len(cells) if code in WHOLE else MOST_VALUES)
    # Where one is told only roughly, an exact one beside it would give it away.
    exactly = all(cell.members == 0 or cell.members >= SMALLEST_TOLD for _it, cell in shown)
    return [
        _bar(_label(code, found, cell.value) if is_one else _("Others"), cell, found, exactly)
        for is_one, cell in shown
        if cell.members or cell.everybody >= SMALLEST_TOLD
    ]


def _folded(cells: Sequence[Cell], *, most: int) -> list[tuple[bool, Cell]]:
    """Keep the first values, and those without any; the rest becomes one cell, the False one."""
    values, ends = [it for it in cells if it.value], [it for it in cells if not it.value]
    # One that stands alone needs no other name.
    kept, rest = (values, []) if len(values) == most + 1 else (values[:most], values[most:])
    others = [(False, _sum(rest))] if rest else []
    return [*((True, it) for it in kept), *others, *((True, it) for it in ends)]


def _sum(cells: Iterable[Cell]) -> Cell:
    together = [(cell.members, cell.everybody) for cell in cells]
    members, everybody = (sum(numbers) for numbers in zip(*together, strict=True))
    return Cell(None, members, everybody)


def _place(code: str, cell: Cell) -> tuple[Any, ...]:
    """Put bands and groups in their order, all else by size; no value and not told come last."""
    if not cell.value:
        return (1, cell.value is None)
    if code == "customers.rfm_group":
        return (0, list(RfmGroup).index(RfmGroup(cell.value)))
    if code in ("customers.age", "customers.spend"):
        return (0, int(cell.value))
    return (0, -cell.members, -cell.everybody, cell.value)


def _label(code: str, found: MakeUp, value: str | None) -> str:
    if value is None:
        return _("Not told: has not allowed it")
    if value == NO_VALUE:
        return str(NONE.get(code, UNKNOWN))
    match code:
        case "customers.rfm_group":
            return str(RfmGroup(value).label)
        case "customers.age":
            return _age(int(value))
        case "customers.spend":
            return _band([money(cut) for cut in found.cuts], int(value))
    return value


def _age(band: int) -> str:
    if band == len(AGES):
        return _("%(age)s and older") % {"age": AGES[-1]}
    if band == 0:
        return _("Under %(age)s") % {"age": AGES[0]}
    return _("%(low)s to %(high)s") % {"low": AGES[band - 1], "high": AGES[band] - 1}


def _band(cuts: Sequence[str], band: int) -> str:
    if band == 0:
        return _("Less than %(amount)s") % {"amount": cuts[0]}
    if band == len(cuts):
        return _("%(amount)s and more") % {"amount": cuts[-1]}
    return _("%(low)s to %(high)s") % {"low": cuts[band - 1], "high": cuts[band]}


def _bar(label: str, cell: Cell, found: MakeUp, exactly: bool) -> Bar:
    members = cell.members if exactly else rounded(cell.members)
    share = members / max(found.members, 1)
    others = rounded(cell.everybody) / max(found.everybody, 1)
    is_small = 0 < cell.members < SMALLEST_TOLD
    return Bar(
        label=label,
        members=_told(cell.members, exactly),
        share="" if is_small else percent(min(share, 1)),
        of_everybody=percent(min(others, 1)),
        width=round(100 * min(share, 1)),
        width_of_everybody=round(100 * min(others, 1)),
    )


def _told(people: int, exactly: bool) -> str:
    return whole(people) if exactly else roughly(people)
