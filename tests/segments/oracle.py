"""What each rule means of each person, told a second time in Python.

The oracle knows nothing of the compiler: it keeps three values, yes, no and None for "we may not
look", and combines them as Kleene does.
"""

import calendar
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from consent.enums import Channel
from consent.models import Purpose
from segments.compiler import Funnel
from tests.segments.worlds import MISFITS, SEGMENTS, SHOP, TYPES, Person, Row
from tests.segments.worlds.asking import ABOUT_PURPOSES
from tests.segments.worlds.people import SCORES, SENSITIVE, SKUS, name_of

OF_AGE = 18
# What the questions are read through, where it is not purchases.
CATEGORY_OF = {
    **dict.fromkeys(
        (
            *("customers.country", "customers.state", "customers.city", "customers.postal_code"),
            *("customers.gender", "customers.age", "customers.birthday", "customers.interests"),
            *(
                "customers.tags",
                "customers.near",
                "customers.timezone",
                *(f"attribute.{code}" for code in TYPES),
            ),
        ),
        "demographic",
    ),
    **dict.fromkeys(
        (
            *("customers.registered", "segments.member", "segments.share"),
            *(f"consent.{channel}" for channel in (*Channel.values, "paused")),
            *ABOUT_PURPOSES,
            "events.consent.withdrawn",
        ),
        "identity",
    ),
    **dict.fromkeys(
        (
            *("customers.language", "customers.cases", "customers.open_case"),
            *("customers.has_email", "customers.has_phone"),
            *("customers.survey_answers", "events.campaigns.message_sent"),
        ),
        "contact",
    ),
    **dict.fromkeys(
        (
            *("customers.last_seen", "customers.last_open", "customers.last_click"),
            *("events.customers.product_viewed", "events.campaigns.message_opened"),
            *("events.campaigns.link_followed", "events.shop.tasted"),
        ),
        "browsing",
    ),
    **dict.fromkeys(
        (
            *(f"customers.{score}_score" for score in ("recency", "frequency", "monetary")),
            "customers.rfm_group",
            "customers.buys",
            *("customers.growth_potential", "customers.growth_share"),
            "attribute.tier",
        ),
        "inferred",
    ),
}
# Of which rows each question is.
ROWS_OF = {
    "customers.orders": ("order",),
    "customers.bought": ("order",),
    "customers.goods": ("line",),
    "customers.carts": ("cart",),
    "customers.open_cart": ("cart",),
    "customers.cases": ("case",),
    "customers.open_case": ("case",),
    "customers.survey_answers": ("survey_answer",),
    "events.customers.product_viewed": ("view",),
    "events.loyalty.points_earned": ("points_earned",),
    "events.consent.withdrawn": ("withdrawn",),
    "events.shop.tasted": ("tasted",),
    "campaigns.redeemed": ("redemption",),
    "campaigns.holds_voucher": ("voucher",),
    "events.campaigns.message_sent": ("message_sent", "campaign_received"),
    "events.campaigns.message_opened": ("message_opened", "link_followed"),
    "events.campaigns.link_followed": ("link_followed",),
}
ADDED_UP: dict[str, Any] = {
    "sum": sum,
    "average": lambda them: sum(them) / len(them),
    "smallest": min,
    "largest": max,
}
NEVER_MISSING = {
    *("customers.registered", "customers.stage", "customers.order_count", "customers.spend"),
    *("loyalty.points", "segments.member", "segments.share", "consent.paused"),
    *("customers.has_email", "customers.has_phone"),
    *ROWS_OF,
}


@dataclass(frozen=True)
class Oracle:
    """``blind`` looks at everything, permitted or not."""

    purpose: Purpose
    at: datetime
    unknown_age_is_minor: bool = False
    blind: bool = False
    today: date = field(init=False)

    def __post_init__(self):
        object.__setattr__(self, "today", self.at.astimezone(SHOP).date())

    def admits(self, json, person: Person) -> bool:
        return self.is_free(person) and self.answer(json, person) is True

    def funnel(self, json, people: Iterable[Person]) -> Funnel:
        present = [person for person in people if not person.erased]
        free = [person for person in present if self.is_free(person)]
        all_seeing = replace(self, blind=True)
        meant = {
            pointer: sum(all_seeing.answer(part, person) is True for person in present)
            for pointer, part in parts_of(json)
        }
        total = sum(self.answer(json, person) is True for person in free)
        return Funnel(
            total=total,
            everybody=sum(self.answer(json, person) is not None for person in free),
            held_back=next(iter(meant.values())) - total,
            counts={
                pointer: sum(self.answer(part, person) is True for person in free)
                for pointer, part in parts_of(json)
            },
            meant=meant,
            left={
                place_of(inner, f"{pointer}/{n}"): sum(
                    self.answer({"all": part["all"][: n + 1]}, it) is True for it in free
                )
                for pointer, part in parts_of(json)
                for n, inner in enumerate(part.get("all", ()))
                if n
            },
            missing={
                pointer: sum(self.answer(gap, person) is True for person in free)
                for pointer, part in parts_of(json)
                if may_be_missing(part)
                for gap in [{**part, "operator": "not_known"}]
            },
        )

    # May we look?

    def is_free(self, person: Person) -> bool:
        """Say whether anything at all may be used of the person."""
        is_restricted = (
            person.restricted == "standing" and self.purpose.basis != "legal_obligation"
        )
        return not (person.erased or is_restricted or self.is_minor(person))

    def is_minor(self, person: Person) -> bool:
        if not self.purpose.adults_only:
            return False
        # Whether somebody is of age goes by the shop's day.
        years = self.years(person, on=self.today)
        return self.unknown_age_is_minor if years is None else years < OF_AGE

    def may_look(self, category: str, person: Person) -> bool:
        if self.blind:
            return True
        given = (person.answers or {}).get(f"data_{category}")
        if category == "sensitive" and (self.purpose.basis != "consent" or given is not True):
            return False
        if not self.purpose.needs_opt_in:
            return given is not False
        return given is True and not person.has_ended

    # Answers

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
        if is_of_rows(json):
            return self.answer_of_rows(json, person)
        value = self.value(json, person)
        missing = may_be_missing(json) and (value is None or value in ("", ()))
        if json["operator"] in ("known", "not_known"):
            return missing == (json["operator"] == "not_known")
        if missing:
            return json.get("unknown", False)
        return self.compare(json, value, person)

    # Values

    def value(self, json, person: Person):
        app, _dot, name = json["trait"].partition(".")
        match app:
            case "attribute":
                return self.value_of_attribute(name, person)
            case "consent":
                return self.answer_about(name, person)
            case "loyalty":
                return self.value_of_member(name, person)
            case "segments":
                return self.value_of_groups(name, person)
        if name in person.facts:
            value = person.facts[name]
            return tuple(value) if isinstance(value, list) else value
        match name:
            case "age":
                return self.years(person, on=self.today_of(person))
            case "birthday":
                return person.birth_date
            case "has_email" | "has_phone":
                return person.facts[name.removeprefix("has_")] != ""
            case "timezone":
                return person.timezone
            case "near":
                return person.facts["city"]
            case "registered":
                return self.at - person.registered
        return self.value_of_metrics(name, person)

    @staticmethod
    def years(person: Person, *, on: date) -> Decimal | None:
        born = person.birth_date
        if born is None or born.year == 1904:
            return None
        had_it = (on.month, on.day) >= (born.month, born.day)
        return Decimal(on.year - born.year - (not had_it))

    def today_of(self, person: Person) -> date:
        try:
            there = ZoneInfo(person.timezone) if person.timezone else SHOP
        except ZoneInfoNotFoundError:
            there = SHOP
        return self.at.astimezone(there).date()

    def value_of_metrics(self, name, person: Person):
        metrics = person.metrics
        if name in ("order_count", "spend"):
            return Decimal(getattr(metrics, name)) if metrics else Decimal(0)
        if metrics is None:
            return None
        match name:
            case "buys" | "growth_potential" | "year_spend":
                return getattr(metrics, name)
            case "growth_share":
                return self.growth_share(metrics)
            case "rfm_group":
                return SCORES[metrics.scores] if metrics.scores else None
            case "recency_score" | "frequency_score" | "monetary_score":
                place = ("recency_score", "frequency_score", "monetary_score").index(name)
                return metrics.scores[place] if metrics.scores else None
            case "average_order":
                return self.average(metrics.spend, metrics.order_count)
            case "days_between_orders":
                return self.days_between_orders(metrics)
            case "last_seen":
                seen = [it for it in (metrics.last_event, metrics.last_order) if it is not None]
                return self.at - min(seen) if seen else None
        ago = getattr(metrics, name)
        return None if ago is None else self.at - ago

    @staticmethod
    def average(spend: Decimal, orders: int) -> Decimal | None:
        return (spend / orders).quantize(Decimal("0.01"), ROUND_HALF_UP) if orders else None

    @staticmethod
    def growth_share(metrics) -> Decimal | None:
        more, spent = metrics.growth_potential, metrics.year_spend
        if more == 0:
            return Decimal(0)
        return None if more is None or spent is None else more / (more + spent)

    @staticmethod
    def days_between_orders(metrics) -> Decimal | None:
        ends = (metrics.first_order, metrics.last_order)
        if None in ends or metrics.order_count == 1:
            return None
        seconds = (metrics.first_order - metrics.last_order) / timedelta(seconds=1)
        return Decimal(seconds / 86_400 / (metrics.order_count - 1))

    def answer_about(self, asked, person: Person) -> bool | None:
        if asked == "paused":
            return person.paused is not None and person.paused > timedelta(0)
        purpose, _dot, channel = asked.rpartition(".")
        is_own = purpose in ("", self.purpose.code)
        answers = person.answers if is_own else person.elsewhere.get(purpose)
        given = (answers or {}).get(f"channel_{channel}")
        return None if given and person.has_ended else given

    def value_of_member(self, name, person: Person):
        if person.member is None:
            return Decimal(0) if name == "points" else None
        match name:
            case "points":
                return Decimal(person.member.points)
            case "joined":
                return self.at - person.member.joined
        return person.member.tier

    @staticmethod
    def value_of_groups(name, person: Person):
        if name == "member":
            return tuple(SEGMENTS[place] for place in person.segments)
        digest = hashlib.md5(f"share:{person.pk}".encode()).hexdigest()  # noqa: S324
        return Decimal(int(digest[:8], 16) % 10_000) / 100

    @staticmethod
    def value_of_attribute(code, person: Person):
        value = person.attributes.get(code)
        if value is None or (not isinstance(value, list | bool) and value in MISFITS):
            return None
        match TYPES[code]:
            case "number" | "money":
                return Decimal(str(value))
            case "date":
                return datetime.combine(date.fromisoformat(value), time.min, tzinfo=SHOP)
            case "moment":
                return datetime.fromisoformat(value)
            case "list":
                return tuple(value)
        return value

    # Comparisons

    def compare(self, json, value, person) -> bool:
        trait, operator, asked = json.get("trait"), json["operator"], json.get("value")
        if trait == "segments.share":
            return asked[0] <= value < asked[1]
        if trait == "customers.near":
            return is_near(asked, person) == (operator == "near")
        if trait == "customers.birthday":
            return self.compare_birthday(operator, asked, value, person)
        if isinstance(value, datetime):
            # Rows have no time zone.
            today = self.today_of(person) if trait else self.today
            return self.compare_moment(operator, asked, value, today)
        if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
            return compare_number(operator, asked, Decimal(str(value)))
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
            case "not_contains":
                return asked.lower() not in value.lower()
            case "starts_with":
                return value.lower().startswith(asked.lower())
            case "ends_with":
                return value.lower().endswith(asked.lower())
            case "yes":
                return value is True
            case "no":
                return value is False
            case "any_of" | "inside":
                return bool(set(value) & set(asked))
            case "all_of":
                return set(asked) <= set(value)
            case "without" | "outside":
                return not set(value) & set(asked)
        raise AssertionError(operator)

    def compare_moment(self, operator, asked, value, today) -> bool:
        day = value.astimezone(SHOP).date()
        match operator:
            case "in_last":
                return self.before(asked) <= value <= self.at
            case "longer_ago":
                return value < self.before(asked)
            case "days_ago":
                return self.ends_today(day, asked)
            case "in_next":
                return self.today <= day <= self.today + timedelta(days=asked)
            case "anniversary":
                return day < today and self.is_celebrated_within(day, asked, today)
            case "this_month":
                return day.month == today.month and day.year < today.year
            case "in_month":
                return day.month == asked
            case "on_day":
                return f"{day:%m-%d}" == asked
            case "before":
                return day.isoformat() < asked
            case "since":
                return day.isoformat() >= asked
            case "between":
                return asked[0] <= day.isoformat() <= asked[1]
        raise AssertionError(operator)

    def ends_today(self, day: date, period) -> bool:
        """Say whether a period after the day is today; of months, by their days one by one."""
        if isinstance(period, int) or "days" in period:
            days = period if isinstance(period, int) else period["days"]
            return day + timedelta(days=days) == self.today
        year, month = day.year, day.month
        for _step in range(period["months"]):
            year, month = (year, month + 1) if month < 12 else (year + 1, 1)
        return self.today == date(year, month, min(day.day, calendar.monthrange(year, month)[1]))

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
        today = self.today_of(person)
        match operator:
            case "this_month":
                return born.month == today.month
            case "in_month":
                return born.month == asked
            case "on_day":
                return f"{born:%m-%d}" == asked
            case "in_days":
                return self.is_celebrated_within(born, 0, today + timedelta(days=asked))
            case "in_next":
                return self.is_celebrated_within(born, asked, today)
        raise AssertionError(operator)

    @staticmethod
    def is_celebrated_within(born: date, days: int, first: date) -> bool:
        return any(celebrated(born, first + timedelta(days=ahead)) for ahead in range(days + 1))

    # Rows

    def answer_of_rows(self, json, person) -> bool:
        since = json.get("window", {}).get("since")
        if since and not self.found(since, person):
            return False
        rows = self.found(json, person)
        if "measure" in json:
            return self.compare_measured(json, rows, person)
        if json["trait"] == "customers.spend":
            spend = sum((Decimal(row.told["amount"]) for row in rows), Decimal(0))
            return compare_number(json["operator"], json["value"], spend)
        asked = json.get("value")
        have = (
            [any(is_of(row, one) for row in rows) for one in asked or []]
            if json["trait"] == "customers.bought"
            else []
        )
        return {
            "did": lambda: len(rows) >= 1,
            "yes": lambda: len(rows) >= 1,
            "did_not": lambda: not rows,
            "no": lambda: not rows,
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
        in_time = sorted(rows, key=lambda row: -row.ago)
        told = [told_by(row, detail, at=self.at) for row in in_time]
        if measure in ("first", "last"):
            value = (told[0 if measure == "first" else -1]) if told else None
            return value not in (None, "") and self.compare(json | {"trait": ""}, value, person)
        amounts = [Decimal(str(one)) for one in told if one is not None]
        if not amounts and measure != "sum":
            return False
        return compare_number(json["operator"], json["value"], Decimal(ADDED_UP[measure](amounts)))

    def found(self, json, person) -> list[Row]:
        return [
            row
            for row in (*person.rows, *lines_of(person))
            if row.kind in ROWS_OF.get(json["trait"], ("order",))
            and self.counts(json["trait"], row)
            and self.is_in_window(json.get("window"), row, person)
            and all(
                self.fits(row, name, told, person)
                for name, told in (json.get("where") or {}).items()
            )
            and self.is_followed(json.get("then"), row, person)
        ]

    @staticmethod
    def counts(trait, row) -> bool:
        """Say whether the row stands, and has happened."""
        if trait == "customers.open_case":
            return row.told["status"] == "open"
        has_ended = row.ends is not None and row.ends <= timedelta(0)
        # Whether a cart is open is no matter of time.
        has_happened = row.ago >= timedelta(0) or trait == "customers.open_cart"
        return row.counts and has_happened and not has_ended

    def is_in_window(self, window, row, person) -> bool:
        moment = self.at - row.ago
        if window is None:
            return True
        if "since" in window:
            others = self.found(window["since"], person)
            return bool(others) and row.ago < min(other.ago for other in others)
        if "days_ago" in window:
            furthest, nearest = (timedelta(days=days) for days in window["days_ago"])
            return nearest < row.ago <= furthest
        if "from" in window or "until" in window:
            day = moment.astimezone(SHOP).date().isoformat()
            return window.get("from", day) <= day <= window.get("until", day)
        return moment >= self.before(window)

    def is_followed(self, then, row, person) -> bool:
        if then is None:
            return True
        within = timedelta(days=then["within"])
        later = [
            other for other in self.found(then, person) if row.ago - within <= other.ago < row.ago
        ]
        if then["operator"] == "did":
            return bool(later)
        return not later and row.ago >= within

    def fits(self, row, name, told, person) -> bool:
        """Say whether a row tells what is asked; what it does not tell is not as asked."""
        if not isinstance(told, dict):
            told = {"operator": "is", "value": told}
        if row.kind in ("order", "line") and name in ("category", "sku"):
            asked = told["value"] if isinstance(told["value"], list) else [told["value"]]
            has = is_of if name == "category" else is_called
            is_in = any(has(row, one) for one in asked)
            return is_in == (told["operator"] in ("is", "one_of"))
        value = told_by(row, name, at=self.at)
        return value not in (None, "") and self.compare(told, value, person)


def lines_of(person: Person) -> list[Row]:
    """Return what the person bought and kept, each line of an order for itself."""
    return [
        replace(row, kind="line", told={"store": row.told["store"], "lines": [line], **line})
        for row in person.rows
        if row.kind == "order"
        for line in row.told["lines"]
        if line["returned"] < line["quantity"]
    ]


def is_of(row: Row, category: str) -> bool:
    return any(within(line["category"], category) for line in row.told["lines"])


def is_called(row: Row, sku: str) -> bool:
    return any(SKUS[line["category"]] == sku for line in row.told["lines"])


def told_by(row: Row, name: str, *, at: datetime) -> Any:
    match row.kind, name:
        case "line", "product":
            return name_of(row.told["category"])
        case "line", "quantity":
            return row.told["quantity"] - row.told["returned"]
        case "line", "amount":
            back = Decimal(row.told["total"] * row.told["returned"]) / row.told["quantity"]
            return row.told["total"] - back.quantize(Decimal("0.01"), ROUND_HALF_UP)
        case "view", "price":
            return None if row.told["price"] == "dear" else row.told["price"]
        case "voucher", "ends":
            return at + (row.ends or timedelta(days=1))
        case _, "campaign":
            return row.told.get("campaign_name") or row.told.get("campaign")
    return row.told[name]


def compare_number(operator, asked, value: Decimal) -> bool:
    if operator == "between":
        first, last = (Decimal(str(one)) for one in asked)
        return first <= value <= last
    asked = Decimal(str(asked))
    return {"at_least": value >= asked, "at_most": value <= asked, "exactly": value == asked}[
        operator
    ]


def is_near(asked, person: Person) -> bool:
    """Compare by what everybody knows: from São Paulo to Porto Alegre it is some 850 km."""
    lives = (person.facts["country"], person.facts["city"].lower())
    if asked["country"] == "PT":
        return lives == ("PT", "porto")
    return lives == ("BR", "são paulo") or (asked["km"] == 900 and lives == ("BR", "porto alegre"))


def is_of_rows(json) -> bool:
    return json["trait"] in ROWS_OF or (json["trait"] == "customers.spend" and "window" in json)


def may_be_missing(json) -> bool:
    return "trait" in json and json["trait"] not in NEVER_MISSING


def categories_of(json) -> set[str]:
    along = [json.get("then"), (json.get("window") or {}).get("since")]
    told = {category for one in along if one for category in categories_of(one)}
    if json["trait"] == "segments.member":
        told |= {"demographic"}
    if asks_for_sensitive_goods(json):
        told |= {"sensitive"}
    return told | {CATEGORY_OF.get(json["trait"], "purchase")}


def asks_for_sensitive_goods(json) -> bool:
    """Say whether a condition names goods that tell something that many keep to themselves."""
    asked = [it for name, it in (json.get("where") or {}).items() if name in ("category", "sku")]
    values = [it["value"] if isinstance(it, dict) else it for it in asked]
    measured = (json.get("measure") or {}).values()
    if json["trait"] in ("customers.bought", "customers.buys") or "sku" in measured:
        values.append(json.get("value"))
    named = {one for value in values for one in (value if isinstance(value, list) else [value])}
    parts = set(values_of((json.get("where") or {}).get("product")))
    is_part = any(part.lower() in name_of(SENSITIVE).lower() for part in parts)
    return is_part or bool(named & {SENSITIVE, SKUS[SENSITIVE]})


def values_of(told) -> list:
    """Return what a detail is compared with, one or several."""
    value = told["value"] if isinstance(told, dict) else told
    return value if isinstance(value, list) else [value] if value else []


def celebrated(born: date, day: date) -> bool:
    try:
        return born.replace(year=day.year) == day
    except ValueError:
        return day == date(day.year, 2, 28)


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
