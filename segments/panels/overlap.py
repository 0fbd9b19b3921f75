"""How the page of a segment tells whom it shares with others."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from common.templatetags.clientela import percent, whole
from segments.models import Segment
from segments.queries.dependants import asked_by, asks_for
from segments.queries.overlap import Overlap, overlaps


def shared(segment: Segment, at: datetime, _choice: str) -> list[Overlap]:
    return overlaps(segment)


def others(segment: Segment, found: list[Overlap]) -> dict[str, Any]:
    add = reverse("admin:segments_segment_add")
    return {
        "others": [
            {
                "name": it.name,
                "page": reverse("admin:segments_segment_overview", args=[it.other]),
                "people": f"≈ {whole(it.shared)}" if it.is_rough else whole(it.shared),
                "of_this": percent(it.of_this),
                "of_other": percent(it.of_other),
                "both": f"{add}?{urlencode({'in': f'{segment.pk},{it.other}'})}",
                "only": f"{add}?{urlencode({'in': segment.pk, 'not_in': it.other})}",
            }
            for it in found
        ]
    }


def dependants(segment: Segment, _figures: None) -> dict[str, Any]:
    return {"asks_for": asks_for(segment), "asked_by": asked_by(segment)}
