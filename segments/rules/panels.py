"""What apps put on a segment's page."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise

from segments.enums import SegmentTab


def _nothing(_segment: Any, _at: datetime, _choice: str) -> None:
    pass


def _none(_segment: Any) -> list[str]:
    return []


@dataclass(frozen=True)
class SegmentUse:
    """What rests on a segment; apps declare theirs in ``panels.py: SEGMENT_USES``.

    ``all`` returns the names of what would be broken without the segment, ``waiting`` those of
    them that still need its members. ``label`` is what several are called: campaigns.
    """

    label: str | Promise
    all: Callable[[Any], list[str]]
    waiting: Callable[[Any], list[str]] = _none


@dataclass(frozen=True)
class SegmentPanel:
    """A section of a segment's page; apps declare theirs in ``panels.py: SEGMENT_PANELS``.

    ``figures`` gets the segment, the moment and which of the ``choices`` the reader made (the
    first, if none); what it returns holds no words, since it is remembered for readers of every
    language, and it may take as long as the page's patience. ``context`` gets the segment and
    the figures, and returns what ``template`` shows; what it reads itself is cheap and never old.
    ``permission`` is Django's name of who may see the section.
    """

    code: str
    title: str | Promise
    tab: SegmentTab
    order: int
    template: str
    context: Callable[[Any, Any], Mapping[str, Any]]
    figures: Callable[[Any, datetime, str], Any] = _nothing
    choices: Sequence[tuple[str, str | Promise]] = ()
    permission: str = ""
