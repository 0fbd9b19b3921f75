"""What a program tells of events, read as fast as it comes: JSON in, plain values out.

The details of an event are checked against its kind and stay the bytes that came, since the
database reads them once more anyway.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Annotated, Any, TypeAlias

import msgspec
from django.utils.translation import gettext as _
from msgspec import Meta, Raw, Struct

from customers.enums import FieldType
from customers.rules import KindField

LARGEST_BATCH = 1000
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
# A clock of somebody else may be ahead of ours.
AHEAD = timedelta(minutes=5)

TYPES: Mapping[FieldType, Any] = {
    FieldType.TEXT: Annotated[str, Meta(max_length=1000)],
    FieldType.NUMBER: Annotated[float, Meta(ge=-1e15, le=1e15)],
    FieldType.BOOLEAN: bool,
    FieldType.DATE: date,
    FieldType.MOMENT: Annotated[datetime, Meta(tz=True)],
}


def _nothing() -> Raw:
    return Raw(b"{}")


class ToldEvent(Struct, forbid_unknown_fields=True):
    """One event as a program tells it; ``customer`` is the shop's number, or '' for nobody."""

    kind: Annotated[str, Meta(min_length=1, max_length=64)]
    reference: Annotated[str, Meta(min_length=1, max_length=200)]
    occurred_at: Annotated[datetime, Meta(tz=True)]
    customer: Annotated[str, Meta(max_length=64)] = ""
    data: Annotated[Raw, Meta(extra_json_schema={"type": "object"})] = msgspec.field(
        default_factory=_nothing
    )


class EventBatch(Struct, forbid_unknown_fields=True):
    events: Annotated[list[ToldEvent], Meta(min_length=1, max_length=LARGEST_BATCH)]


class _Unread(Struct, forbid_unknown_fields=True):
    events: Annotated[list[Raw], Meta(min_length=1, max_length=LARGEST_BATCH)]


class RefusedEvent(Struct):
    """Why one event of a batch is refused; ``index`` counts from 0."""

    index: int
    code: str
    message: str
    field: str


# Reads what a kind may tell of an event.
Details: TypeAlias = "msgspec.json.Decoder[Any]"

_batch = msgspec.json.Decoder(EventBatch)
_unread = msgspec.json.Decoder(_Unread)
_told = msgspec.json.Decoder(ToldEvent)

NOT_JSON = (msgspec.DecodeError, UnicodeDecodeError)


def read_batch(body: bytes) -> Sequence[ToldEvent | RefusedEvent]:
    """Read a request; an event that cannot be read is told, and the others are kept.

    Raises msgspec.ValidationError when the whole is not a batch, another of NOT_JSON when it is
    no JSON at all.
    """
    try:
        return _batch.decode(body).events
    except msgspec.ValidationError:
        return [_read(index, raw) for index, raw in enumerate(_unread.decode(body).events)]


def _read(index: int, raw: Raw) -> ToldEvent | RefusedEvent:
    try:
        return _told.decode(raw)
    except NOT_JSON as error:
        return wrong(index, error)


def wrong(index: int, error: Exception, *, inside: str = "") -> RefusedEvent:
    """Translate what msgspec says of one event; ``inside`` is the field it was reading."""
    reason, place = place_of(error)
    field = ".".join(filter(None, ["events", str(index), inside, place]))
    return RefusedEvent(
        index, "invalid", _("Not as described: %(reason)s") % {"reason": reason}, field
    )


def place_of(error: Exception) -> tuple[str, str]:
    """Split ``Expected `str` - at `$.a[0].b``` into the reason and ``a.0.b``."""
    reason, _at, place = str(error).partition(" - at `$")
    return reason, re.sub(r"\[(\d+)\]", r".\1", place.rstrip("`")).lstrip(".")


def wrong_details(index: int, told: ToldEvent, details: Details) -> RefusedEvent | None:
    """Say what of the details does not fit the kind, if anything."""
    try:
        details.decode(told.data)
    except NOT_JSON as error:
        return wrong(index, error, inside="data")
    # PostgreSQL keeps no NUL in a text.
    if b"\\u0000" in bytes(told.data):
        return wrong(index, ValueError("NUL character"), inside="data")
    return None


# Details that may name goods: a product by its number, a category, or words that were typed.
NAMING_GOODS = frozenset({"sku", "product", "category", "words"})


class _Goods(Struct):
    sku: Any = None
    product: Any = None
    category: Any = None
    words: Any = None


_goods = msgspec.json.Decoder(_Goods)


def goods_told(told: ToldEvent) -> list[str]:
    """Return what the details call goods by; nothing of details that cannot be read."""
    try:
        goods = _goods.decode(told.data)
    except NOT_JSON:
        return []
    named = (goods.sku, goods.product, goods.category, goods.words)
    return [name for name in named if isinstance(name, str) and "\0" not in name]


def wrong_moment(index: int, told: ToldEvent, *, at: datetime) -> RefusedEvent | None:
    if EARLIEST <= told.occurred_at <= at + AHEAD:
        return None
    message = _("The event cannot have happened then.")
    return RefusedEvent(index, "not_plausible", message, f"events.{index}.occurred_at")


@lru_cache(maxsize=256)
def details_of(fields: tuple[KindField, ...]) -> Details:
    """Return what reads the details of a kind, and refuses others."""
    # What is required has no default, and stands first.
    ordered = sorted(fields, key=lambda field: not field.required)
    shape = msgspec.defstruct(
        "Details",
        [
            (field.name, TYPES[field.type])
            if field.required
            else (field.name, TYPES[field.type] | None, None)
            for field in ordered
        ],
        forbid_unknown_fields=True,
    )
    return msgspec.json.Decoder(shape)
