"""Weeks as bars, beside a table that says the same."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.formats import date_format

from common.templatetags.clientela import whole

STRONG, WEAK = "var(--color-primary-600)", "var(--color-base-400)"


@dataclass(frozen=True)
class Series:
    """One amount for each week; without a colour it stands in the table alone."""

    label: str
    amounts: Sequence[Any]
    colour: str = ""
    show: Callable[[Any], str] = whole


def by_week(weeks: Sequence[date], series: Sequence[Series]) -> dict[str, Any] | None:
    """Return what ``admin/by_week.html`` shows, the newest week first; None where all is zero."""
    if not any(any(one.amounts) for one in series):
        return None
    days = [date_format(week, "SHORT_DATE_FORMAT") for week in weeks]
    rows = zip(days, *(map(one.show, one.amounts) for one in series), strict=True)
    return {
        "series": series,
        "rows": [(day, amounts) for day, *amounts in reversed(list(rows))],
        "chart": json.dumps(_chart(weeks, [one for one in series if one.colour]), default=float),
    }


def _chart(weeks: Sequence[date], series: Sequence[Series]) -> dict[str, Any]:
    return {
        "labels": [date_format(week, "j M") for week in weeks],
        "datasets": [
            {
                "label": one.label,
                "data": one.amounts,
                "backgroundColor": one.colour,
                # One axis for all.
                "displayYAxis": one is series[0],
            }
            for one in series
        ],
    }
