"""The part of a segment's page that says who cannot be reached, why, and what helps."""

from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import now
from django.utils.translation import gettext as _

from common.errors import DomainError
from consent.enums import Channel
from consent.queries.reach import Reach
from consent.queries.reach_in_words import channels_to_choose, lines
from segments.compiler import reach_of
from segments.models import Segment
from segments.queries import rule_of

# With a million customers it takes seconds.
REMEMBERED_FOR = timedelta(minutes=1)


def show(request: HttpRequest, segment: Segment) -> HttpResponse:
    channel, channels = channels_to_choose(request.GET.get("channel", ""))
    context: dict[str, Any] = {"segment": segment, "channels": channels}
    try:
        reach, at = _remembered(segment, channel)
    except DomainError as refused:
        context["wrong"] = refused.message
    else:
        everybody = _("Members now") if segment.is_list else _("Meant by the rule")
        context |= {
            "as_of": at,
            "nobody": not reach.total,
            "lines": lines(reach, everybody=everybody, channel=channel),
        }
    return render(request, "segments/reach.html", context)


def _remembered(segment: Segment, channel: Channel) -> tuple[Reach, datetime]:
    """Count once a minute, and at once when the rule was changed, or who is on a list."""
    version = segment.member_count if segment.is_list else segment.changed_at.timestamp()
    key = f"segments:reach:{segment.pk}:{version}:{channel}"
    found: tuple[Reach, datetime] | None = cache.get(key)
    if found is None:
        at = now()
        rule = rule_of(segment)
        found = (reach_of(rule, purpose=segment.purpose, channel=channel, at=at), at)
        cache.set(key, found, REMEMBERED_FOR.total_seconds())
    return found
