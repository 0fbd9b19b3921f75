"""Whether the members of a segment may be trusted, in words."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from segments.models import Segment
from segments.queries import rule_of
from segments.rules import BadRule

# Members are right to the minute. Who is further behind than this is not just busy.
PROMISED = timedelta(minutes=15)


@dataclass(frozen=True)
class OutOfDate:
    """Since when the members are what they were, and why; None for nobody found yet."""

    since: datetime | None
    why: str
    retry_at: datetime | None = None

    @property
    def sentence(self) -> str:
        told = {"why": self.why}
        if self.since is None:
            said = _("Its members are not known yet: %(why)s") % told
        else:
            told["day"] = _moment(self.since)
            said = _("Its members have not been found anew since %(day)s: %(why)s") % told
        return f"{said} {self.retry}".rstrip()

    @property
    def reason(self) -> str:
        """Return why, and when it is tried again, where since when stands beside it."""
        return f"{self.why} {self.retry}".rstrip()

    @property
    def retry(self) -> str:
        if self.retry_at is None:
            return ""
        return _("At %(time)s it is tried again.") % {"time": _moment(self.retry_at)}


def _moment(at: datetime) -> str:
    return date_format(localtime(at), "SHORT_DATETIME_FORMAT")


def out_of_date(segment: Segment, *, at: datetime) -> OutOfDate | None:
    """Say why the members may not be those whom the segment means now; None when they are.

    A list, and what is archived, follows nobody and is never behind.
    """
    if segment.error:
        return OutOfDate(_last_right(segment), why_failing(segment), segment.retry_at)
    if segment.refreshed_at is None:
        return OutOfDate(_last_right(segment), _("they are being found."))
    follows = segment.rule is not None and segment.archived_at is None
    if follows and segment.refreshed_at < at - PROMISED:
        return OutOfDate(_last_right(segment), _("the program is behind with its work."))
    return None


def why_failing(segment: Segment) -> str:
    """Say in the reader's language what was written down in English; read anew, a rule's fault."""
    try:
        rule_of(segment)
    except BadRule as refusal:
        return refusal.message
    return _(segment.error) if segment.error else ""


def _last_right(segment: Segment) -> datetime | None:
    return (segment.refreshed_at or segment.filled_at) if segment.filled_at else None
