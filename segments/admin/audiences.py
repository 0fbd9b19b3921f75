"""The page that hands a segment's hashed addresses to an advertising platform."""

from dataclasses import replace
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.text import slugify
from django.utils.timezone import now
from django.utils.translation import gettext as _

from common.access.recent import recently_verified
from common.errors import DomainError
from common.exports import answer
from common.staff import signed_in
from consent.queries.reach import Reach
from consent.queries.reach_in_words import Line, lines
from segments.compiler.sharing import CHANNELS, Sharing, sharing_of
from segments.enums import AdPlatform, Identifier
from segments.forms import AudienceForm
from segments.models import Segment
from segments.operations.disclosing import begin_audience, hand_out
from segments.rules.audiences import HEADERS


@recently_verified()
def audience_page(request: HttpRequest, segment: Segment) -> HttpResponseBase:
    """Say who would leave and who not; a POST that says what for is answered by the file."""
    back = reverse("admin:segments_segment_overview", args=[segment.pk])
    form = AudienceForm(request.POST or None)
    try:
        if form.is_valid():
            return _file(request, segment, form.cleaned_data)
        counted = _counted(sharing_of(segment, at=now()))
    except DomainError as refused:
        messages.error(request, refused.message)
        return redirect(back)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("Ad audience: %(segment)s") % {"segment": segment},
        "opts": segment._meta,
        "segment": segment,
        "form": form,
        "back": back,
        **counted,
    }
    return TemplateResponse(request, "segments/audience.html", context)


def _counted(sharing: Sharing) -> dict[str, Any]:
    """Count for each kind of address who may be told of and, first reason first, who not."""
    reaches = {identifier: sharing.reach(identifier) for identifier in Identifier}
    return {
        "purpose": sharing.purpose,
        "as_of": sharing.at,
        "data": [category.label for category in sorted(sharing.using)],
        "nobody": not any(reach.allowed for reach in reaches.values()),
        "counted": [
            (identifier.label, _lines(reach, identifier)) for identifier, reach in reaches.items()
        ],
    }


def _lines(reach: Reach, identifier: Identifier) -> list[Line]:
    *others, last = lines(reach, everybody=_("Members now"), channel=CHANNELS[identifier])
    return [*others, replace(last, label=_("Leave in the file"))]


def _file(request: HttpRequest, segment: Segment, facts: dict[str, Any]) -> HttpResponseBase:
    platform = AdPlatform(facts["platform"])
    asked = {"platform": platform, "identifiers": facts["identifiers"]}
    export = begin_audience(
        segment, **asked, reason=facts["reason"], by=signed_in(request), at=now()
    )
    header = [HEADERS[platform][it] for it in Identifier if it in facts["identifiers"]]
    rows = hand_out(segment, export, **asked, clock=now)
    return answer(export, header, rows, name=f"{platform.value}-{slugify(segment.name)}")
