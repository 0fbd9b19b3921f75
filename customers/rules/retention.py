"""What is kept of people only for so long; the months stand in the shop's privacy settings."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise

from customers.rules.erasing import Erasing


@dataclass(frozen=True)
class Seen:
    """What the last run looked at: all older than ``before``, as it was ``at`` that moment."""

    before: datetime
    at: datetime


@dataclass(frozen=True)
class Term:
    """What a run looks at: what is older than ``before``; of what was ``seen``, what is new."""

    before: datetime
    seen: Seen | None = None


@dataclass(frozen=True)
class RetentionPart:
    """Rows that are kept for so many months; apps declare theirs in ``retention.py: RETENTION``.

    ``months`` is a field of ``consent.PrivacySettings``, where NULL is "for ever". ``due`` returns
    the rows of a ``Term`` that still say something: what was ended is due no more. ``end`` does
    what ``ending`` cannot; it gets at most ``limit`` rows, and the moment.
    """

    code: str
    label: str | Promise
    months: str
    due: Callable[[Term], Any]
    ending: Erasing
    end: Callable[[Any, datetime], None] | None = None
    limit: int = 5000
