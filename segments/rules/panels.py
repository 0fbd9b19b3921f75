"""What apps put on a segment's page."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise

from segments.enums import SegmentTab


@dataclass(frozen=True)
class SegmentPanel:
    """A section of a segment's page; apps declare theirs in ``panels.py: SEGMENT_PANELS``.

    ``figures`` gets the segment, the moment and which of the ``choices`` the reader made (the
    first, if none); what it returns holds no words, since it is remembered for readers of every
    language. It may take as long as the page's patience. ``context`` gets the segment and the
    figures, and returns what ``template`` shows. ``permission`` is Django's name of who may see
    it.
    """

    code: str
    title: str | Promise
    tab: SegmentTab
    order: int
    template: str
    figures: Callable[[Any, datetime, str], Any]
    context: Callable[[Any, Any], Mapping[str, Any]]
    choices: Sequence[tuple[str, str | Promise]] = ()
    permission: str = ""
