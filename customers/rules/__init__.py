"""Decisions about people, orders and files: plain values in, plain values out."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple, Protocol

import phonenumbers
from django.utils.functional import Promise

from customers.enums import Category, FieldType, ProfileTab, Touch

# Every personal field of this app, and the permission that it is read through.
FIELD_CATALOGUE: dict[str, Category] = {
    "customer.external_id": Category.IDENTITY,
    "customer.first_name": Category.IDENTITY,
    "customer.last_name": Category.IDENTITY,
    "customer.tax_id": Category.IDENTITY,
    "customer.email": Category.CONTACT,
    "customer.phone": Category.CONTACT,
    "customer.birth_date": Category.DEMOGRAPHIC,
    "customer.gender": Category.DEMOGRAPHIC,
    "customer.language": Category.CONTACT,
    "customer.timezone": Category.DEMOGRAPHIC,
    "customer.country": Category.DEMOGRAPHIC,
    "customer.state": Category.DEMOGRAPHIC,
    "customer.city": Category.DEMOGRAPHIC,
    "customer.postal_code": Category.DEMOGRAPHIC,
    "customer.interests": Category.DEMOGRAPHIC,
    # At least; each attribute has a category of its own, by its definition.
    "customer.tags": Category.DEMOGRAPHIC,
    "customer.attributes": Category.DEMOGRAPHIC,
    "customer.registered_at": Category.IDENTITY,
    "customer.stage": Category.PURCHASE,
    "customermetrics.order_count": Category.PURCHASE,
    "customermetrics.spend": Category.PURCHASE,
    "customermetrics.first_order_at": Category.PURCHASE,
    "customermetrics.last_order_at": Category.PURCHASE,
    "customermetrics.average": Category.PURCHASE,
    "customermetrics.days_between_orders": Category.PURCHASE,
    "customermetrics.buys": Category.INFERRED,
    "customermetrics.year_spend": Category.PURCHASE,
    "customermetrics.growth_potential": Category.INFERRED,
    "customermetrics.growth_share": Category.INFERRED,
    "customermetrics.last_seen_at": Category.BROWSING,
    "customermetrics.last_open_at": Category.BROWSING,
    "customermetrics.last_click_at": Category.BROWSING,
    "customermetrics.rfm_group": Category.INFERRED,
    "customermetrics.recency_score": Category.INFERRED,
    "customermetrics.frequency_score": Category.INFERRED,
    "customermetrics.monetary_score": Category.INFERRED,
    "orderline.product": Category.PURCHASE,
    "cart.total": Category.PURCHASE,
    "case.subject": Category.CONTACT,
    "note.text": Category.CONTACT,
}

# What the profile itself says of somebody; the rest is what they did.
PROFILE = tuple(
    name.removeprefix("customer.") for name in FIELD_CATALOGUE if name.startswith("customer.")
)

# Behaviour that was watched, not told: a name stays with it only where a gate says so.
TRACKED = frozenset(
    {
        Category.BROWSING,
        Category.SEARCH,
        Category.IN_STORE,
        Category.LOCATION_COARSE,
        Category.LOCATION_PRECISE,
        Category.SENSITIVE,
    }
)


class Position(NamedTuple):
    """A place in the timeline: events are read in this order."""

    generation: int = 0
    xid: int = 0
    event_id: int = 0


@dataclass(frozen=True)
class Span:
    """The part of the timeline after one position, up to and including another."""

    after: Position
    upto: Position


class Reaction(Protocol):
    def __call__(self, span: Span, *, at: datetime) -> None: ...


@dataclass(frozen=True)
class Consumer:
    """Who acts on the timeline; apps declare theirs in ``consumers.py: CONSUMERS``.

    ``name`` keeps its position, ``label`` says to staff what it does. It is given at most
    ``limit`` events at once. It never reads further than the consumer it comes ``after``, on whose
    effects it builds.
    """

    name: str
    label: str | Promise
    react: Reaction
    limit: int = 10_000
    after: "Consumer | None" = None


@dataclass(frozen=True)
class KindField:
    """A detail of an event; ``label`` is what staff call it, its name where none is told.

    A number may be money, or of what is counted, and ``choices`` are the only texts there are.
    """

    name: str
    type: FieldType = FieldType.TEXT
    required: bool = False
    label: str | Promise = field(default="", compare=False)
    is_money: bool = False
    is_whole: bool = False
    choices: Callable[[], Sequence[tuple[str, str | Promise]]] | None = field(
        default=None, compare=False
    )

    @property
    def called(self) -> str | Promise:
        return self.label or self.name.replace("_", " ")


@dataclass(frozen=True)
class EventKind:
    """What may stand in the timeline; apps declare theirs in ``kinds.py``.

    ``sentence`` is shown on the profile and may name keys of the event's data: "Order %(order)s".
    ``in_words`` turns the data's codes into the reader's words first. ``category`` is the
    permission that the event is kept and shown under. ``fields`` are the details a program may
    tell by the API; with None, only we write such events. Of those ``tells`` names what rules may
    ask for: no ids and no codes. ``touches`` says what the customer did by it; what others did to
    them touches nothing.
    """

    code: str
    label: str | Promise
    category: Category
    sentence: str | Promise = ""
    icon: str = "circle"
    in_words: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None = None
    fields: tuple[KindField, ...] | None = None
    tells: tuple[KindField, ...] = ()
    touches: frozenset[Touch] = frozenset()

    @property
    def details(self) -> tuple[KindField, ...]:
        """What a rule may ask of such events."""
        return (*(self.fields or ()), *self.tells)


@dataclass(frozen=True)
class Gate:
    """Who lets data of a category be kept with their name; upper apps' ``gates.py: GATES``.

    ``permitting`` narrows a queryset of customers. A category without a gate is not kept.
    """

    category: Category
    permitting: Callable[[Any], Any]


def _no_rows(at: datetime) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True)
class Profile:
    """A customer as read for the page; ``rows`` are what panels and headlines asked for."""

    customer: Any
    rows: Mapping[str, Sequence[Any]]
    at: datetime


@dataclass(frozen=True)
class Panel:
    """A section of the customer's page; apps declare theirs in ``panels.py: PANELS``.

    ``rows`` names what it shows (``customers.queries.gathering.Rows``, ten or so of each, however
    long the history): the page reads all rows of one ``tab`` in one query. Rows of the same name
    are read once. ``context`` gets the ``Profile`` and returns what ``template`` shows.
    ``permission`` is Django's name of who may see it.
    """

    code: str
    title: str | Promise
    template: str
    context: Callable[[Profile], Mapping[str, Any]]
    order: int
    permission: str = ""
    rows: Callable[[datetime], Mapping[str, Any]] = _no_rows
    tab: ProfileTab = ProfileTab.OVERVIEW


@dataclass(frozen=True)
class Headline:
    """A fact at the top of the customer's page, such as the tier; ``panels.py: HEADLINES``.

    ``value`` gets the ``Profile`` and returns the text, or '' to show nothing.
    """

    code: str
    label: str | Promise
    value: Callable[[Profile], str | Promise]
    order: int
    permission: str = ""
    rows: Callable[[datetime], Mapping[str, Any]] = _no_rows


@dataclass(frozen=True)
class OrderEffect:
    """What else changes when less of an order stands; ``panels.py: ORDER_EFFECTS``.

    ``says`` gets the order and what would stand of it (``net_total``), and returns a sentence for
    the preview of a return or cancellation, or '' when nothing would.
    """

    says: Callable[[Any, Decimal], str]
    permission: str = ""


@dataclass(frozen=True)
class ProfileAction:
    """Something to do for the customer on the page; ``panels.py: PROFILE_ACTIONS``.

    ``url_name`` is reversed with the customer's id; ``is_danger`` marks what cannot be undone, and
    ``is_rare`` puts it behind "More".
    """

    code: str
    label: str | Promise
    url_name: str
    icon: str
    order: int
    permission: str = ""
    is_danger: bool = False
    is_rare: bool = False

    @property
    def variant(self) -> str:
        return "danger" if self.is_danger else "secondary"


# Brazilian mobile numbers as we keep them. Asking the library takes fifty times as long, which
# tells with a million; a test compares the two.
PLAIN_MOBILE = re.compile(r"\+55(?:[14689][1-9]|2[12478]|3[1-578]|5[13-5]|7[134579])9\d{8}")

BRAZIL = 55
# Area code and eight digits, the first from 6 to 9: since November 2016 a 9 stands before them all
# (Anatel, Resolution 553/2010). Lines of the house begin with 2 to 5.
OLD_MOBILE = re.compile(r"(?P<area>[1-9]{2})(?P<rest>[6-9]\d{7})")


def normal_email(text: str) -> str:
    """Return the address as we keep it: no spaces around, all lower case, the domain in ASCII."""
    text = unicodedata.normalize("NFKC", text).strip().lower()
    if text.isascii():
        return text
    local, at, domain = text.rpartition("@")
    if not at:
        return text
    try:
        return f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError:
        return text


def written_phone(number: str) -> str:
    """Return a number in E.164 as people read it: +55 11 98765-4321."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def normal_phone(text: str, *, country: str) -> str | None:
    """Return the number in E.164, '' for no number, or None when it cannot be one.

    A Brazilian mobile written as before 2016 gets its ninth digit.
    """
    if not text.strip():
        return ""
    if PLAIN_MOBILE.fullmatch(text):
        return text
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    if number.country_code == BRAZIL and OLD_MOBILE.fullmatch(str(number.national_number)):
        today = OLD_MOBILE.sub(r"\g<area>9\g<rest>", str(number.national_number))
        number.national_number = int(today)
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
