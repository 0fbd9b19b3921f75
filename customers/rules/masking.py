"""Enough of what we know for its owner to recognise it, and for nobody else to use it.

Messages are forwarded: whoever opens a link may not be the person that it was made for.
"""

from typing import Any


def masked_email(address: str) -> str:
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}…@{domain}" if local else ""


def masked_phone(number: str) -> str:
    """Return the last four digits of a number in E.164: … 4321."""
    return f"… {number[-4:]}" if len(number) > 4 else ""


def masked(value: Any) -> str:
    """Return the first letter of a text, and of anything else only that there is something."""
    if value in (None, "", [], {}):
        return ""
    return f"{value[:1]}…" if isinstance(value, str) else "…"
