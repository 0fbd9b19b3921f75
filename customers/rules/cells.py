"""What the cells of a file say: text in, and text out that PostgreSQL reads without a doubt."""

import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from zoneinfo import ZoneInfo

from common.spreadsheets import as_meant
from customers.enums import CellType
from customers.rules import normal_email, normal_phone
from customers.rules.files import Column, plain

# Reads a cell; None is an empty one.
Reader = Callable[[str], str | None]

PLAUSIBLE_EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>.]+")
# 31/12/2026, perhaps with a time; read before ISO 8601, which begins with the year.
DAY_FIRST = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?:[ T](\d{1,2}):(\d\d)(?::(\d\d))?)?")
EARLIEST = 1900
# More different cells of a column than these are read again rather than remembered.
REMEMBERED = 4096


class Unreadable(Exception):
    """A cell does not say what its column is for; the reason is a key of ``REASONS``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def reader(column: Column, *, zone: ZoneInfo, country: str) -> Reader:
    """Return what reads this column's cells.

    A moment without an offset is in ``zone``, a phone number without a prefix in ``country``.
    """
    readers: dict[CellType, Reader] = {
        CellType.EMAIL: read_email,
        CellType.PHONE: lambda cell: read_phone(cell, country=country),
        CellType.DATE: read_date,
        CellType.MOMENT: lambda cell: read_moment(cell, zone=zone),
        CellType.MONEY: lambda cell: read_number(cell, places=2, digits=12),
        CellType.NUMBER: lambda cell: read_number(cell, places=3, digits=9),
        CellType.CHOICE: lambda cell: _choice(column, cell),
        CellType.WORDS: read_words,
    }
    longest, read = column.longest, readers.get(column.type)

    def text_of(cell: str) -> str | None:
        text = as_meant(cell.strip())
        if len(text) > longest:
            raise Unreadable("too_long")
        return text or None

    def value_of(cell: str) -> str | None:
        text = text_of(cell)
        return read(text) if text and read else text

    # Numbers, days and words come again and again; texts mostly do not.
    return lru_cache(REMEMBERED)(value_of) if read else text_of


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


def read_number(text: str, *, places: int, digits: int) -> str:
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
    if number < 0:
        raise Unreadable("negative")
    if number >= 10**digits:
        raise Unreadable("too_large")
    if number != round(number, places):
        raise Unreadable("too_precise")
    return str(number)


def read_words(text: str) -> str:
    """Read words parted by ``|`` into an array as PostgreSQL writes it."""
    words = [word.strip().replace("\\", "\\\\").replace('"', '\\"') for word in text.split("|")]
    return "{" + ",".join(f'"{word}"' for word in words if word) + "}"


def _choice(column: Column, text: str) -> str:
    try:
        return column.choices[plain(text)]
    except KeyError:
        raise Unreadable("not_choice") from None
