"""Decisions about permission: plain values in, plain values out."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from consent.enums import Act

DENIALS = frozenset({Act.REFUSED, Act.WITHDRAWN, Act.OBJECTED, Act.EXPIRED})


@dataclass(frozen=True)
class Choice:
    """One consent event about one channel or category, in the order it was recorded."""

    act: Act
    occurred_at: datetime


def strictest(answer: bool | None, other: bool | None) -> bool | None:
    """Return what two answers of one person come to: a no stands, and silence is no answer."""
    if answer is False or other is False:
        return False
    return answer or other


def standing(choices: Iterable[Choice]) -> bool | None:
    """Say what a person's choices about one thing add up to; None is "never asked".

    A denial always wins over a grant that was made before it, even when the grant arrives later.
    """
    state: bool | None = None
    denied_at: datetime | None = None
    for choice in choices:
        if choice.act in DENIALS:
            state = False
            denied_at = max(denied_at or choice.occurred_at, choice.occurred_at)
        elif choice.act == Act.GIVEN and (denied_at is None or choice.occurred_at >= denied_at):
            state = True
    return state
