"""The cheapest legitimate remedies for each reason why somebody cannot be reached."""

from collections.abc import Callable, Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from consent.enums import Channel, Verdict
from customers.enums import Category

# A no is an answer: whoever gave one is neither asked again nor followed elsewhere.
REFUSED = gettext_lazy("They refused: nothing to do.")

# What helps, or that nothing does; those that are counted stand in ``remedies``.
REMEDIES: dict[Verdict, str | Promise] = {
    Verdict.NO_ADDRESS: gettext_lazy("Ask for the address at the next order."),
    Verdict.RESTRICTED: gettext_lazy("Nothing, until the restriction is lifted."),
    Verdict.UNDER_AGE: gettext_lazy("Nothing: this purpose is for adults only."),
    Verdict.SUPPRESSED: gettext_lazy("Nothing: only a fresh yes of theirs lifts most blocks."),
    Verdict.PAUSED: gettext_lazy("Wait: the pause ends by itself."),
    Verdict.PERMISSION_ENDED: gettext_lazy("Ask for it anew at the next order."),
    Verdict.NO_PERMISSION: gettext_lazy("Ask at the next order."),
    Verdict.CHANNEL_REFUSED: REFUSED,
    Verdict.DATA_NOT_ASKED: gettext_lazy("Ask at the next order."),
    Verdict.DATA_REFUSED: REFUSED,
}


def remedies(
    verdict: str,
    *,
    people: int,
    say: Callable[[int], str],
    elsewhere: Mapping[Channel, int],
    category: Category | None,
    without_data: int,
) -> list[str]:
    """Return what may be done about those lost to a reason, the cheapest first, with numbers.

    ``elsewhere`` are those of them whom other channels may reach, ``without_data`` those whom
    this one may when the category is left out; ``say`` writes a number. Empty for a reason that
    is not the predicate's.
    """
    if verdict not in REMEDIES:
        return []
    found = [_switch(channel, n, say) for channel, n in elsewhere.items() if n]
    if category and without_data:
        left_out = {"data": category.label, "people": say(without_data)}
        found.append(_("Leave out “%(data)s”: %(people)s more.") % left_out)
    if verdict in {Verdict.NO_PERMISSION, Verdict.DATA_NOT_ASKED}:
        return [*found, _ask(people, say)]
    return [*found, str(REMEDIES[Verdict(verdict)])]


def _switch(channel: Channel, people: int, say: Callable[[int], str]) -> str:
    text = ngettext(
        "Switch to %(channel)s: %(people)s of them allows it.",
        "Switch to %(channel)s: %(people)s of them allow it.",
        _number(people, say),
    )
    return text % {"channel": channel.label, "people": say(people)}


def _ask(people: int, say: Callable[[int], str]) -> str:
    text = ngettext(
        "Ask at the next order: %(people)s was never asked.",
        "Ask at the next order: %(people)s were never asked.",
        _number(people, say),
    )
    return text % {"people": say(people)}


def _number(people: int, say: Callable[[int], str]) -> int:
    """Return the number whose grammar the sentence has: one told roughly is several."""
    return people if say(people).isdigit() else max(people, 2)
