"""Quiet hours: when somebody is not to be disturbed, on their own clock."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo

SUNDAY = 6


@dataclass(frozen=True)
class QuietHours:
    """From ``starts`` until ``ends``, over midnight as a rule; and all of Sunday, if so chosen."""

    starts: time
    ends: time
    on_sundays: bool

    def hold(self, local: datetime) -> bool:
        if self.on_sundays and local.weekday() == SUNDAY:
            return True
        clock = local.time()
        if self.starts < self.ends:
            return self.starts <= clock < self.ends
        return clock >= self.starts or clock < self.ends


def first_loud(hours: QuietHours, *, zone: tzinfo, at: datetime) -> datetime:
    """Return the moment from which somebody in the zone may be written to; ``at`` if it is now."""
    local = at.astimezone(zone)
    while hours.hold(local):
        is_sunday = hours.on_sundays and local.weekday() == SUNDAY
        local = _next(time.min if is_sunday else hours.ends, after=local)
    return local


def _next(clock: time, *, after: datetime) -> datetime:
    today = datetime.combine(after.date(), clock, tzinfo=after.tzinfo)
    return today if today > after else today + timedelta(days=1)
