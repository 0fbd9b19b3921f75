"""A segment's page: its parts, each counted when it is looked at."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.timezone import now
from django.utils.translation import gettext as _

from common.discovery import declared
from consent.queries.reach_in_words import Choice
from segments.enums import SegmentTab
from segments.models import Segment
from segments.queries import patience
from segments.rules.panels import SegmentPanel

SECONDS_TO_COUNT = 10
# With a million customers some take seconds.
REMEMBERED_FOR = timedelta(minutes=1)


@dataclass(frozen=True)
class Part:
    """A panel of the page, to be fetched from its address."""

    title: str
    address: str


def tab_of(request: HttpRequest) -> SegmentTab:
    text = request.GET.get("tab", "")
    return SegmentTab(text) if text in SegmentTab.values else SegmentTab.MEMBERS


def parts(request: HttpRequest, segment: Segment, tab: SegmentTab) -> list[Part]:
    """Return what the reader may see on the tab."""
    return [
        Part(str(panel.title), _address(segment, panel))
        for panel in _panels(request)
        if panel.tab == tab
    ]


def panel_page(request: HttpRequest, segment: Segment) -> HttpResponse:
    """Answer with one panel, counted at most once a minute; 404 for one that is none."""
    code = request.GET.get("panel", "size")
    panel = next((it for it in _panels(request) if it.code == code), None)
    if panel is None:
        raise Http404
    wanted = request.GET.get("choice", "")
    choice = wanted if wanted in dict(panel.choices) else _first(panel)
    context: dict[str, Any] = {
        "segment": segment,
        "panel": panel,
        "address": _address(segment, panel, choice=choice),
        "choices": [
            (Choice(one, str(label), one == choice), _address(segment, panel, choice=one))
            for one, label in panel.choices
        ],
    }
    try:
        figures, at = _remembered(panel, segment, choice)
    except OperationalError:
        context["wrong"] = _(
            "With so many people this takes longer than %(seconds)s seconds to count."
        ) % {"seconds": SECONDS_TO_COUNT}
    else:
        context |= {"as_of": at, **panel.context(segment, figures)}
    return render(request, "segments/page/panel.html", context)


def _panels(request: HttpRequest) -> list[SegmentPanel]:
    found: tuple[SegmentPanel, ...] = declared("panels", "SEGMENT_PANELS")
    allowed = (it for it in found if not it.permission or request.user.has_perm(it.permission))
    return sorted(allowed, key=lambda panel: panel.order)


def _first(panel: SegmentPanel) -> str:
    return next((code for code, _label in panel.choices), "")


def _address(segment: Segment, panel: SegmentPanel, *, choice: str = "") -> str:
    page = reverse("admin:segments_segment_panel", args=[segment.pk])
    query = {"panel": panel.code} | ({"choice": choice} if choice else {})
    return f"{page}?{urlencode(query)}"


def _remembered(panel: SegmentPanel, segment: Segment, choice: str) -> tuple[Any, datetime]:
    """Count once a minute, and at once when the rule has changed or the first fill is over."""
    state = (segment.changed_at.timestamp(), segment.filled_at and segment.filled_at.timestamp())
    key = f"segments:panel:{panel.code}:{choice}:{segment.pk}:{'-'.join(map(str, state))}"
    found: tuple[Any, datetime] | None = cache.get(key)
    if found is None:
        at = now()
        with patience(SECONDS_TO_COUNT):
            found = (panel.figures(segment, at, choice), at)
        cache.set(key, found, REMEMBERED_FOR.total_seconds())
    return found
