"""Decisions about permission: plain values in, plain values out."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from consent.enums import Act, ActorKind

GRANTS = frozenset({Act.GIVEN, Act.RENEWED})
DENIALS = frozenset({Act.REFUSED, Act.WITHDRAWN, Act.OBJECTED})
# A yes that is over is silence again, and no refusal.
ENDS = frozenset({Act.EXPIRED, Act.SUSPENDED})
# Whose yes needs no other evidence. A file without evidence claims, and does not give.
THEIR_OWN = frozenset({ActorKind.SUBJECT, ActorKind.GUARDIAN, ActorKind.FILE})
# How far the clocks of tills and servers may be apart.
CLOCK_SKEW = timedelta(minutes=5)


@dataclass(frozen=True)
class Choice:
    """One consent event about one channel or category, in the order it was recorded."""

    act: Act
    occurred_at: datetime
    valid_until: datetime | None = None


@dataclass(frozen=True)
class Answer:
    """What choices add up to: yes, no, or None for silence; and when a yes ends, if it does."""

    says: bool | None = None
    until: datetime | None = None


def strictest(answer: bool | None, other: bool | None) -> bool | None:
    """Return what two answers of one person come to: a no stands, and silence is no answer."""
    if answer is False or other is False:
        return False
    return answer or other


def standing(choices: Iterable[Choice]) -> Answer:
    """Say what a person's choices about one thing add up to.

    A denial or an end wins over a grant that was made before it, even when the grant arrives
    later. Of several grants that stand the latest end counts.
    """
    answer = Answer()
    barred_at: datetime | None = None
    for choice in choices:
        if choice.act in DENIALS | ENDS:
            answer = _barred(answer, choice)
            barred_at = max(barred_at or choice.occurred_at, choice.occurred_at)
        elif choice.act in GRANTS and (barred_at is None or choice.occurred_at >= barred_at):
            answer = _granted(answer, choice)
    return answer


def _barred(before: Answer, choice: Choice) -> Answer:
    return Answer(False if choice.act in DENIALS or before.says is False else None)


def _granted(before: Answer, choice: Choice) -> Answer:
    if before.says is not True:
        return Answer(True, choice.valid_until)
    if before.until is None or choice.valid_until is None:
        return Answer(True)
    return Answer(True, max(before.until, choice.valid_until))


def end_of_validity(occurred_at: datetime, *, valid_days: int | None) -> datetime | None:
    """Return when a permission given at that moment ends; None is never."""
    return occurred_at + timedelta(days=valid_days) if valid_days else None
