"""What staff should know: members that were not right, and segments that cannot be kept."""

from datetime import datetime

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.health import SystemState
from segments.enums import SweepReason
from segments.models import Segment, Sweep


def _troubles(at: datetime) -> list[str]:
    return [*_drift(), *_out_of_date()]


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


def _out_of_date() -> list[str]:
    failing = Segment.objects.filter(failed_at__isnull=False).order_by("failed_at")
    return [
        _("“%(segment)s” is out of date since %(time)s: %(error)s")
        % {
            "segment": segment,
            "time": date_format(localtime(segment.failed_at), "SHORT_DATETIME_FORMAT"),
            "error": segment.error,
        }
        for segment in failing
    ]


SYSTEM_STATES = [
    SystemState(
        "segments",
        gettext_lazy("Members of segments"),
        _troubles,
        "admin:segments_segment_changelist",
    )
]
