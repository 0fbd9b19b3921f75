"""The shop's files read by plain Python: what must come of them, known without our program."""

import csv
from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from pathlib import Path

from django.utils.timezone import localdate

from config.demo.files import Files, write_files
from config.demo.slice import HOUSEHOLDS

Row = dict[str, str]


def write_book(folder: Path) -> "Book":
    """Write the year of a hundred households so that it ended yesterday."""
    yesterday = localdate() - timedelta(days=1)
    return Book(write_files(folder, last_day=yesterday, households=HOUSEHOLDS))


class Book:
    """Everybody by the shop's own number, with what they bought and chose."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self.people = {row["external_id"]: row for row in rows(files.customers)}
        # What people chose since, at the counter or by the shop's programs.
        self.chosen_since: dict[tuple[str, str], str] = {}

    @cached_property
    def lines(self) -> list[Row]:
        return [*rows(self.files.orders_history), *rows(self.files.orders_recent)]

    @cached_property
    def spend(self) -> dict[str, Decimal]:
        spend: defaultdict[str, Decimal] = defaultdict(Decimal)
        for line in self.lines:
            spend[line["customer"]] += Decimal(line["total"])
        return spend

    @cached_property
    def choices(self) -> dict[tuple[str, str], str]:
        """Return the last answer about marketing, by person and channel or kind of data."""
        asked = (row for row in rows(self.files.consents) if row["purpose"] == "marketing")
        told = sorted(asked, key=lambda row: row["occurred_at"])
        return {
            (row["external_id"], row["channel"] or row["category"]): row["kind"] for row in told
        }

    def answer(self, person: str, about: str) -> str:
        """Return the last answer, or nothing for somebody who was never asked."""
        since = self.chosen_since.get((person, about))
        return since or self.choices.get((person, about), "")

    def allows(self, person: str, about: str) -> bool:
        return self.answer(person, about) == "given"

    def bought(self, path: str) -> set[str]:
        """Return who bought something of this category or of one below it."""
        return {line["customer"] for line in self.lines if self._is_of(line["sku"], path)}

    def bought_since(self, day: date) -> set[str]:
        moments = ((line["customer"], line["ordered_at"]) for line in self.lines)
        return {person for person, at in moments if datetime.fromisoformat(at).date() >= day}

    def never_asked(self) -> list[str]:
        asked = {person for person, _about in self.choices}
        return [person for person in self.people if person not in asked]

    def some_sku(self, path: str) -> str:
        return next(sku for sku in self._categories if self._is_of(sku, path))

    @cached_property
    def _categories(self) -> dict[str, str]:
        return {row["sku"]: row["category"] for row in rows(self.files.products)}

    def _is_of(self, sku: str, path: str) -> bool:
        return f"{self._categories[sku]} > ".startswith(f"{path} > ")


def rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
