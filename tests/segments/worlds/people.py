"""People who could be: what is known of them, what they did, what they allowed for what."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from consent.enums import Channel, LegalBasis
from consent.models import Purpose
from customers.enums import Category

SHOP = ZoneInfo("America/Sao_Paulo")
MOMENTS = [
    datetime(2026, 3, 2, 12, tzinfo=UTC),
    datetime(2027, 2, 28, 12, tzinfo=UTC),
    datetime(2028, 2, 29, 12, tzinfo=UTC),
    datetime(2028, 3, 1, 1, tzinfo=UTC),  # still 29 February in the shop
    datetime(2026, 3, 31, 12, tzinfo=UTC),  # a month before is the last of February
]
SENSITIVE = "Pharmacy > Pregnancy tests"
CATEGORIES = [
    *("Food", "Food > Dairy", "Food > Dairy > Milk", "Foodstuff", "Toys"),
    *("Pharmacy > Soap", SENSITIVE),
]
# The number of the one product of each category.
SKUS = {category: f"article-{n}" for n, category in enumerate(CATEGORIES)}


def name_of(category: str) -> str:
    """Return what the one product of the category is called."""
    return category.rpartition(" > ")[2]


COUNTRIES = ["BR", "PT"]
STATES = ["SP", "RS"]
CITIES = ["Porto", "porto alegre", "São Paulo"]
POSTAL_CODES = ["01310-100", "4000-001"]
LANGUAGES = ["pt-br", "en"]
INTERESTS = ["wine", "games", "books"]
TAGS = ["vip", "press"]
STAGES = ["prospect", "customer", "lapsed"]
STORES = ["", "Centro", "Norte"]
SURVEYS = ["", "nps"]
OFFERS = ["Ten off", "Welcome"]
CAMPAIGNS = ["Spring", "Winter"]
TIERS = ["Bronze", "Gold"]
SEGMENTS = [900_001, 900_002]
# Of those two: to ask for their members is to look at what their rule looks at.
RULE = {"all": [{"trait": "customers.city", "operator": "known"}]}
WINDOWS = [1, 30, 60]
# Recency, frequency and monetary value, and the group that the usual table puts them in.
SCORES = {(5, 5, 5): "champions", (1, 1, 1): "lost"}
# Purposes of every shop, one of which has a name of several words.
ELSEWHERE = ["research", "third_party_sharing"]
# Values as they are kept, some of which no longer fit; two names that look alike to a query.
ATTRIBUTES: dict[str, list[Any]] = {
    "nick": ["Nina", "nina maria"],
    "shoe_size": [38, 38.5, -1, "many"],
    "shoe__size": [7],
    "budget": [9.99, 250],
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
    "budget": "money",
    "since": "date",
    "called": "moment",
    "has_dog": "boolean",
    "tier": "choice",
    "teas": "list",
}
# What a kind of event tells that the shop declared.
TASTED = {"tea": "text", "cups": "number", "liked": "boolean"}
TEAS = ["Mate", "mate com limão"]
MISFITS = {"many", "never", "perhaps", 5}


@dataclass(frozen=True)
class Row:
    """Something that happened so long ``ago``, and what is told of it, by the names rules use.

    ``counts`` says whether it still stands: an order that was not returned, a voucher not used.
    ``ends`` is in how long it counts no more.
    """

    kind: str
    ago: timedelta
    told: Mapping[str, Any] = field(default_factory=dict)
    counts: bool = True
    ends: timedelta | None = None


@dataclass(frozen=True)
class Metrics:
    """What orders and events add up to; None is "never"."""

    order_count: int
    spend: Decimal
    first_order: timedelta | None
    last_order: timedelta | None
    last_event: timedelta | None
    last_open: timedelta | None
    last_click: timedelta | None
    scores: tuple[int, int, int] | None
    buys: tuple[str, ...]
    year_spend: Decimal | None
    growth_potential: Decimal | None


@dataclass(frozen=True)
class Member:
    tier: str | None
    points: int
    joined: timedelta


@dataclass(frozen=True)
class Person:
    """``facts`` are the columns of a customer.

    ``answers`` says what was answered about each channel and category, for the purpose that is
    asked for; None is nothing at all. ``segments`` are the places in ``SEGMENTS`` of those that
    the person was put into, and those left since. ``elsewhere`` is what was answered about
    channels for other purposes, ``paused`` for how long they hear nothing.
    """

    facts: Mapping[str, Any] = field(default_factory=dict)
    attributes: Mapping[str, Any] = field(default_factory=dict)
    birth_date: date | None = None
    registered: timedelta = timedelta()
    timezone: str = ""
    metrics: Metrics | None = None
    member: Member | None = None
    rows: tuple[Row, ...] = ()
    segments: tuple[int, ...] = ()
    left: tuple[int, ...] = ()
    answers: Mapping[str, bool | None] | None = None
    elsewhere: Mapping[str, Mapping[str, bool | None]] = field(default_factory=dict)
    paused: timedelta | None = None
    has_ended: bool = False
    restricted: str = ""
    erased: bool = False
    pk: int = 0


ages = st.sampled_from(
    [
        timedelta(days=days) + nudge
        for days in (0, *WINDOWS, 90)
        for nudge in (timedelta(0), timedelta(microseconds=-1), timedelta(microseconds=1))
    ]
    # And what is to come.
    + [timedelta(days=-1), timedelta(minutes=-1)]
)
birthdays = st.sampled_from(
    [
        date(2000, 2, 29),
        date(2000, 2, 28),
        date(2001, 3, 1),
        date(1999, 3, 2),
        date(1980, 12, 31),
        date(1996, 3, 5),
        date(2008, 2, 29),  # comes of age on 1 March 2026
        date(2012, 3, 2),
        date(1904, 3, 2),  # whose year is not kept
    ]
)
_told = st.sampled_from


_always, _never = st.just(True), st.none()


def _rows(kind, *, counts=_always, ends=_never, **told):
    return st.builds(
        Row, st.just(kind), ages, st.fixed_dictionaries(told), counts=counts, ends=ends
    )


_mostly = st.sampled_from([True, True, False])
_message = st.fixed_dictionaries(
    {}, optional={key: _told(CAMPAIGNS) for key in ("campaign", "campaign_name")}
)
lines = st.fixed_dictionaries(
    {
        "category": _told(CATEGORIES),
        "quantity": _told([1, 3]),
        "returned": _told([0, 0, 1]),
        "total": _told([0, 10, 25]),
    }
)
orders = _rows(
    "order",
    counts=_mostly,
    lines=st.lists(lines, min_size=1, max_size=2),
    store=_told(STORES),
    amount=_told([0, 10, 25]),
    discount=_told([0, 5]),
)
happened = st.one_of(
    orders,
    _rows("cart", counts=_mostly, amount=_told([10, 25]), items=_told([1, 3])),
    _rows("case", channel=_told(["email", "phone"]), status=_told(["open", "resolved"])),
    _rows("survey_answer", survey=_told(SURVEYS), score=_told([0, 6, 10])),
    _rows("view", sku=_told(list(SKUS.values())), price=_told([None, "dear", 10, 24.5])),
    _rows("points_earned", points=_told([5, 100])),
    _rows("withdrawn", channel=_told(["", "email", "sms"])),
    _rows(
        "tasted",
        tea=_told([None, *TEAS]),
        cups=_told([None, 1, 2.5]),
        liked=_told([None, True, False]),
    ),
    _rows("redemption", counts=_mostly, offer=_told(OFFERS), discount=_told([0, 5])),
    _rows(
        "voucher",
        counts=_mostly,
        ends=_told([timedelta(minutes=n) for n in (-1, 1, 1440, 43_200)]),
        offer=_told(OFFERS),
    ),
    *(
        st.builds(Row, st.just(kind), ages, _message)
        for kind in ("message_sent", "campaign_received", "message_opened", "link_followed")
    ),
)
_perhaps = st.none() | ages
metrics = st.builds(
    Metrics,
    order_count=st.integers(0, 4),
    spend=_told([Decimal(0), Decimal("9.99"), Decimal(10)]),
    first_order=_perhaps,
    last_order=_perhaps,
    last_event=_perhaps,
    last_open=_perhaps,
    last_click=_perhaps,
    scores=st.none() | _told(list(SCORES)),
    buys=st.lists(_told(CATEGORIES), max_size=2, unique=True).map(tuple),
    year_spend=_told([None, Decimal(1), Decimal("99.99")]),
    growth_potential=_told([None, Decimal(0), Decimal("25.50")]),
)
facts = st.fixed_dictionaries(
    {
        "email": _told(["", "ana@example.com"]),
        "phone": _told(["", "+5511999990000"]),
        "country": _told(["", *COUNTRIES]),
        "state": _told(["", *STATES]),
        "city": _told(["", *CITIES]),
        "postal_code": _told(["", *POSTAL_CODES]),
        "language": _told(["", *LANGUAGES]),
        "gender": _told(["", "female", "male"]),
        "stage": _told(STAGES),
        "interests": st.lists(_told(INTERESTS), max_size=2, unique=True),
        "tags": st.lists(_told(TAGS), max_size=2, unique=True),
    }
)
answers = st.fixed_dictionaries(
    {
        **{f"channel_{channel}": _told([None, True, False]) for channel in Channel.values},
        **{f"data_{category}": _told([True] * 5 + [None, False]) for category in Category.values},
    }
)
elsewhere = st.fixed_dictionaries(
    {f"channel_{channel}": _told([None, True, False]) for channel in Channel.values}
)
people = st.builds(
    Person,
    facts=facts,
    attributes=st.fixed_dictionaries(
        {}, optional={code: _told(values) for code, values in ATTRIBUTES.items()}
    ),
    birth_date=st.none() | birthdays,
    registered=ages,
    timezone=_told(["", "", "Asia/Tokyo", "Pacific/Honolulu", "Mars/Base"]),
    metrics=st.none() | metrics,
    member=st.none()
    | st.builds(Member, _told([None, *TIERS]), st.sampled_from([0, 5, 500]), ages),
    # Of orders most is asked; first and last are told apart by those who have several.
    rows=st.builds(
        lambda some, bought: (*some, *bought),
        st.lists(happened, max_size=5),
        st.lists(orders, max_size=4),
    ),
    segments=st.lists(_told([0, 1]), max_size=2, unique=True).map(tuple),
    left=st.lists(_told([0, 1]), max_size=1).map(tuple),
    answers=_told([True, True, True, False]).flatmap(
        lambda known: answers if known else st.none()
    ),
    elsewhere=st.fixed_dictionaries({}, optional=dict.fromkeys(ELSEWHERE, elsewhere)),
    paused=_told([None, None, timedelta(days=1), timedelta(minutes=-1)]),
    has_ended=_told([False] * 7 + [True]),
    restricted=_told([""] * 7 + ["standing", "lifted", "over"]),
    erased=_told([False] * 7 + [True]),
)
worlds = st.lists(people, min_size=8, max_size=16)


def purposes(*, need_opt_in: bool):
    """Draw what data may be used for: what rests on consent always needs an opt-in."""
    bases = LegalBasis.values if need_opt_in else set(LegalBasis.values) - {LegalBasis.CONSENT}
    return st.builds(
        Purpose,
        code=st.just("proved"),
        basis=st.sampled_from(sorted(bases)),
        needs_opt_in=st.just(need_opt_in),
        adults_only=st.booleans(),
    )
