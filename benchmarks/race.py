"""One promise, measured against a limit or a peer in the same run."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    """``value`` and ``against_value`` in ``unit``; ``ratio`` is ours over theirs."""

    name: str
    value: float
    unit: str
    against: str
    against_value: float

    @property
    def ratio(self) -> float:
        return self.value / self.against_value


def seconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def median_seconds(
    ours: Callable[[], object], theirs: Callable[[], object], *, rounds: int = 5
) -> tuple[float, float]:
    """Time both in turns, so that what else the machine does meets both; return the medians."""
    # Once each before the clock runs, so that neither pays for a cold cache.
    ours()
    theirs()
    times = [(seconds(ours), seconds(theirs)) for _ in range(rounds)]
    return statistics.median(t[0] for t in times), statistics.median(t[1] for t in times)
