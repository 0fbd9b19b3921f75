"""What operators are compared with, from JSON to checked and typed values."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Protocol, cast

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from segments.enums import Operator, Shape, TraitType
from segments.rules.language import Around, Period, Scalar, Value
from segments.rules.refusals import BadRule, legible
from segments.rules.traits import SHAPES

MOST_VALUES = 500
LONGEST_TEXT = 200
MOST_DAYS = 36_525
MOST_MONTHS = 1_200
MOST_TIMES = 10_000
FARTHEST = 20_000
LARGEST_NUMBER = Decimal(10) ** 12
# Python reads 1e-999999, 1_000 and " 5" as well; the database fails at the first of them.
NUMBER = re.compile("-?[0-9]{1,13}([.][0-9]{1,10})?")
OLDEST_YEAR, LAST_YEAR = 1900, 2200
MOST_DAYS_AHEAD = 366
OLDEST_AGE = 150
# Python reads weeks (2026-W05-1) as well, which nobody means.
DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Asked(Protocol):
    """What a value is told for: a trait, or a detail of its rows."""

    @property
    def type(self) -> TraitType: ...
    @property
    def choices(self) -> Callable[[], Sequence[tuple[str, str | Promise]]] | None: ...
    @property
    def is_whole(self) -> bool: ...


@dataclass(frozen=True)
class Wanted:
    """What each value must be beside its type: one of these codes, or a whole number."""

    codes: frozenset[str]
    is_whole: bool


def read_value(json: object, asked: Asked, operator: Operator, *, pointer: str) -> Value:
    """Return the value as the operator's shape says. Raises BadRule."""
    match SHAPES[operator]:
        case Shape.NOTHING:
            if json is not None:
                raise BadRule(_("This comparison takes no value."), pointer=pointer)
            return None
        case Shape.PERIOD:
            return read_period(json, pointer=pointer)
        case Shape.DAYS:
            # "In the next 0 days" is today.
            return whole(json, 0, MOST_DAYS_AHEAD, pointer=pointer)
        case Shape.MONTH:
            return whole(json, 1, 12, pointer=pointer)
        case Shape.DAY_OF_YEAR:
            return _day_of_year(json, pointer=pointer)
        case Shape.AROUND:
            return _around(json, pointer=pointer)
        case Shape.SEVERAL:
            return _several(json, _reader(asked), pointer=pointer)
        case Shape.PAIR:
            return _pair(json, _reader(asked), pointer=pointer)
    if (asked.type, operator) == (TraitType.TIMES, Operator.AT_LEAST):
        return whole(json, 1, MOST_TIMES, pointer=pointer)
    return _reader(asked)(json, pointer)


def _reader(asked: Asked) -> Callable[[object, str], Scalar]:
    """Return what reads a value; the codes to choose from are asked for once."""
    codes = frozenset(code for code, _label in asked.choices()) if asked.choices else frozenset()
    read, wanted = READERS[asked.type], Wanted(codes, asked.is_whole)
    return lambda json, pointer: read(json, wanted, pointer)


def read_period(json: object, *, pointer: str) -> Period:
    """Read ``90`` or ``{"days": 90}`` as days, and ``{"months": 3}``."""
    if not isinstance(json, dict):
        return Period(days=whole(json, 1, MOST_DAYS, pointer=pointer))
    if set(json) == {"days"}:
        return Period(days=whole(json["days"], 1, MOST_DAYS, pointer=f"{pointer}/days"))
    if set(json) == {"months"}:
        return Period(months=whole(json["months"], 1, MOST_MONTHS, pointer=f"{pointer}/months"))
    raise BadRule(_("Say the period as a number of days or of months."), pointer=pointer)


def read_day(json: object, *, pointer: str) -> date:
    day = _day(json)
    if day is None or not OLDEST_YEAR <= day.year <= LAST_YEAR:
        raise BadRule(_("Enter a date as year-month-day."), pointer=pointer)
    return day


def _day(json: object) -> date | None:
    if not isinstance(json, str) or not DAY.fullmatch(json):
        return None
    try:
        return date.fromisoformat(json)
    except ValueError:
        return None


def whole(json: object, least: int, most: int, *, pointer: str) -> int:
    if isinstance(json, bool) or not isinstance(json, int) or not least <= json <= most:
        raise BadRule(
            _("Enter a whole number from %(least)d to %(most)d.") % {"least": least, "most": most},
            pointer=pointer,
        )
    return json


def text(json: object, *, pointer: str) -> str:
    if not isinstance(json, str) or not json.strip():
        raise BadRule(_("Enter a value."), pointer=pointer)
    if len(json) > LONGEST_TEXT or "\x00" in json or legible(json) != json:
        raise BadRule(
            _("Enter at most %(most)d characters.") % {"most": LONGEST_TEXT}, pointer=pointer
        )
    return json.strip()


def _several(
    json: object, read: Callable[[object, str], Scalar], *, pointer: str
) -> tuple[Scalar, ...]:
    if not isinstance(json, list) or not json:
        raise BadRule(_("Choose at least one value."), pointer=pointer)
    if len(json) > MOST_VALUES:
        raise BadRule(
            _("Choose at most %(most)d values.") % {"most": MOST_VALUES}, pointer=pointer
        )
    return tuple(read(one, f"{pointer}/{index}") for index, one in enumerate(json))


def _pair(
    json: object, read: Callable[[object, str], Scalar], *, pointer: str
) -> tuple[Scalar, Scalar]:
    if not isinstance(json, list) or len(json) != 2:
        raise BadRule(_("Enter both ends, from and to."), pointer=pointer)
    first, last = (read(one, f"{pointer}/{index}") for index, one in enumerate(json))
    # Both were read as the same type.
    if cast(int, first) > cast(int, last):
        raise BadRule(_("The first value is above the second."), pointer=pointer)
    return first, last


def _day_of_year(json: object, *, pointer: str) -> str:
    """Read ``"02-29"``, month and day."""
    # A leap year knows them all.
    read = _day(f"2000-{json}")
    if read is None:
        raise BadRule(_("Enter a day as month-day, such as 12-24."), pointer=pointer)
    return f"{read:%m-%d}"


def _around(json: object, *, pointer: str) -> Around:
    """Read ``{"country": "PT", "city": "Porto", "km": 30}``."""
    if not isinstance(json, dict) or set(json) != {"country", "city", "km"}:
        raise BadRule(_("Name a country, a city and kilometres."), pointer=pointer)
    country = text(json["country"], pointer=f"{pointer}/country").upper()
    city = text(json["city"], pointer=f"{pointer}/city")
    around = Around(country, city, whole(json["km"], 1, FARTHEST, pointer=f"{pointer}/km"))
    if around.center is None:
        raise BadRule(
            _("We know no city of that name in that country, with 5,000 people or more."),
            pointer=f"{pointer}/city",
        )
    return around


def _choice(json: object, wanted: Wanted, pointer: str) -> str:
    if not isinstance(json, str) or json not in wanted.codes:
        raise BadRule(_("Choose one of the values offered."), pointer=pointer)
    return json


def _segment(json: object, wanted: Wanted, pointer: str) -> int:
    # A form tells numbers as text.
    if isinstance(json, bool) or str(json) not in wanted.codes:
        raise BadRule(_("Choose one of the segments."), pointer=pointer)
    return int(str(json))


def _number(json: object, wanted: Wanted, pointer: str) -> Decimal:
    if isinstance(json, int | float) and not isinstance(json, bool):
        # Written out: a float of many places says itself as 1e-07.
        json = f"{Decimal(repr(json)):f}"
    if not isinstance(json, str) or not NUMBER.fullmatch(json):
        raise BadRule(_("Enter a number."), pointer=pointer)
    number = Decimal(json)
    if abs(number) > LARGEST_NUMBER:
        raise BadRule(_("Enter a number."), pointer=pointer)
    if wanted.is_whole and number % 1:
        raise BadRule(_("Enter a whole number."), pointer=pointer)
    return number


def _share(json: object, wanted: Wanted, pointer: str) -> Decimal:
    number = _number(json, wanted, pointer)
    if not 0 <= number <= 100 or number != round(number, 2):
        raise BadRule(_("Enter a percentage from 0 to 100."), pointer=pointer)
    return number


def _yes_no(json: object, wanted: Wanted, pointer: str) -> Any:
    raise BadRule(_("This comparison takes no value."), pointer=pointer)


READERS: dict[TraitType, Callable[[object, Wanted, str], Scalar]] = {
    TraitType.TEXT: lambda json, wanted, pointer: text(json, pointer=pointer),
    TraitType.CHOICE: _choice,
    TraitType.NUMBER: _number,
    TraitType.MONEY: _number,
    TraitType.AGE: lambda json, wanted, pointer: whole(json, 0, OLDEST_AGE, pointer=pointer),
    TraitType.MOMENT: lambda json, wanted, pointer: read_day(json, pointer=pointer),
    TraitType.DAY: lambda json, wanted, pointer: read_day(json, pointer=pointer),
    TraitType.YES_NO: _yes_no,
    TraitType.LIST: lambda json, wanted, pointer: text(json, pointer=pointer),
    TraitType.TIMES: lambda json, wanted, pointer: whole(json, 0, MOST_TIMES, pointer=pointer),
    TraitType.SEGMENT: _segment,
    TraitType.SHARE: _share,
}
