"""What people may ask of us: on which article it rests, and how long the answer may take."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial

from consent.enums import ClockColour, RequestKind, RequestStage
from customers.enums import Gender
from customers.rules.cells import Unreadable, read_date, read_email, read_phone, read_tax_id

# LGPD art. 19 II names 15 days for a complete answer to access; nobody needs longer for the rest.
STATUTORY_DAYS = 15

CITATIONS = {
    RequestKind.ACCESS: "LGPD art. 18 I, II, VII; art. 19 · GDPR art. 15",
    RequestKind.PORTABILITY: "LGPD art. 18 V · GDPR art. 20",
    RequestKind.RECTIFICATION: "LGPD art. 18 III · GDPR art. 16",
    RequestKind.ERASURE: "LGPD art. 18 IV, VI; art. 16 · GDPR art. 17",
    RequestKind.RESTRICTION: "LGPD art. 18 IV · GDPR art. 18",
    RequestKind.OBJECTION: "LGPD art. 18 § 2º · GDPR art. 21",
    RequestKind.REVIEW: "LGPD art. 20 · GDPR art. 22",
}

OPEN = (RequestStage.RECEIVED, RequestStage.IDENTITY, RequestStage.IN_WORK)

# What the person may propose another value for; the rest follows from what they do.
RECTIFIABLE = (
    "first_name", "last_name", "email", "phone", "tax_id", "birth_date", "gender",
    "city", "state", "postal_code", "country",
)  # fmt: skip

# Of the fifteen days so many are left on day 10, 13 and 15.
REMINDED_AT = (5, 2, 0)


def days_left(due_at: datetime, *, stopped_at: datetime | None, at: datetime) -> int:
    """Return the whole days until the answer is due, 0 on the last; negative when it is late.

    While the identity is being checked the clock stands where it stood at ``stopped_at``.
    """
    return (due_at - (stopped_at or at)) // timedelta(days=1)


def colour(left: int, *, is_stopped: bool) -> ClockColour:
    if is_stopped:
        return ClockColour.STOPPED
    if left < 0:
        return ClockColour.RED
    return ClockColour.AMBER if left <= REMINDED_AT[0] else ClockColour.GREEN


def reminder(left: int, *, reminded_at: int | None) -> int | None:
    """Return which reminder is due with so many days left, or None.

    ``reminded_at`` is the last that went out: a night that was missed is made up for, once.
    """
    passed = [days for days in REMINDED_AT if left <= days]
    if not passed or (reminded_at is not None and reminded_at <= min(passed)):
        return None
    return min(passed)


def proposed_reader(country: str) -> Callable[[str, str], str]:
    """Return what reads the text that somebody proposes for a field, as it would be kept.

    ``country`` is where a phone without a prefix is from. It raises ``Unreadable``.
    """
    readers: Mapping[str, Callable[[str], str]] = {
        "email": read_email,
        "phone": partial(read_phone, country=country),
        "tax_id": read_tax_id,
        "birth_date": read_date,
        "gender": _read_gender,
        "country": _read_country,
    }
    return lambda name, text: readers.get(name, str)(text)


def _read_gender(text: str) -> str:
    for gender in Gender:
        if text.casefold() in (gender.value, str(gender.label).casefold()):
            return gender.value
    raise Unreadable("not_one_of", expected=", ".join(str(it.label) for it in Gender))


def _read_country(text: str) -> str:
    if len(text) != 2 or not text.isalpha():
        raise Unreadable("not_one_of", expected="BR, PT, US…")
    return text.upper()
