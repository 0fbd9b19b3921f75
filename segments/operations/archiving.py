"""A segment that is used no more is put away, or deleted; one that is used says by what."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from common.discovery import declared
from common.errors import DomainError
from common.models import ApiKey, User
from common.operations import audit
from segments.models import Segment
from segments.operations.refreshing import hold, hold_all
from segments.queries.dependants import asked_by
from segments.rules.panels import SegmentUse

NAMED = 5


class SegmentInUse(DomainError):
    code = "segment_in_use"


@transaction.atomic
def archive(segment: Segment, *, by: User | ApiKey | None, at: datetime) -> None:
    """Put a segment away: it is followed and offered no more, and its history stays.

    Archived again, nothing happens. Raises SegmentInUse while a campaign that is not over, or
    another segment, needs its members.
    """
    # Nobody may be saving a segment meanwhile that asks for this one.
    hold_all()
    hold(segment)
    if names := _names(segment, waiting=True):
        raise SegmentInUse(_in_use(segment, names))
    archived = Segment.objects.filter(pk=segment.pk, archived_at=None).update(
        archived_at=at, asked_at=None
    )
    if archived:
        audit("segments.archived", segment, at=at, by=by)


@transaction.atomic
def bring_back(segment: Segment, *, by: User | ApiKey | None, at: datetime) -> None:
    """Take a segment out of the archive; its members are found anew."""
    hold_all()
    hold(segment)
    back = Segment.objects.filter(pk=segment.pk, archived_at__isnull=False).update(
        archived_at=None, asked_at=at
    )
    if back:
        audit("segments.brought_back", segment, at=at, by=by)


@transaction.atomic
def delete_segment(segment: Segment, *, by: User | ApiKey | None, at: datetime) -> None:
    """Delete a segment and its history. Raises SegmentInUse when anything rests on it."""
    hold_all()
    hold(segment)
    refuse_in_use(segment)
    audit("segments.deleted", segment, at=at, by=by, reason=segment.name)
    segment.delete()


def refuse_in_use(segment: Segment) -> None:
    """Raise SegmentInUse, with the names, when anything rests on the segment."""
    if names := _names(segment, waiting=False):
        raise SegmentInUse(_in_use(segment, names) + " " + _("You can archive it instead."))


def _names(segment: Segment, *, waiting: bool) -> list[str]:
    """Return what uses the segment, by kind and name; only what needs its members to come."""
    others = asked_by(segment) + list(segment.kept_as.filter(filled_at=None))
    found = [_told(_("segments"), {other.name for other in others if not other.archived_at})]
    for use in declared("panels", "SEGMENT_USES"):
        told: SegmentUse = use
        found.append(_told(str(told.label), (told.waiting if waiting else told.all)(segment)))
    return list(filter(None, found))


def _told(kind: str, names: Iterable[str]) -> str:
    shown = sorted(names)
    if not shown:
        return ""
    more = len(shown) - NAMED
    listed = ", ".join(f"“{name}”" for name in shown[:NAMED])
    return f"{kind} {listed}" + (_(" and %(more)d more") % {"more": more} if more > 0 else "")


def _in_use(segment: Segment, names: list[str]) -> str:
    return _("“%(name)s” is used by: %(uses)s.") % {"name": segment, "uses": "; ".join(names)}
