"""How far an audience is reached, as people read it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from common.templatetags.clientela import whole
from consent.enums import Channel, Verdict
from consent.queries.reach import Loss, Reach
from consent.rules.remedies import remedies

# An exact number could say what one person refused: a small one by itself, a large one beside that
# of the same people without the one.
SMALLEST_TOLD = 10


@dataclass(frozen=True)
class Line:
    """How many people stand where; of 100 ``percent``; and what may be done, for the lost."""

    label: str
    people: str
    percent: int
    remedies: Sequence[str] = ()


def rounded(people: int) -> int:
    """Round a number of people to tens; fewer than ten are ten."""
    return max(SMALLEST_TOLD, round(people, -1)) if people else 0


def roughly(people: int) -> str:
    """Write a number of people in tens; a small one only as such."""
    if people < SMALLEST_TOLD:
        return f"< {SMALLEST_TOLD}" if people else whole(0)
    return f"~ {whole(rounded(people))}"


def line(label: str | Promise, people: int, *, of: int) -> Line:
    return Line(str(label), whole(people), _percent(people, of))


def verdict_in_words(verdict: str) -> str | Promise:
    return Verdict(verdict).label


def held_back(
    reach: Reach,
    *,
    exactly: bool = False,
    label: Callable[[str], str | Promise] = verdict_in_words,
) -> list[Line]:
    """Return the losses in words, in the order in which they count; in tens, or ``exactly``."""
    return [
        _in_words(loss, str(label(loss.verdict)), of=reach.total, exactly=exactly)
        for loss in reach.losses
    ]


def lines(reach: Reach, *, everybody: str, channel: Channel) -> list[Line]:
    """Return the whole of it: everybody, each reason, and who is left to be reached."""
    reachable = _("Reachable by %(channel)s") % {"channel": channel.label}
    return [
        Line(everybody, _everybody(reach), 100),
        *held_back(reach),
        Line(reachable, whole(reach.allowed), _percent(reach.allowed, reach.total)),
    ]


@dataclass(frozen=True)
class Choice:
    """One of the links by which a reader chooses."""

    code: str
    label: str
    is_chosen: bool


def channels_to_choose(text: str) -> tuple[Channel, list[Choice]]:
    """Return the channel that the text names, e-mail if it names none, and all to choose from."""
    chosen = Channel(text) if text in Channel.values else Channel.EMAIL
    return chosen, [Choice(it.value, str(it.label), it == chosen) for it in Channel]


def _in_words(loss: Loss, label: str, *, of: int, exactly: bool) -> Line:
    return Line(
        label=f"{label}: {loss.category.label}" if loss.category else label,
        people=(whole if exactly else roughly)(loss.people),
        percent=_percent(loss.people if exactly else rounded(loss.people), of),
        remedies=remedies(
            loss.verdict,
            people=loss.people,
            say=whole if exactly else roughly,
            elsewhere=loss.elsewhere,
            category=loss.category,
            without_data=loss.without_data,
        ),
    )


def _everybody(reach: Reach) -> str:
    """Write the total so that no loss can be worked out from it."""
    return roughly(reach.total) if reach.held_back else whole(reach.total)


def _percent(people: int, of: int) -> int:
    return min(100, round(100 * people / (of or 1)))
