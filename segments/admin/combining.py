"""A new segment from two: whom both have, or one and not the other."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from segments.models import Segment
from segments.rules.joining import in_and_not_in

MOST_IDS = 20


def joined(request: HttpRequest) -> dict[str, Any] | None:
    """Return what the builder begins with when the address says ``in`` and ``not_in``."""
    inside, outside = _named(request, "in"), _named(request, "not_in")
    if not inside:
        return None
    both = _("%(first)s without %(second)s") if outside else _("%(first)s and %(second)s")
    names = {"first": _listed(inside[:1] if not outside else inside)}
    names["second"] = _listed(outside or inside[1:])
    return {
        "name": (both % names if names["second"] else names["first"])[:100],
        "purpose": inside[0].purpose_id,
        "rule": in_and_not_in([it.pk for it in inside], [it.pk for it in outside]),
    }


def _named(request: HttpRequest, parameter: str) -> list[Segment]:
    """Return the segments that the address names, in its order; what is none is left out."""
    numbers = request.GET.get(parameter, "").split(",")[:MOST_IDS]
    ids = [int(it) for it in numbers if it.isascii() and it.isdigit() and len(it) < 19]
    known = Segment.objects.in_bulk(ids)
    return [known[pk] for pk in ids if pk in known]


def _listed(segments: list[Segment]) -> str:
    return ", ".join(segment.name for segment in segments)
