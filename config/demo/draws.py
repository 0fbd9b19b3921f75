"""Chance that never changes its mind: the same household and question, the same answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Draw:
    """The lots of one household.

    Each answer depends on the household and the question alone, so that a new invented field
    leaves the others as they were, and a few households get what they have among all.
    """

    household: int

    def share(self, question: str) -> float:
        """Return a number from 0 up to, not including, 1."""
        digest = blake2b(f"{self.household}:{question}".encode(), digest_size=8).digest()
        return (int.from_bytes(digest, "big") >> 11) / 2**53

    def happens(self, question: str, *, share: float) -> bool:
        return self.share(question) < share

    def whole(self, question: str, low: int, high: int) -> int:
        """Return a whole number from low to high, both included."""
        return low + int(self.share(question) * (high - low + 1))

    def one_of(self, question: str, options: Sequence[T]) -> T:
        return options[self.whole(question, 0, len(options) - 1)]

    def weighted(self, question: str, weights: Mapping[T, int]) -> T:
        left = self.share(question) * sum(weights.values())
        for option, weight in weights.items():
            left -= weight
            if left < 0:
                return option
        raise ValueError("The weights sum to nothing.")

    def some_of(self, question: str, options: Sequence[T], *, count: int) -> list[T]:
        return sorted(options, key=lambda option: self.share(f"{question}:{option}"))[:count]

    def filled(self, question: str, pattern: str) -> str:
        """Return the pattern with a digit in place of each ``#``."""
        return "".join(
            str(self.whole(f"{question}:{place}", 0, 9)) if sign == "#" else sign
            for place, sign in enumerate(pattern)
        )

    def moment(self, question: str, *, after: datetime, before: datetime) -> datetime:
        seconds = int((before - after).total_seconds())
        return after + timedelta(seconds=self.whole(question, 0, max(seconds, 0)))
