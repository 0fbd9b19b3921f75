"""How far an audience is reached, as people read it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise

from common.templatetags.clientela import whole
from consent.enums import Verdict
from consent.queries.reach import Loss, Reach
from consent.rules.remedies import remedies

# An exact small number could say what one person refused.
SMALLEST_TOLD = 10


@dataclass(frozen=True)
class Line:
    """How many people stand where; of 100 ``percent``; and what may be done, for the lost."""

    label: str
    people: str
    percent: int
    remedies: Sequence[str] = ()


def roughly(people: int) -> str:
    """Write a number of people; a small one only as such."""
    return f"< {SMALLEST_TOLD}" if 0 < people < SMALLEST_TOLD else whole(people)


def line(label: str | Promise, people: int, *, of: int) -> Line:
    return Line(str(label), whole(people), _percent(people, of))


def verdict_in_words(verdict: str) -> str | Promise:
    return Verdict(verdict).label


def held_back(
    reach: Reach,
    *,
    say: Callable[[int], str] = roughly,
    label: Callable[[str], str | Promise] = verdict_in_words,
) -> list[Line]:
    """Return the losses in words, in the order in which they count."""
    return [_in_words(loss, reach.total, say, str(label(loss.verdict))) for loss in reach.losses]


def _in_words(loss: Loss, total: int, say: Callable[[int], str], label: str) -> Line:
    return Line(
        label=f"{label}: {loss.category.label}" if loss.category else label,
        people=say(loss.people),
        percent=_percent(loss.people, total),
        remedies=remedies(
            loss.verdict,
            people=loss.people,
            say=say,
            elsewhere=loss.elsewhere,
            category=loss.category,
            without_data=loss.without_data,
        ),
    )


def _percent(people: int, of: int) -> int:
    return round(100 * people / (of or 1))
