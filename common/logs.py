"""The last look at every line of the log, ours or a library's: no personal data leave in it.

We log events and ids. What stands here is for what others write: a path with a token, a query
string, the database's "Key (email)=(…) already exists".
"""

import re
from typing import Any

from structlog.typing import EventDict

LEFT_OUT = frozenset({"ip", "user_agent"})
OURS = frozenset({"timestamp", "level", "logger", "request_id"})

# What may be in a line, and what stays of it; in this order.
SHAPES = (
    # the query of an address
    (re.compile(r"\?[^\s'\"]*=[^\s'\"]*"), "?…"),
    # the token of a link in a message: unsubscribe, click, why, preference centre
    (re.compile(r"(/[ucwp]/)[^\s?'\"]+"), r"\1…"),
    # PostgreSQL's DETAIL: Key (email)=(ana@mail.example)
    (re.compile(r"\)=\([^)]*\)"), ")=(…)"),
    (re.compile(r"[\w.+%-]+@[\w-]+(\.[\w-]+)+"), "…@…"),
    # a phone, in E.164 or as it is spoken
    (re.compile(r"\+\d[\d ().-]{6,}\d"), "+…"),
    (re.compile(r"\(?\b\d{2}\)? ?9?\d{4}[- ]?\d{4}\b"), "…"),
    # a voucher's code: ten or more of its alphabet, letters and digits together
    (re.compile(r"\b(?=[A-Z-]*\d)(?=[\d-]*[A-Z])[0-9A-HJKMNP-TV-Z-]{10,}\b"), "…"),
)


def without_personal_data(_logger: Any, _method: str, line: EventDict) -> EventDict:
    return {
        key: value if key in OURS else _blanked(value)
        for key, value in line.items()
        if key not in LEFT_OUT
    }


def told(error: BaseException) -> str:
    """Return type and sentence of an error for people to read, without what it happened to.

    The first line only: the database gives the values in the next. A value after a colon is left
    out, as in ``invalid input syntax for type integer: "Ana"``.
    """
    sentence, *_ = str(error).strip().splitlines() or [""]
    sentence = re.sub(r"(:\s*)(['\"]).*\2", r"\1…", _blanked(sentence))
    return f"{type(error).__name__}: {sentence}"[:500].removesuffix(": ")


def _blanked(value: Any) -> Any:
    if isinstance(value, str):
        for shape, rest in SHAPES:
            value = shape.sub(rest, value)
        return value
    if isinstance(value, dict):
        return {key: _blanked(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_blanked(inner) for inner in value]
    return value
