"""Lines and bars as Unfold's charts read them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format
from django.utils.functional import Promise

FIRST, SECOND, THIRD = (
    f"var(--color-{name})" for name in ("primary-600", "base-400", "primary-300")
)


@dataclass(frozen=True)
class Series:
    label: str | Promise
    values: Sequence[float]
    colour: str = FIRST


def chart(days: Sequence[date], *series: Series, written: str = "j M") -> str:
    """Return the data of a chart; ``written`` is Django's format of the days below it."""
    return json.dumps(
        {
            "labels": [date_format(day, written) for day in days],
            "datasets": [_dataset(one, is_first=one is series[0]) for one in series],
        }
    )


def _dataset(series: Series, *, is_first: bool) -> dict[str, object]:
    return {
        "label": str(series.label),
        "data": list(series.values),
        "backgroundColor": series.colour,
        "borderColor": series.colour,
        # Unfold draws as many days below the chart as the first asks for.
        **({"displayYAxis": True, "maxTicksXLimit": 8} if is_first else {}),
    }
