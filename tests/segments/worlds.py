"""Small random worlds, random rules, and what each rule means, told a second time in Python.

The oracle knows nothing of the compiler: it keeps three values, yes, no and None for "we may not
look", and combines them as Kleene does.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from consent.models import Permission, Purpose
from customers.enums import Category
from customers.models import (
    AttributeDefinition,
    Cart,
    Customer,
    CustomerMetrics,
    Order,
    OrderLine,
    Product,
)
from segments.compiler import Funnel
from segments.queries import traits

SHOP = ZoneInfo("America/Sao_Paulo")
MOMENTS = [
    datetime(2026, 3, 2, 12, tzinfo=UTC),
    datetime(2027, 2, 28, 12, tzinfo=UTC),
    datetime(2028, 2, 29, 12, tzinfo=UTC),
    datetime(2028, 3, 1, 1, tzinfo=UTC),  # still 29 February in the shop
]
CATEGORIES = ["Food", "Food > Dairy", "Food > Dairy > Milk", "Foodstuff", "Toys"]
CITIES = ["Porto", "porto alegre", "São Paulo"]
INTERESTS = ["wine", "games", "books"]
WINDOWS = [1, 30, 60]
_number = count(1)


@dataclass(frozen=True)
class Bought:
    age: timedelta
    placed: bool
    category: str


@dataclass(frozen=True)
class Person:
    """``permission`` says what was answered about each category; None is no answer at all."""

    city: str = ""
    gender: str = ""
    birth_date: date | None = None
    interests: tuple[str, ...] = ()
    registered: timedelta = timedelta()
    metrics: tuple[int, Decimal, timedelta] | None = None
    orders: tuple[Bought, ...] = ()
    has_cart: bool = False
    attributes: dict[str, Any] = field(default_factory=dict)
    email: bool | None = None
    permission: dict[str, bool | None] | None = None
    erased: bool = False


# Values as they are kept, some of which no longer fit; two names that look alike to a query.
ATTRIBUTES: dict[str, list[Any]] = {
    "nick": ["Nina", "nina maria"],
    "shoe_size": [38, 38.5, -1, "many"],
    "shoe__size": [7],
    "since": ["2026-03-01", "2026-03-02", "2028-02-29", "2028-03-01", "never"],
    "called": ["2026-03-02T11:59:00+00:00", "2026-01-31T02:00:00+00:00", 5],
    "has_dog": [True, False, "perhaps"],
    "tier": ["Gold", "Silver"],
    "teas": [["mate"], ["mate", "black"], []],
}
TYPES = {
    "nick": "text",
    "shoe_size": "number",
    "shoe__size": "number",
    "since": "date",
    "called": "moment",
    "has_dog": "boolean",
    "tier": "choice",
    "teas": "list",
}
MISFITS = {"many", "never", "perhaps", 5}

ages = st.sampled_from(
    [
        timedelta(days=days) + nudge
        for days in (0, *WINDOWS, 90)
        for nudge in (timedelta(0), timedelta(microseconds=-1), timedelta(microseconds=1))
    ]
)
birthdays = st.sampled_from(
    [
        date(2000, 2, 29),
        date(2000, 2, 28),
        date(2001, 3, 1),
        date(1999, 3, 2),
        date(1980, 12, 31),
        date(1996, 3, 5),
    ]
)
people = st.builds(
    Person,
    city=st.sampled_from(["", *CITIES]),
    gender=st.sampled_from(["", "female", "male"]),
    birth_date=st.none() | birthdays,
    interests=st.lists(st.sampled_from(INTERESTS), max_size=2, unique=True).map(tuple),
    registered=ages,
    metrics=st.none()
    | st.tuples(
        st.integers(0, 4), st.sampled_from([Decimal(0), Decimal("9.99"), Decimal(10)]), ages
    ),
    orders=st.lists(
        st.builds(Bought, ages, st.booleans(), st.sampled_from(CATEGORIES)), max_size=4
    ).map(tuple),
    has_cart=st.booleans(),
    attributes=st.fixed_dictionaries(
        {}, optional={code: st.sampled_from(values) for code, values in ATTRIBUTES.items()}
    ),
    email=st.sampled_from([None, True, False]),
    permission=st.none()
    | st.fixed_dictionaries(
        {category: st.sampled_from([True, True, None, False]) for category in Category.values}
    ),
    erased=st.sampled_from([False] * 5 + [True]),
)
worlds = st.lists(people, min_size=8, max_size=16)


def settle(world: list[Person], *, purpose: Purpose, at: datetime) -> dict[int, Person]:
    """Write the people to the database; return them by the ids they got."""
    AttributeDefinition.objects.bulk_create(
        AttributeDefinition(
            code=code,
            label=code,
            type=type_,
            choices=["Gold", "Silver"] if type_ == "choice" else [],
            category="inferred" if code == "tier" else "demographic",
        )
        for code, type_ in TYPES.items()
    )
    products = {
        category: Product.objects.create(sku=f"sku-{next(_number)}", name="P", category=category)
        for category in CATEGORIES
    }
    return {_settle(person, products, purpose, at): person for person in world}


def _settle(person: Person, products: dict[str, Product], purpose: Purpose, at: datetime) -> int:
    customer = Customer.objects.create(
        city=person.city,
        gender=person.gender,
        birth_date=person.birth_date,
        interests=list(person.interests),
        attributes=person.attributes,
        registered_at=at - person.registered,
        erased_at=at if person.erased else None,
    )
    if person.metrics:
        orders, spend, last = person.metrics
        CustomerMetrics.objects.create(
            customer=customer, order_count=orders, spend=spend, last_order_at=at - last
        )
    for bought in person.orders:
        order = Order.objects.create(
            external_id=f"o{next(_number)}",
            customer=customer,
            ordered_at=at - bought.age,
            status="placed" if bought.placed else "returned",
            total=10,
        )
        # Two lines of one category are still one order.
        OrderLine.objects.bulk_create(
            OrderLine(
                order=order, number=n, product=products[bought.category], quantity=1, total=1
            )
            for n in (1, 2)
        )
    if person.has_cart:
        Cart.objects.create(
            external_id=f"k{next(_number)}", customer=customer, total=1, changed_at=at
        )
    if person.permission is not None or person.email is not None:
        Permission.objects.create(
            purpose=purpose,
            customer=customer,
            channel_email=person.email,
            **{
                f"data_{category}": answer
                for category, answer in (person.permission or {}).items()
            },
        )
    return customer.pk


def a_leaf(trait, operator, **rest):
    return {"trait": trait, "operator": operator, **rest}


def leaves_over(trait, comparisons, *, unknown=True, **more):
    """Draw a leaf; ``comparisons`` are the values to draw from, by operator."""

    @st.composite
    def leaf(draw):
        operator = draw(st.sampled_from(sorted(comparisons)))
        json = {"trait": trait, "operator": operator}
        if (values := comparisons[operator]) is not None:
            json["value"] = draw(values)
        for name, extra in more.items():
            if (value := draw(extra)) is not None:
                json[name] = value
        if unknown and operator not in {"known", "not_known"} and draw(st.booleans()):
            json["unknown"] = True
        return json

    return leaf()


def _pairs(values):
    return st.tuples(values, values).map(sorted)


def _some(values):
    return st.lists(st.sampled_from(values), min_size=1, max_size=2)


_if_known = {"known": None, "not_known": None}
_ages = st.sampled_from([18, 25, 26, 27, 28, 47])
_days = st.sampled_from(WINDOWS)
_moments = {
    "in_last": _days,
    "longer_ago": _days,
    "before": st.sampled_from(["2026-02-01", "2028-02-28", "2028-03-01"]),
    "since": st.sampled_from(["2026-02-01", "2028-02-28", "2028-03-01"]),
    "between": _pairs(st.sampled_from(["2026-01-31", "2027-02-27", "2028-02-29"])),
}
_windows = st.none() | st.builds(lambda days: {"days": days}, _days)
leaves = st.one_of(
    leaves_over(
        "customers.city",
        {
            "is": st.sampled_from(CITIES),
            "is_not": st.sampled_from(CITIES),
            "one_of": _some(CITIES),
            "none_of": _some(CITIES),
            "contains": st.sampled_from(["PORTO", "ã", "%"]),
            "starts_with": st.sampled_from(["por", "paulo"]),
            **_if_known,
        },
    ),
    leaves_over(
        "customers.gender",
        {
            "is": st.just("female"),
            "is_not": st.just("female"),
            "one_of": _some(["female", "other"]),
            "none_of": _some(["female", "other"]),
            **_if_known,
        },
    ),
    leaves_over(
        "customers.age",
        {
            "at_least": _ages,
            "at_most": _ages,
            "exactly": _ages,
            "between": _pairs(_ages),
            **_if_known,
        },
    ),
    leaves_over(
        "customers.birthday",
        {
            "in_next": st.sampled_from([0, 1, 3, 366]),
            "this_month": None,
            "in_month": st.sampled_from([2, 3]),
            **_if_known,
        },
    ),
    leaves_over(
        "customers.interests",
        {
            "any_of": _some(INTERESTS),
            "all_of": _some(INTERESTS),
            "without": _some(INTERESTS),
            **_if_known,
        },
    ),
    leaves_over("consent.email", {"yes": None, "no": None, **_if_known}),
    leaves_over("customers.last_order", {**_moments, **_if_known}),
    leaves_over("customers.registered", _moments, unknown=False),
    leaves_over(
        "customers.order_count",
        {
            "at_least": st.integers(0, 3),
            "at_most": st.integers(0, 3),
            "exactly": st.integers(0, 3),
            "between": _pairs(st.integers(0, 3)),
        },
        unknown=False,
    ),
    leaves_over(
        "customers.spend",
        {
            "at_least": st.sampled_from([0, "9.99", "10.00"]),
            "at_most": st.sampled_from([0, 9.99]),
            "exactly": st.sampled_from([0, 10]),
            "between": st.just([0, 10]) | st.just([1, 10]),
        },
        unknown=False,
        window=_windows,
    ),
    leaves_over(
        "customers.orders",
        {
            "did": None,
            "did_not": None,
            "at_least": st.integers(1, 3),
            "at_most": st.integers(0, 2),
            "exactly": st.integers(0, 2),
        },
        unknown=False,
        window=_windows,
        where=st.none() | st.builds(lambda c: {"category": c}, st.sampled_from(CATEGORIES)),
    ),
    leaves_over(
        "customers.bought",
        {"any_of": _some(CATEGORIES), "all_of": _some(CATEGORIES), "without": _some(CATEGORIES)},
        unknown=False,
        window=_windows,
    ),
    leaves_over("customers.open_cart", {"yes": None, "no": None}, unknown=False),
    leaves_over(
        "attribute.nick",
        {
            "is": st.just("Nina"),
            "is_not": st.just("Nina"),
            "contains": st.just("MARIA"),
            "starts_with": st.just("nina"),
            **_if_known,
        },
    ),
    *(
        leaves_over(
            f"attribute.{code}",
            {
                "at_least": st.sampled_from([7, 38]),
                "at_most": st.sampled_from([0, 38, "38.25"]),
                "exactly": st.sampled_from([7, 38.5]),
                "between": st.just([0, 38]),
                **_if_known,
            },
        )
        for code in ("shoe_size", "shoe__size")
    ),
    leaves_over(
        "attribute.since",
        {**_moments, "in_next": st.sampled_from([0, 1, 366]), **_if_known},
    ),
    leaves_over("attribute.called", {**_moments, **_if_known}),
    leaves_over("attribute.has_dog", {"yes": None, "no": None, **_if_known}),
    leaves_over(
        "attribute.tier",
        {
            "is": st.just("Gold"),
            "is_not": st.just("Gold"),
            "none_of": st.just(["Gold", "Silver"]),
            **_if_known,
        },
    ),
    leaves_over(
        "attribute.teas",
        {
            "any_of": st.just(["black", "green"]),
            "all_of": st.just(["mate", "black"]),
            "without": st.just(["black"]),
            **_if_known,
        },
    ),
)


def groups_of(parts):
    return st.builds(
        lambda combination, chosen: {combination: chosen},
        st.sampled_from(["all", "any", "none"]),
        st.lists(parts, min_size=1, max_size=3),
    )


rules = groups_of(st.recursive(leaves, groups_of, max_leaves=6))

CATEGORY_OF = {
    "customers.city": "demographic",
    "customers.gender": "demographic",
    "customers.age": "demographic",
    "customers.birthday": "demographic",
    "customers.interests": "demographic",
    "consent.email": "identity",
    "customers.registered": "identity",
    **dict.fromkeys((f"attribute.{code}" for code in TYPES), "demographic"),
    "attribute.tier": "inferred",
}


FROM_ORDERS = {"customers.orders", "customers.bought", "customers.spend"}


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
        meant = [open_to_all.answer(json, replace(who, permission={})) for who in present]
        total = sum(self.admits(json, person) for person in present)
        return Funnel(
            total=total,
            held_back=meant.count(True) - total,
            counts={
                pointer: sum(self.admits(part, person) for person in present)
                for pointer, part in parts_of(json)
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
        if not self.may_look(CATEGORY_OF.get(json["trait"], "purchase"), person):
            return None
        value = self.value(json, person)
        missing = value is None or value in ("", ())
        if json["operator"] == "known":
            return not missing
        if json["operator"] == "not_known":
            return missing
        if missing and json["trait"] not in FROM_ORDERS:
            return json.get("unknown", False)
        return self.compare(json, value)

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
            case "order_count":
                return Decimal(person.metrics[0] if person.metrics else 0)
            case "spend" if "window" not in json:
                return person.metrics[1] if person.metrics else Decimal(0)
            case "orders" | "bought" | "spend":
                return tuple(bought for bought in person.orders if bought.placed)
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

    def compare(self, json, value) -> bool:
        trait, operator, asked = json["trait"], json["operator"], json.get("value")
        if trait == "customers.spend" and "window" in json:
            orders = self.in_window(json, value)
            value = Decimal(10) * len(orders)
        if trait in {"customers.orders", "customers.bought"}:
            return self.compare_orders(json, value)
        if trait == "customers.birthday":
            return self.compare_birthday(operator, asked, value)
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
            case "any_of":
                return bool(set(value) & set(asked))
            case "all_of":
                return set(asked) <= set(value)
            case "without":
                return not set(value) & set(asked)
        raise AssertionError(operator)

    def compare_moment(self, operator, asked, value) -> bool:
        if operator == "in_last":
            return self.at - timedelta(days=asked) <= value <= self.at
        if operator == "longer_ago":
            return value < self.at - timedelta(days=asked)
        if operator == "in_next":
            return self.today <= value.date() <= self.today + timedelta(days=asked)
        day = value.astimezone(SHOP).date().isoformat()
        if operator == "before":
            return day < asked
        return day >= asked if operator == "since" else asked[0] <= day <= asked[1]

    def compare_birthday(self, operator, asked, born: date) -> bool:
        if operator == "this_month":
            return born.month == self.today.month
        if operator == "in_month":
            return born.month == asked
        return any(
            self.celebrated(born, self.today + timedelta(days=distance))
            for distance in range(asked + 1)
        )

    @staticmethod
    def celebrated(born: date, day: date) -> bool:
        try:
            return born.replace(year=day.year) == day
        except ValueError:
            return day == date(day.year, 2, 28)

    @staticmethod
    def in_window(json, orders):
        if window := json.get("window"):
            orders = [o for o in orders if o.age <= timedelta(days=window["days"])]
        return [o for o in orders if o.age >= timedelta(0)]

    def compare_orders(self, json, orders) -> bool:
        asked = json.get("value")
        orders = self.in_window(json, orders)
        if wanted := json.get("where", {}).get("category"):
            orders = [o for o in orders if within(o.category, wanted)]
        have = (
            [any(within(o.category, one) for o in orders) for one in asked]
            if (json["trait"] == "customers.bought")
            else []
        )
        return {
            "did": lambda: len(orders) >= 1,
            "did_not": lambda: not orders,
            "at_least": lambda: len(orders) >= asked,
            "at_most": lambda: len(orders) <= asked,
            "exactly": lambda: len(orders) == asked,
            "any_of": lambda: any(have),
            "all_of": lambda: all(have),
            "without": lambda: not any(have),
        }[json["operator"]]()


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
