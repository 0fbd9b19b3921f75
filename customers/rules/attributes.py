"""What the shop itself wants to know of people: its own facts, their values read and shown.

A value has one form in ``Customer.attributes``, whichever door it came through: texts and choices
are strings, yes and no are booleans, numbers and amounts of money are numbers, a day is
``2026-12-31``, a moment is ``2026-12-31T23:59:00+00:00`` (to the second, in UTC), a list is an
array of strings. What is not known is not there.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from django.utils.formats import date_format, get_format, number_format
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from common.spreadsheets import as_meant
from common.templatetags.clientela import money
from customers.enums import AttributeType, Category
from customers.rules.cells import (
    EARLIEST,
    REMEMBERED_DAYS,
    ColumnReader,
    Unreadable,
    read_date,
    read_moment,
    read_number,
)
from customers.rules.files import plain

Value: TypeAlias = str | bool | int | float | list[str]

LONGEST_TEXT = 1_000
LONGEST_WORD = 64
MOST_WORDS = 50
# Parts the words of a list, in a cell as in a form; a form may also write one a line.
WORD_MARK = "|"
# Words of choices have none of these: what a file says must not need another way of quoting than
# the cell that it stands in.
FORBIDDEN_IN_WORDS = frozenset('"\\|')
YES = frozenset({"true", "yes", "y", "sim", "s", "1", "verdadeiro"})
NO = frozenset({"false", "no", "n", "nao", "0", "falso"})
# Together fifteen digits: as many as pass through JSON's numbers unharmed.
DIGITS = 12
PLACES = {AttributeType.NUMBER: 3, AttributeType.MONEY: 2}

# What is kept of a value need not change when the first becomes the second.
COMPATIBLE = frozenset(
    {
        (AttributeType.CHOICE, AttributeType.TEXT),
        (AttributeType.MONEY, AttributeType.NUMBER),
    }
)


@dataclass(frozen=True)
class Attribute:
    """A fact about customers that the shop declared; ``choices`` are the only words there are.

    A choice always has some; a list without takes any words.
    """

    code: str
    label: str | Promise
    type: AttributeType
    category: Category
    choices: tuple[str, ...] = ()


def read_text(attribute: Attribute, text: str, *, zone: ZoneInfo) -> Value | None:
    """Read what a person wrote in a form or a file, in either notation; None for nothing.

    A moment without an offset is in ``zone``. Raises Unreadable.
    """
    text = text.strip()
    return READERS[attribute.type](attribute, text, zone) if text else None


def read_json(attribute: Attribute, value: object, *, zone: ZoneInfo) -> Value | None:
    """Read what a program told; None and the empty text are nothing. Raises Unreadable."""
    match attribute.type, value:
        case _, None | "":
            return None
        case AttributeType.BOOLEAN, bool():
            return value
        case AttributeType.LIST, list() if all(isinstance(word, str) for word in value):
            return _words(attribute, value) or None
        case ((AttributeType.BOOLEAN | AttributeType.LIST), _):
            raise Unreadable(NOT_OF_TYPE[attribute.type])
        case ((AttributeType.NUMBER | AttributeType.MONEY), (int() | float())) if not isinstance(
            value, bool
        ):
            return read_text(attribute, f"{Decimal(str(value)):f}", zone=zone)
        case _, str():
            return read_text(attribute, value, zone=zone)
    raise Unreadable(NOT_OF_TYPE[attribute.type])


NOT_OF_TYPE = {
    AttributeType.TEXT: "not_a_text",
    AttributeType.NUMBER: "not_number",
    AttributeType.MONEY: "not_number",
    AttributeType.DATE: "not_date",
    AttributeType.MOMENT: "not_moment",
    AttributeType.BOOLEAN: "not_yes_or_no",
    AttributeType.CHOICE: "not_a_text",
    AttributeType.LIST: "not_a_list",
}


def _text(attribute: Attribute, text: str, zone: ZoneInfo) -> str:
    if len(text) > LONGEST_TEXT:
        raise Unreadable("too_long")
    if "\0" in text:
        raise Unreadable("not_text")
    return text


def _number(attribute: Attribute, text: str, zone: ZoneInfo) -> int | float:
    number = Decimal(
        read_number(text, places=PLACES[attribute.type], digits=DIGITS, below_zero=True)
    )
    return int(number) if number == int(number) else float(number)


def _date(attribute: Attribute, text: str, zone: ZoneInfo) -> str:
    return read_date(text)


def _moment(attribute: Attribute, text: str, zone: ZoneInfo) -> str:
    moment = datetime.fromisoformat(read_moment(text, zone=zone))
    try:
        return moment.astimezone(UTC).replace(microsecond=0).isoformat()
    except OverflowError:
        raise Unreadable("not_moment") from None


def _boolean(attribute: Attribute, text: str, zone: ZoneInfo) -> bool:
    said = plain(text)
    if said not in YES | NO:
        raise Unreadable("not_yes_or_no")
    return said in YES


def _choice(attribute: Attribute, text: str, zone: ZoneInfo) -> str:
    known = {_compared(word): word for word in attribute.choices}
    try:
        return known[_compared(text)]
    except KeyError:
        raise Unreadable("not_one_of", expected=", ".join(attribute.choices)) from None


def _list(attribute: Attribute, text: str, zone: ZoneInfo) -> list[str] | None:
    return _words(attribute, text.replace("\n", WORD_MARK).split(WORD_MARK)) or None


def _words(attribute: Attribute, told: Sequence[str]) -> list[str]:
    """Return the words in the order in which they were told, each once."""
    words = [" ".join(word.split()) for word in told]
    kept = list(dict.fromkeys(_word(attribute, word) for word in words if word))
    if len(kept) > MOST_WORDS:
        raise Unreadable("too_many", expected=str(MOST_WORDS))
    return kept


def _word(attribute: Attribute, word: str) -> str:
    if attribute.choices:
        return _choice(attribute, word, ZoneInfo("UTC"))
    if len(word) > LONGEST_WORD:
        raise Unreadable("too_long")
    if WORD_MARK in word or "\0" in word:
        raise Unreadable("not_text")
    return word


def _compared(word: str) -> str:
    return plain(word) or word.casefold()


def is_word(text: str) -> bool:
    """Say whether the text can be one of an attribute's choices."""
    return (
        bool(text)
        and len(text) <= LONGEST_WORD
        and text.isprintable()
        and not (FORBIDDEN_IN_WORDS & set(text))
    )


def alike(words: Sequence[str]) -> str | None:
    """Return a word that a reader would take for one before it, or None."""
    seen: set[str] = set()
    for word in words:
        if _compared(word) in seen:
            return word
        seen.add(_compared(word))
    return None


READERS: Mapping[AttributeType, Callable[[Attribute, str, ZoneInfo], Value | None]] = {
    AttributeType.TEXT: _text,
    AttributeType.NUMBER: _number,
    AttributeType.MONEY: _number,
    AttributeType.DATE: _date,
    AttributeType.MOMENT: _moment,
    AttributeType.BOOLEAN: _boolean,
    AttributeType.CHOICE: _choice,
    AttributeType.LIST: _list,
}


def with_told(known: Mapping[str, Value], told: Mapping[str, Value | None]) -> dict[str, Value]:
    """Return the values after something was told: None takes a value away, the rest stays."""
    return {code: value for code, value in {**known, **told}.items() if value is not None}


def shown(attribute: Attribute, value: Any) -> str:
    """Write a kept value for people, in the active language."""
    match attribute.type:
        case AttributeType.NUMBER:
            return str(number_format(value, force_grouping=True))
        case AttributeType.MONEY:
            return money(value)
        case AttributeType.DATE:
            return date_format(date.fromisoformat(value), "SHORT_DATE_FORMAT")
        case AttributeType.MOMENT:
            return date_format(localtime(datetime.fromisoformat(value)), "SHORT_DATETIME_FORMAT")
        case AttributeType.BOOLEAN:
            return _("Yes") if value else _("No")
        case AttributeType.LIST:
            return ", ".join(value)
    return str(value)


def as_text(attribute: Attribute, value: Any, *, zone: ZoneInfo) -> str:
    """Write a kept value as ``read_text`` reads it back, in the active language's notation."""
    match attribute.type:
        case AttributeType.NUMBER | AttributeType.MONEY:
            return f"{Decimal(str(value)):f}".replace(".", str(get_format("DECIMAL_SEPARATOR")))
        case AttributeType.DATE:
            return date.fromisoformat(value).strftime(_first_format("DATE_INPUT_FORMATS"))
        case AttributeType.MOMENT:
            return _moment_as_text(datetime.fromisoformat(value).astimezone(zone))
        case AttributeType.BOOLEAN:
            return "true" if value else "false"
        case AttributeType.LIST:
            return "\n".join(value)
    return str(value)


def _moment_as_text(moment: datetime) -> str:
    # Of an hour that the clocks showed twice, only the offset says which is meant.
    is_ambiguous = moment.utcoffset() != moment.replace(fold=1 - moment.fold).utcoffset()
    if is_ambiguous or moment.year < EARLIEST:
        return moment.astimezone(UTC).isoformat(" ")
    day = moment.strftime(_first_format("DATE_INPUT_FORMATS"))
    return f"{day} {moment:%H:%M:%S}".removesuffix(":00")


def _first_format(name: str) -> str:
    return str(get_format(name)[0])


def fragment_reader(attribute: Attribute, *, zone: ZoneInfo) -> ColumnReader:
    """Return what turns the cells of a file's column into pieces of a JSON object.

    A piece is ``"shoe_size":38``, or '' where nothing is said.
    """
    name = f"{json.dumps(attribute.code)}:"

    def piece_of(cell: str) -> str:
        value = read_text(attribute, as_meant(cell.strip()), zone=zone)
        return "" if value is None else name + json.dumps(value, ensure_ascii=False)

    if attribute.type == AttributeType.TEXT:
        # Texts mostly do not come again, and remembering long ones would take memory.
        return ColumnReader(None, LONGEST_TEXT, piece_of)
    return ColumnReader(None, LONGEST_TEXT, lru_cache(REMEMBERED_DAYS)(piece_of))


def free_fragment_reader(name: str) -> ColumnReader:
    """Return what turns cells into pieces of a JSON object, whatever texts they hold."""
    name = f"{json.dumps(name)}:"

    def piece_of(cell: str) -> str:
        text = cell.strip()
        return name + json.dumps(text, ensure_ascii=False) if text else ""

    return ColumnReader(None, LONGEST_TEXT, piece_of)


def guessed_type(samples: Sequence[str], *, zone: ZoneInfo) -> AttributeType:
    """Return the narrowest type that all of a column's sample cells can be read as."""
    said = [text for text in samples if text.strip()]
    for type_ in GUESSES:
        attribute = Attribute("guess", "", type_, Category.DEMOGRAPHIC)
        if said and all(_is_readable(attribute, text, zone=zone) for text in said):
            return type_
    return AttributeType.TEXT


# The narrowest first; 0 and 1 are numbers before they are no and yes.
GUESSES = (AttributeType.NUMBER, AttributeType.BOOLEAN, AttributeType.DATE, AttributeType.MOMENT)


def _is_readable(attribute: Attribute, text: str, *, zone: ZoneInfo) -> bool:
    # A day with a time is read as a day as well, and so would lose the time.
    if attribute.type == AttributeType.DATE and ":" in text:
        return False
    # Postal codes and the like are no numbers: their zeros count.
    if attribute.type == AttributeType.NUMBER and re.match(r"\s*0\d", text):
        return False
    try:
        read_text(attribute, text, zone=zone)
    except Unreadable:
        return False
    return True
