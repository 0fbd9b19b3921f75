"""Segments of which we want to be told who comes in."""

from collections.abc import Iterable

from campaigns.models import Campaign


def segments_with_entrants() -> Iterable[int]:
    """Return the segments, by id, into which people come who are written to for it."""
    return Campaign.objects.waiting_for_entrants().values_list("segment", flat=True)


LISTENERS = [segments_with_entrants]
