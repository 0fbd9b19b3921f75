"""What each rule means of each person, told a second time in Python.

The oracle knows nothing of the compiler: it keeps three values, yes, no and None for "we may not
look", and combines them as Kleene does.
"""

import calendar
import hashlib
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from segments.compiler import Funnel
from segments.queries import traits
from tests.segments.worlds import MISFITS, SEGMENTS, SHOP, TYPES, Person

CATEGORY_OF = {
    "customers.city": "demographic",
    "customers.gender": "demographic",
    "customers.age": "demographic",
    "customers.birthday": "demographic",
    "customers.interests": "demographic",
    "consent.email": "identity",
    "segments.member": "identity",
    "segments.share": "identity",
    "customers.cases": "contact",
    "customers.registered": "identity",
    **dict.fromkeys((f"attribute.{code}" for code in TYPES), "demographic"),
    "attribute.tier": "inferred",
}


FROM_ROWS = {"customers.orders", "customers.bought", "customers.spend", "customers.cases"}


@dataclass(frozen=True)
class Oracle:
    needs_opt_in: bool
    at: datetime
    today: date = field(init=False)

    def __post_init__(self):
        object.__setattr__(self, "today", self.at.astimezone(SHOP).date())

    def admits(self, json, person: Person) -> bool:
        return not person.erased and self.answer(json, person) is True

    def funnel(self, json, people) -> Funnel:
        present = [person for person in people if not person.erased]
        open_to_all = replace(self, needs_opt_in=False)
        meant = {
            pointer: sum(
                open_to_all.answer(part, replace(who, permission={})) is True for who in present
            )
            for pointer, part in parts_of(json)
        }
        total = sum(self.admits(json, person) for person in present)
        return Funnel(
            total=total,
            everybody=sum(self.answer(json, person) is not None for person in present),
            held_back=next(iter(meant.values())) - total,
            counts={
                pointer: sum(self.admits(part, person) for person in present)
                for pointer, part in parts_of(json)
            },
            meant=meant,
            left={
                place_of(inner, f"{pointer}/{n}"): sum(
                    self.admits({"all": part["all"][: n + 1]}, person) for person in present
                )
                for pointer, part in parts_of(json)
                for n, inner in enumerate(part.get("all", ()))
                if n
            },
            missing={
                pointer: sum(
                    self.admits({"trait": part["trait"], "operator": "not_known"}, person)
                    for person in present
                )
                for pointer, part in parts_of(json)
                if "trait" in part and traits()[part["trait"]].may_be_missing
            },
        )

    def answer(self, json, person: Person) -> bool | None:
        if "trait" in json:
            return self.answer_of_leaf(json, person)
        ((combination, parts),) = json.items()
        answers = [self.answer(part, person) for part in parts]
        if combination == "all":
            return False if False in answers else None if None in answers else True
        found = True if True in answers else None if None in answers else False
        return found if combination == "any" or found is None else not found

    def answer_of_leaf(self, json, person: Person) -> bool | None:
        if not all(self.may_look(category, person) for category in categories_of(json)):
            return None
        if json["trait"] in FROM_ROWS and (json["trait"] != "customers.spend" or "window" in json):
            return self.answer_of_rows(json, person)
        value = self.value(json, person)
        missing = value is None or value in ("", ())
        if json["operator"] == "known":
            return not missing
        if json["operator"] == "not_known":
            return missing
        if missing and json["trait"] not in FROM_ROWS:
            return json.get("unknown", False)
        return self.compare(json, value, person)

    def may_look(self, category: str, person: Person) -> bool:
        answer = (person.permission or {}).get(category)
        return answer is True if self.needs_opt_in else answer is not False

    def value(self, json, person: Person):
        if json["trait"].startswith("attribute."):
            return self.value_of_attribute(json["trait"].removeprefix("attribute."), person)
        match json["trait"].partition(".")[2]:
            case "age" | "birthday":
                return person.birth_date
            case "email":
                return person.email
            case "last_order":
                return self.at - person.metrics[2] if person.metrics else None
            case "registered":
                return self.at - person.registered
            case "member":
                return tuple(SEGMENTS[place] for place in person.segments) or (0,)
            case "share":
                digest = hashlib.md5(f"share:{person.pk}".encode()).hexdigest()  # noqa: S324
                return Decimal(int(digest[:8], 16) % 10_000) / 100
            case "order_count":
                return Decimal(person.metrics[0] if person.metrics else 0)
            case "spend":
                return person.metrics[1] if person.metrics else Decimal(0)
            case "open_cart":
                return person.has_cart
            case name:
                return getattr(person, name)

    @staticmethod
    def value_of_attribute(code, person: Person):
        value = person.attributes.get(code)
        if value is None or (not isinstance(value, list | bool) and value in MISFITS):
            return None
        match TYPES[code]:
            case "number":
                return Decimal(str(value))
            case "date":
                return datetime.combine(date.fromisoformat(value), time.min, tzinfo=SHOP)
            case "moment":
                return datetime.fromisoformat(value)
            case "list":
                return tuple(value)
        return value

    def compare(self, json, value, person) -> bool:
        trait, operator, asked = json["trait"], json["operator"], json.get("value")
        if trait == "segments.share":
            return asked[0] <= value < asked[1]
        if trait == "customers.birthday":
            return self.compare_birthday(operator, asked, value, person)
        if isinstance(value, datetime):
            return self.compare_moment(operator, asked, value)
        if trait == "customers.age":
            value = Decimal(
                self.today.year
                - value.year
                - ((self.today.month, self.today.day) < (value.month, value.day))
            )
        match operator:
            case "is":
                return value == asked
            case "is_not":
                return value != asked
            case "one_of":
                return value in asked
            case "none_of":
                return value not in asked
            case "contains":
                return asked.lower() in value.lower()
            case "starts_with":
                return value.lower().startswith(asked.lower())
            case "ends_with":
                return value.lower().endswith(asked.lower())
            case "at_least":
                return value >= Decimal(str(asked))
            case "at_most":
                return value <= Decimal(str(asked))
            case "exactly":
                return value == Decimal(str(asked))
            case "between":
                first, last = (Decimal(str(one)) for one in asked)
                return first <= value <= last
            case "yes":
                return value
            case "no":
                return not value
            case "any_of" | "inside":
                return bool(set(value) & set(asked))
            case "all_of":
                return set(asked) <= set(value)
            case "without" | "outside":
                return not set(value) & set(asked)
        raise AssertionError(operator)

    def compare_moment(self, operator, asked, value) -> bool:
        day = value.astimezone(SHOP).date()
        match operator:
            case "in_last":
                return self.before(asked) <= value <= self.at
            case "longer_ago":
                return value < self.before(asked)
            case "days_ago":
                return day == self.before(asked).astimezone(SHOP).date()
            case "in_next":
                return self.today <= value.date() <= self.today + timedelta(days=asked)
            case "anniversary":
                coming = [self.today + timedelta(days=ahead) for ahead in range(asked + 1)]
                return day < self.today and any(celebrated(day, one) for one in coming)
            case "before":
                return day.isoformat() < asked
            case "since":
                return day.isoformat() >= asked
        return asked[0] <= day.isoformat() <= asked[1]

    def before(self, period) -> datetime:
        if isinstance(period, int):
            return self.at - timedelta(days=period)
        if "days" in period:
            return self.at - timedelta(days=period["days"])
        local = self.at.astimezone(SHOP)
        year, month = local.year, local.month
        for _step in range(period["months"]):
            year, month = (year, month - 1) if month > 1 else (year - 1, 12)
        day = min(local.day, calendar.monthrange(year, month)[1])
        return datetime.combine(date(year, month, day), local.time(), tzinfo=SHOP)

    def compare_birthday(self, operator, asked, born: date, person) -> bool:
        try:
            there = ZoneInfo(person.timezone) if person.timezone else SHOP
        except ZoneInfoNotFoundError:
            there = SHOP
        today = self.at.astimezone(there).date()
        match operator:
            case "this_month":
                return born.month == today.month
            case "in_month":
                return born.month == asked
            case "on_day":
                return f"{born:%m-%d}" == asked
            case "in_days":
                return celebrated(born, today + timedelta(days=asked))
        return any(celebrated(born, today + timedelta(days=ahead)) for ahead in range(asked + 1))

    # Rows

    def answer_of_rows(self, json, person) -> bool:
        since = json.get("window", {}).get("since")
        if since and not self.found(since, person):
            return False
        rows = self.found(json, person)
        if "measure" in json:
            return self.compare_measured(json, rows, person)
        if json["trait"] == "customers.spend":
            spend = sum((Decimal(row.amount) for row in rows), Decimal(0))
            return self.compare(json, spend, person)
        asked = json.get("value")
        have = (
            [any(within(row.category, one) for row in rows) for one in asked or []]
            if (json["trait"] == "customers.bought")
            else []
        )
        return {
            "did": lambda: len(rows) >= 1,
            "did_not": lambda: not rows,
            "at_least": lambda: len(rows) >= asked,
            "at_most": lambda: len(rows) <= asked,
            "exactly": lambda: len(rows) == asked,
            "any_of": lambda: any(have),
            "all_of": lambda: all(have),
            "without": lambda: not any(have),
        }[json["operator"]]()

    def compare_measured(self, json, rows, person) -> bool:
        ((measure, detail),) = json["measure"].items()
        # Of two at one instant the one that was written later is the later one.
        in_time = sorted(rows, key=lambda row: -row.age)
        if measure in ("first", "last"):
            if not in_time:
                return False
            value = getattr(in_time[0 if measure == "first" else -1], detail)
            if isinstance(value, str):
                return self.compare({**json, "trait": ""}, value, person)
        else:
            amounts = [Decimal(row.amount) for row in rows]
            if not amounts and measure != "sum":
                return False
            made: Any = {
                "sum": sum,
                "average": lambda them: sum(them) / len(them),
                "smallest": min,
                "largest": max,
            }[measure]
            value = made(amounts)
        return self.compare({**json, "trait": ""}, Decimal(value), person)

    def found(self, json, person) -> list:
        rows = person.cases if json["trait"] == "customers.cases" else person.orders
        return [
            row
            for row in rows
            if getattr(row, "placed", True)
            and row.age >= timedelta(0)
            and self.is_in_window(json.get("window"), row, person)
            and all(fits(row, name, told) for name, told in (json.get("where") or {}).items())
            and self.is_followed(json.get("then"), row, person)
        ]

    def is_in_window(self, window, row, person) -> bool:
        moment = self.at - row.age
        if window is None:
            return True
        if "since" in window:
            others = self.found(window["since"], person)
            return bool(others) and row.age < min(other.age for other in others)
        if "days_ago" in window:
            furthest, nearest = (timedelta(days=days) for days in window["days_ago"])
            return nearest < row.age <= furthest
        if "from" in window or "until" in window:
            day = moment.astimezone(SHOP).date().isoformat()
            return window.get("from", day) <= day <= window.get("until", day)
        return moment >= self.before(window)

    def is_followed(self, then, row, person) -> bool:
        if then is None:
            return True
        within = timedelta(days=then["within"])
        later = [
            other for other in self.found(then, person) if row.age - within <= other.age < row.age
        ]
        if then["operator"] == "did":
            return bool(later)
        return not later and row.age >= within


def categories_of(json) -> set[str]:
    along = [json.get("then"), (json.get("window") or {}).get("since")]
    told = {category for one in along if one for category in categories_of(one)}
    if json["trait"] == "segments.member":
        told |= {"demographic"}
    return told | {CATEGORY_OF.get(json["trait"], "purchase")}


def celebrated(born: date, day: date) -> bool:
    try:
        return born.replace(year=day.year) == day
    except ValueError:
        return day == date(day.year, 2, 28)


def fits(row, name, told) -> bool:
    operator, asked = (told["operator"], told["value"]) if isinstance(told, dict) else ("is", told)
    if name == "category":
        asked = asked if isinstance(asked, list) else [asked]
        return any(within(row.category, one) for one in asked) == (operator in ("is", "one_of"))
    value = getattr(row, name)
    match operator:
        case "is":
            return value == asked
        case "is_not":
            return value not in ("", asked)
        case "ends_with":
            return value.endswith(asked)
        case "at_least":
            return value >= asked
        case "at_most":
            return value <= asked
    return value == asked


def within(category: str, wanted: str) -> bool:
    return category == wanted or category.startswith(f"{wanted} > ")


def parts_of(json, pointer=""):
    """Return every part of a rule with its pointer."""
    if "trait" in json:
        yield pointer, json
        return
    ((combination, parts),) = json.items()
    yield f"{pointer}/{combination}", json
    for place, part in enumerate(parts):
        yield from parts_of(part, f"{pointer}/{combination}/{place}")


def place_of(part, pointer):
    """Return the pointer of a part that stands there: of a group, with how its parts count."""
    return next(parts_of(part, pointer))[0]
