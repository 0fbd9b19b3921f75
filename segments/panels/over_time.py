"""How the page of a segment tells its growth, and what its members bought."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from common.templatetags.clientela import money, whole
from segments.enums import Cause, Handpicked, Span, Step
from segments.models import Segment
from segments.panels.charts import SECOND, Series, chart
from segments.queries.buying import Bought, Buying, buying
from segments.queries.history import Day, history


def days_of(segment: Segment, at: datetime, span: str) -> list[Day]:
    return history(segment, days=int(span), at=at)


def growth(segment: Segment, days: Sequence[Day]) -> dict[str, Any]:
    """Return a line of the size, bars of who came and went, and a row for each day of change."""
    if not days:
        return {}
    on = [day.on for day in days]
    came = [sum(day.entered.values()) for day in days]
    went = [day.left for day in days]
    causes = {cause: sum(day.entered.get(cause, 0) for day in days) for cause in Cause}
    return {
        "change": _change(days),
        "sizes": chart(
            on, Series(pgettext("of a segment", "Members"), [day.size for day in days])
        ),
        "moves": chart(
            on, Series(_("Came"), came), Series(_("Left"), [-people for people in went], SECOND)
        ),
        "entered": sum(came),
        "left": sum(went),
        "removed": sum(day.removed for day in days),
        "removed_by_hand": Handpicked.REMOVED.label,
        "causes": [(cause.label, people) for cause, people in causes.items() if people],
        "days": [_row(it) for it in reversed(days) if it.changed or it in (days[0], days[-1])],
    }


def _change(days: Sequence[Day]) -> str:
    first, last = days[0], days[-1]
    told = {
        "first": whole(first.size),
        "day": date_format(first.on, "SHORT_DATE_FORMAT"),
        "last": whole(last.size),
    }
    return _("From %(first)s members at the end of %(day)s to %(last)s now.") % told


def _row(day: Day) -> dict[str, Any]:
    return {
        "day": date_format(day.on, "SHORT_DATE_FORMAT"),
        "size": whole(day.size),
        "entered": [(cause.label, whole(people)) for cause, people in day.entered.items()],
        "left": whole(day.left),
        "removed": whole(day.removed) if day.removed else "",
    }


def bought(segment: Segment, at: datetime, step: str) -> Buying:
    return buying(segment, step=Step(step), at=at)


def revenue(segment: Segment, found: Buying) -> dict[str, Any]:
    """Return bars of revenue, all of it and since people entered, and a row for each period."""
    if not found.total.orders:
        return {"members": found.members}
    periods = found.periods
    return {
        "members": found.members,
        "chart": chart(
            [it.since for it in periods],
            # The first is drawn above the second.
            Series(_("Since they entered"), [float(it.revenue_since) for it in periods]),
            Series(_("All their orders"), [float(it.revenue) for it in periods], SECOND),
        ),
        "periods": [_period(it) for it in reversed(periods)],
        "total": _period(found.total),
        "per_member": money(found.total.revenue / max(found.members, 1)),
    }


def _period(it: Bought) -> dict[str, str]:
    return {
        "since": date_format(it.since, "SHORT_DATE_FORMAT"),
        "orders": whole(it.orders),
        "revenue": money(it.revenue),
        "orders_since": whole(it.orders_since),
        "revenue_since": money(it.revenue_since),
    }


SPANS = [(span.value, span.label) for span in (Span.QUARTER, Span.MONTH, Span.YEAR)]
STEPS = Step.choices
