"""What the cells of a file say: text in, and text out that PostgreSQL reads without a doubt."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache, partial
from zoneinfo import ZoneInfo

from common.spreadsheets import as_meant
from customers.enums import CellType
from customers.rules import PLAIN_MOBILE, normal_email, normal_phone
from customers.rules.files import REASONS, Column, Secret, plain
from customers.rules.tags import LONGEST, MOST, normal_tag
from customers.rules.tax_ids import normal_tax_id, with_lost_zeros

# Reads a cell; '' is an empty one.
Reader = Callable[[str], str]

PLAUSIBLE_EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>.]+")
# 31/12/2026, perhaps with a time; read before ISO 8601, which begins with the year.
DAY_FIRST = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?:[ T](\d{1,2}):(\d\d)(?::(\d\d))?)?")
EARLIEST = 1900
# As long as a customer's interests are kept.
LONGEST_WORD = 64
# More different cells of a column than these are read again rather than remembered.
REMEMBERED = 4096
# A century has as many days.
REMEMBERED_DAYS = 40_000

# Cells that say plainly what they say, after spaces are off and letters are small: reading them
# one by one would give the same (a test compares the two) and take ten times as long, which tells
# with a million.
PLAIN_CELLS = {
    CellType.EMAIL: re.compile(r"(?!')[a-z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+"),
    CellType.PHONE: PLAIN_MOBILE,
    CellType.MONEY: re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,2})?"),
    CellType.NUMBER: re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,3})?"),
    CellType.WHOLE: re.compile(r"[0-9]{1,9}"),
}


class Unreadable(Exception):
    """A cell does not say what its column is for; the reason is a key of ``REASONS``.

    ``expected`` is what the reason's sentence names, such as the words there are.
    """

    def __init__(self, reason: str, *, expected: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.expected = expected

    @property
    def sentence(self) -> str:
        return str(REASONS[self.reason]) % {"value": "", "expected": self.expected}


def reader(
    column: Column, *, zone: ZoneInfo, country: str, latest: datetime | None = None
) -> Reader:
    """Return what reads this column's cells.

    A moment without an offset is in ``zone``, a phone number without a prefix in ``country``.
    What must be past is refused after ``latest``.
    """
    readers: dict[CellType, Reader] = {
        CellType.EMAIL: read_email,
        CellType.PHONE: lambda cell: read_phone(cell, country=country),
        CellType.TAX_ID: read_tax_id,
        CellType.DATE: read_date,
        CellType.MOMENT: lambda cell: read_moment(cell, zone=zone),
        CellType.MONEY: lambda cell: read_number(cell, places=2, digits=12),
        CellType.NUMBER: lambda cell: read_number(cell, places=3, digits=9),
        CellType.WHOLE: read_whole,
        CellType.CHOICE: lambda cell: _choice(column, cell),
        CellType.WORDS: read_words,
        CellType.TAGS: read_tags,
    }
    longest, read = column.longest, readers.get(column.type)
    if column.secret:
        read = partial(read_secret, secret=column.secret)
    if read and column.past and latest:
        read = _until(latest, read)
    if read and column.kept_now:
        read = _kept(column.kept_now(), read)

    def text_of(cell: str) -> str:
        text = as_meant(cell.strip())
        if len(text) > longest:
            raise Unreadable("too_long")
        return text

    def value_of(cell: str) -> str:
        text = text_of(cell)
        return read(text) if text and read else text

    # Numbers, days and words come again and again; texts mostly do not.
    remembered = REMEMBERED_DAYS if column.type == CellType.DATE else REMEMBERED
    return lru_cache(remembered)(value_of) if read else text_of


@dataclass(frozen=True)
class ColumnReader:
    """Reads many cells of one column at a glance, and one by one those that need a closer look.

    Without a ``type`` there is no glance: each cell is read, and an empty one gives ''.
    """

    type: CellType | None
    longest: int
    read: Reader

    def __call__(self, cells: Sequence[str]) -> tuple[list[str], list[int]]:
        """Return the values, and the places of the unreadable, whose values mean nothing."""
        texts = list(map(str.strip, cells))
        doubtful = self._doubtful(texts, cells)
        unreadable = []
        for place in doubtful:
            try:
                texts[place] = self.read(cells[place])
            except Unreadable:
                unreadable.append(place)
        return texts, unreadable

    def _doubtful(self, texts: list[str], cells: Sequence[str]) -> Sequence[int]:
        """Return the places to look at closely; the others' values are in place."""
        if self.type == CellType.TEXT:
            if max(map(len, texts)) > self.longest:
                return range(len(texts))
            return [place for place, text in enumerate(texts) if text[:1] == "'"]
        plain_cell = PLAIN_CELLS.get(self.type) if self.type else None
        if plain_cell is None:
            return self._remembered(texts, cells)
        if self.type == CellType.EMAIL:
            texts[:] = map(str.lower, texts)
        fits, longest = plain_cell.fullmatch, self.longest
        return [
            place
            for place, text in enumerate(texts)
            if text and (not fits(text) or len(text) > longest)
        ]

    def _remembered(self, texts: list[str], cells: Sequence[str]) -> Sequence[int]:
        try:
            texts[:] = map(self.read, cells)
        except Unreadable:
            return range(len(cells))
        return ()


def column_reader(
    column: Column, *, zone: ZoneInfo, country: str, latest: datetime | None = None
) -> ColumnReader:
    read = reader(column, zone=zone, country=country, latest=latest)
    return ColumnReader(None if column.secret else column.type, column.longest, read)


def _until(latest: datetime, read: Reader) -> Reader:
    """Refuse what is read as a day or moment after ``latest``."""

    def read_past(text: str) -> str:
        value = read(text)
        moment = datetime.fromisoformat(value)
        if (moment if moment.tzinfo else moment.replace(tzinfo=latest.tzinfo)) > latest:
            raise Unreadable("in_future")
        return value

    return read_past


def _kept(kept: Callable[[str], str], read: Reader) -> Reader:
    return lambda text: kept(read(text))


def read_email(text: str) -> str:
    address = normal_email(text)
    if not PLAUSIBLE_EMAIL.fullmatch(address):
        raise Unreadable("not_email")
    return address


def read_phone(text: str, *, country: str) -> str:
    number = normal_phone(text, country=country)
    if not number:
        raise Unreadable("not_phone")
    return number


def read_tax_id(text: str) -> str:
    number = normal_tax_id(with_lost_zeros(text))
    if not number:
        raise Unreadable("not_tax_id")
    return number


def read_date(text: str) -> str:
    """Read ``2026-12-31`` or ``31/12/2026``."""
    return _moment(text, reason="not_date").date().isoformat()


def read_moment(text: str, *, zone: ZoneInfo) -> str:
    """Read ISO 8601 or ``31/12/2026 23:59``; a day alone is its first moment."""
    moment = _moment(text, reason="not_moment")
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).isoformat()


def _moment(text: str, *, reason: str) -> datetime:
    try:
        if found := DAY_FIRST.fullmatch(text):
            day, month, year, hour, minute, second = (int(part or 0) for part in found.groups())
            moment = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 -- no zone yet
        else:
            moment = datetime.fromisoformat(text)
    except ValueError:
        raise Unreadable(reason) from None
    if moment.year < EARLIEST:
        raise Unreadable(reason)
    return moment


def read_number(text: str, *, places: int, digits: int, below_zero: bool = False) -> str:
    """Read ``1234.5``, ``1234,5``, ``1.234,50`` or ``1,234.50``.

    Where both marks stand, the last one is the decimal mark; a mark that stands alone is decimal.
    Takes at most ``places`` digits behind it and ``digits`` before.
    """
    point, comma = text.rfind("."), text.rfind(",")
    plain_text = text
    if comma > point:
        plain_text = text.replace(".", "").replace(",", ".")
    elif comma >= 0:
        plain_text = text.replace(",", "")
    try:
        number = Decimal(plain_text) if plain_text.isascii() else None
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite() or set(plain_text) - set("0123456789.+-"):
        raise Unreadable("not_number")
    if number < 0 and not below_zero:
        raise Unreadable("negative")
    if abs(number) >= 10**digits:
        raise Unreadable("too_large")
    if number != round(number, places):
        raise Unreadable("too_precise")
    return str(number)


def read_secret(text: str, *, secret: Secret) -> str:
    if len(secret.normal(text)) < secret.shortest:
        raise Unreadable("too_short")
    return text


# 1.500 says one and a half in one country and fifteen hundred in another.
THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}(?:[.,][0-9]{3})+")


def read_whole(text: str) -> str:
    """Read ``1500`` or ``1500,00``: below a thousand million, and no fraction."""
    if THOUSANDS.fullmatch(text):
        raise Unreadable("thousands")
    number = Decimal(read_number(text, places=3, digits=9))
    if number != int(number):
        raise Unreadable("not_whole_number")
    return str(int(number))


def read_words(text: str) -> str:
    """Read words parted by ``|`` into an array as PostgreSQL writes it."""
    words = [word for part in text.split("|") if (word := part.strip())]
    if any(len(word) > LONGEST_WORD for word in words):
        raise Unreadable("too_long")
    return _array(words)


def read_tags(text: str) -> str:
    """Read tags parted by ``|`` into an array as PostgreSQL writes it."""
    tags = sorted({tag for part in text.split("|") if (tag := normal_tag(part))})
    if len(tags) > MOST or any(len(tag) > LONGEST for tag in tags):
        raise Unreadable("too_long")
    return _array(tags)


def _array(words: list[str]) -> str:
    quoted = (word.replace("\\", "\\\\").replace('"', '\\"') for word in words)
    return "{" + ",".join(f'"{word}"' for word in quoted) + "}"


def _choice(column: Column, text: str) -> str:
    try:
        return column.choices[plain(text)]
    except KeyError:
        raise Unreadable("not_choice") from None
