"""Months of the calendar, which are not of one length."""

from calendar import monthrange
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo


def months_later(day: date, months: int) -> date:
    """Return the same day of another month, or that month's last; ``months`` may be negative."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def window_start(at: datetime, *, months: int, zone: ZoneInfo) -> datetime:
    """Return when the last so many months began: at the start of a day in the zone."""
    day = months_later(at.astimezone(zone).date(), -months)
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)
