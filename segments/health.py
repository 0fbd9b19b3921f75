"""What staff should know: members that were not right, and segments that cannot be kept."""

from datetime import datetime

from django.db.models import Min
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.health import SystemState
from segments.enums import SweepReason
from segments.models import Segment, Sweep
from segments.queries.staleness import PROMISED, why_failing


def _troubles(at: datetime) -> list[str]:
    return [*_drift(), *_behind(at), *_out_of_date()]


def _drift() -> list[str]:
    proofs = Sweep.objects.filter(reason=SweepReason.PROOF, finished_at__isnull=False)
    last = proofs.order_by("-asked_at").first()
    if last is None or not (last.profiles or last.memberships):
        return []
    return [
        _(
            "The last proof put right %(memberships)s memberships and %(profiles)s profiles that"
            " nobody had followed. Tell whoever looks after the program: it is a fault of it."
        )
        % {"memberships": last.memberships, "profiles": last.profiles}
    ]


def _behind(at: datetime) -> list[str]:
    last = Segment.objects.live().aggregate(first=Min("refreshed_at"))["first"]
    if last is None or last >= at - PROMISED:
        return []
    return [
        _(
            "Members of segments are right up to %(time)s and not since: the workers are behind"
            " with their work, or do not run."
        )
        % {"time": _moment(last)}
    ]


def _moment(at: datetime) -> str:
    return date_format(localtime(at), "SHORT_DATETIME_FORMAT")


def _out_of_date() -> list[str]:
    failing = Segment.objects.filter(failed_at__isnull=False).order_by("failed_at")
    return [
        _("“%(segment)s” is out of date since %(time)s: %(error)s")
        % {
            "segment": segment,
            "time": _moment(segment.failed_at),
            "error": why_failing(segment),
        }
        for segment in failing
        if segment.failed_at
    ]


SYSTEM_STATES = [
    SystemState(
        "segments",
        gettext_lazy("Members of segments"),
        _troubles,
        "admin:segments_segment_changelist",
    )
]
