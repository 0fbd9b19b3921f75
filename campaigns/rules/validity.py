"""When vouchers begin and end: in the shop's days, not in hours of UTC."""

from datetime import datetime, time, timedelta, tzinfo


def end_of_validity(*, at: datetime, days: int, zone: tzinfo) -> datetime:
    """Return the midnight at which a voucher issued now ends; its last day is whole."""
    last_day = at.astimezone(zone).date() + timedelta(days=days)
    return datetime.combine(last_day + timedelta(days=1), time(), zone)


def start_of_day(at: datetime, *, zone: tzinfo) -> datetime:
    return datetime.combine(at.astimezone(zone).date(), time(), zone)
