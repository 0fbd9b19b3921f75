"""Small random worlds and random rules."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
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
    Case,
    Customer,
    CustomerMetrics,
    Order,
    OrderLine,
    Product,
)
from segments.models import Membership, Segment

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
STORES = ["", "Centro", "Norte"]
SEGMENTS = [900_001, 900_002]
# Of those two: to ask for their members is to look at what their rule looks at.
RULE = {"all": [{"trait": "customers.city", "operator": "known"}]}
WINDOWS = [1, 30, 60]
_number = count(1)


@dataclass(frozen=True)
class Bought:
    age: timedelta
    placed: bool
    category: str
    store: str
    amount: int


@dataclass(frozen=True)
class Opened:
    """A case."""

    age: timedelta
    channel: str


@dataclass(frozen=True)
class Person:
    """``permission`` says what was answered about each category; None is no answer at all.

    ``segments`` are the places in ``SEGMENTS`` of those that the person was put into by hand.
    """

    city: str = ""
    gender: str = ""
    birth_date: date | None = None
    interests: tuple[str, ...] = ()
    registered: timedelta = timedelta()
    metrics: tuple[int, Decimal, timedelta] | None = None
    orders: tuple[Bought, ...] = ()
    cases: tuple[Opened, ...] = ()
    segments: tuple[int, ...] = ()
    timezone: str = ""
    pk: int = 0
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
        st.builds(
            Bought,
            ages,
            st.booleans(),
            st.sampled_from(CATEGORIES),
            st.sampled_from(STORES),
            st.sampled_from([0, 10, 25]),
        ),
        max_size=4,
    ).map(tuple),
    cases=st.lists(st.builds(Opened, ages, st.sampled_from(["email", "phone"])), max_size=3).map(
        tuple
    ),
    segments=st.lists(st.sampled_from([0, 1]), max_size=2, unique=True).map(tuple),
    timezone=st.sampled_from(["", "", "Asia/Tokyo", "Pacific/Honolulu", "Mars/Base"]),
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
    Segment.objects.bulk_create(
        Segment(pk=pk, name=f"segment {pk}", rule=RULE, filled_at=at) for pk in SEGMENTS
    )
    settled = [replace(it, pk=_settle(it, products, purpose, at)) for it in world]
    return {person.pk: person for person in settled}


def _settle(person: Person, products: dict[str, Product], purpose: Purpose, at: datetime) -> int:
    customer = Customer.objects.create(
        city=person.city,
        gender=person.gender,
        timezone=person.timezone,
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
            total=bought.amount,
            store=bought.store,
        )
        # Two lines of one category are still one order.
        OrderLine.objects.bulk_create(
            OrderLine(
                order=order, number=n, product=products[bought.category], quantity=1, total=1
            )
            for n in (1, 2)
        )
    Case.objects.bulk_create(
        Case(
            reference=f"s{next(_number)}",
            customer=customer,
            channel=opened.channel,
            subject="?",
            opened_at=at - opened.age,
        )
        for opened in person.cases
    )
    Membership.objects.bulk_create(
        Membership(segment_id=SEGMENTS[place], customer=customer, entered_at=at, cause="manual")
        for place in person.segments
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
_periods = _days | st.builds(lambda months: {"months": months}, st.sampled_from([1, 2]))
_moments = {
    "in_last": _periods,
    "longer_ago": _periods,
    "days_ago": _periods,
    "anniversary": st.sampled_from([0, 1, 366]),
    "before": st.sampled_from(["2026-02-01", "2028-02-28", "2028-03-01"]),
    "since": st.sampled_from(["2026-02-01", "2028-02-28", "2028-03-01"]),
    "between": _pairs(st.sampled_from(["2026-01-31", "2027-02-27", "2028-02-29"])),
}
_dates = st.sampled_from(["2026-01-31", "2026-03-01", "2027-02-27", "2028-02-29"])
_where_of_orders = st.fixed_dictionaries(
    {},
    optional={
        "category": st.sampled_from(CATEGORIES)
        | st.builds(
            lambda operator, value: {"operator": operator, "value": value},
            st.sampled_from(["one_of", "none_of"]),
            _some(CATEGORIES),
        ),
        "store": st.builds(
            lambda operator, value: {"operator": operator, "value": value},
            st.sampled_from(["is", "is_not", "ends_with"]),
            st.sampled_from(["Centro", "Norte"]),
        ),
        "amount": st.builds(
            lambda operator, value: {"operator": operator, "value": value},
            st.sampled_from(["at_least", "at_most", "exactly"]),
            st.sampled_from([0, 10, 24.99]),
        ),
    },
)
_where_of_cases = st.fixed_dictionaries({}, optional={"channel": st.just("email")})
_happening = st.builds(
    lambda where: {"trait": "customers.orders", "where": where}, _where_of_orders
) | st.builds(lambda where: {"trait": "customers.cases", "where": where}, _where_of_cases)
_then = st.builds(
    lambda happening, operator, days: {**happening, "operator": operator, "within": days},
    _happening,
    st.sampled_from(["did", "did_not"]),
    _days,
)
_windows = st.one_of(
    st.none(),
    st.builds(lambda days: {"days": days}, _days),
    st.just({"months": 1}),
    st.builds(lambda day: {"from": day}, _dates),
    st.builds(lambda day: {"until": day}, _dates),
    st.builds(lambda days: {"from": days[0], "until": days[1]}, _pairs(_dates)),
    st.sampled_from([{"days_ago": [30, 1]}, {"days_ago": [60, 30]}, {"days_ago": [1, 0]}]),
    st.builds(lambda happening: {"since": happening}, _happening),
)
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
            "ends_with": st.sampled_from(["Paulo", "o"]),
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
            "in_days": st.sampled_from([0, 1, 366]),
            "this_month": None,
            "in_month": st.sampled_from([2, 3]),
            "on_day": st.sampled_from(["02-28", "02-29", "12-31"]),
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
        where=_where_of_orders,
        then=st.none() | _then,
    ),
    *(
        leaves_over(
            "customers.orders",
            {
                "at_least": st.sampled_from([0, 10, 35]),
                "at_most": st.sampled_from([0, 10, 35]),
                "between": st.just([10, 25]),
            },
            unknown=False,
            window=_windows,
            where=_where_of_orders,
            measure=st.just({measure: "amount"}),
        )
        for measure in ("sum", "average", "smallest", "largest", "first", "last")
    ),
    leaves_over(
        "customers.orders",
        {"is": st.just("Centro"), "is_not": st.just("Centro")},
        unknown=False,
        window=_windows,
        measure=st.sampled_from([{"first": "store"}, {"last": "store"}]),
    ),
    leaves_over(
        "customers.cases",
        {"did": None, "did_not": None, "at_least": st.integers(1, 3)},
        unknown=False,
        window=_windows,
        where=_where_of_cases,
        then=st.none() | _then,
    ),
    leaves_over(
        "segments.member",
        {"inside": _some(SEGMENTS), "outside": _some(SEGMENTS)},
        unknown=False,
    ),
    leaves_over(
        "segments.share", {"between": _pairs(st.sampled_from([0, 10, 50, 100]))}, unknown=False
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
