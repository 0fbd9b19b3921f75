"""An explanation in words, in the active language, for staff and programs."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.formats import date_format
from django.utils.timezone import localdate, localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from customers.enums import Category
from segments.compiler.explaining import Explained, Seen
from segments.enums import Answer, TraitType
from segments.rules import Condition, sentence_of_condition, value_in_words

ICONS = {
    Answer.TRUE: "check_circle",
    Answer.FALSE: "cancel",
    Answer.UNKNOWN: "help",
    Answer.REFUSED: "lock",
}


@dataclass(frozen=True)
class Told:
    """One part of a rule, as it came out for one customer.

    ``asked`` is what is asked, ``seen`` what we saw: "" where ``is_hidden``, since the reader may
    not see it.
    """

    asked: str
    explained: Explained
    seen: str = ""
    is_hidden: bool = False
    parts: tuple["Told", ...] = ()

    def __iter__(self) -> Iterator["Told"]:
        yield self
        for part in self.parts:
            yield from part

    @property
    def hides_a_day(self) -> bool:
        """Say whether the day on which the whole changes would tell a birthday that is hidden."""
        return any(part.is_hidden and part.explained.changes_daily for part in self)

    @property
    def answer(self) -> Answer:
        return self.explained.answer

    @property
    def period(self) -> str:
        """Return what the period came to, in the shop's time; "" where none was asked."""
        since, until = self.explained.since, self.explained.until
        words = {"since": _moment(since), "until": _moment(until)}
        if since and until:
            return _("from %(since)s until before %(until)s") % words
        if since:
            return _("from %(since)s on") % words
        return _("until before %(until)s") % words if until else ""

    @property
    def coming(self) -> str:
        """Return when time alone may change it; "" where it may not.

        A birthday tells when it is: of what is hidden no day is told.
        """
        if self.explained.flips_at and not self.is_hidden:
            words = {"moment": _moment(self.explained.flips_at)}
            return _("may change on %(moment)s, by time alone") % words
        return _("asked again whenever a day begins") if self.explained.changes_daily else ""

    @property
    def needed(self) -> list[str]:
        """Return the kinds of data that must be allowed for it, where they are not."""
        node = self.explained.node
        if self.answer != Answer.REFUSED or not isinstance(node, Condition):
            return []
        return [str(category.label) for category in sorted(node.categories)]

    @property
    def icon(self) -> str:
        return ICONS[self.answer]


def told(explained: Explained, *, at: datetime, hidden: Collection[Category] = ()) -> Told:
    """Say an explanation in words; without what we saw of the ``hidden`` kinds of data."""
    node = explained.node
    if not isinstance(node, Condition):
        parts = tuple(told(part, at=at, hidden=hidden) for part in explained.parts)
        return Told(str(node.combination.label), explained, parts=parts)
    asked = sentence_of_condition(node)
    if explained.answer == Answer.REFUSED:
        return Told(asked, explained)
    if node.categories & set(hidden):
        return Told(asked, explained, is_hidden=True)
    return Told(
        asked, explained, seen=_seen(node, explained.seen, on=explained.today or localdate(at))
    )


def _seen(condition: Condition, seen: Seen, *, on: date) -> str:
    value = value_in_words(condition, seen.value, on=on)
    if seen.count is None:
        return value
    if condition.trait.type == TraitType.YES_NO:
        # "Has an open cart" is seen as "yes", not as so many times.
        return value_in_words(condition, seen.count > 0, on=on)
    said = ngettext("%(count)d time", "%(count)d times", seen.count) % {"count": seen.count}
    if value:
        said = _("%(value)s, from %(times)s") % {"value": value, "times": said}
    if seen.last:
        words = {"seen": said, "last": _moment(seen.last)}
        said = _("%(seen)s, the last on %(last)s") % words
    return said


def _moment(moment: datetime | None) -> str:
    return date_format(localtime(moment), "SHORT_DATETIME_FORMAT") if moment else ""
