"""Which segments ask for which."""

from collections.abc import Iterator

from segments.models import Segment
from segments.rules.joining import MEMBER


def asks_for(segment: Segment) -> list[Segment]:
    """Return the segments whose members the segment's rule asks for, by name."""
    return list(Segment.objects.filter(pk__in=set(_named(segment.rule))))


def asked_by(segment: Segment) -> list[Segment]:
    """Return the segments whose rules ask for this one's members, by name; one query.

    Their rules are searched and not read, which would take a few queries each.
    """
    others = Segment.objects.exclude(pk=segment.pk).filter(rule__icontains=MEMBER)
    return [other for other in others if segment.pk in set(_named(other.rule))]


def _named(rule: object) -> Iterator[int]:
    """Yield the ids of segments that a rule names, wherever it does."""
    if isinstance(rule, list):
        for part in rule:
            yield from _named(part)
    if isinstance(rule, dict):
        if rule.get("trait") == MEMBER and isinstance(rule.get("value"), list):
            yield from (int(number) for number in rule["value"] if str(number).isdecimal())
        for part in rule.values():
            yield from _named(part)
