"""Which values are possible: stretches of anything that has an order, and having none.

A stretch lies between two cuts. A cut stands just before or just after a value, or at one of the
ends of the world, so that no stretch has to say whether its ends belong to it.
"""

from dataclasses import dataclass
from typing import Any, TypeAlias

# Where in the world, the value, and whether before (0) or after it (1).
Cut: TypeAlias = tuple[int, Any, int]
Span: TypeAlias = tuple[Cut, Cut]

LOW: Cut = (-1, 0, 0)
HIGH: Cut = (1, 0, 0)
WORLD: Span = (LOW, HIGH)


@dataclass(frozen=True)
class Possible:
    """The stretches, in order and apart, and whether having no value is possible as well."""

    spans: tuple[Span, ...] = (WORLD,)
    missing: bool = False

    def __bool__(self) -> bool:
        return bool(self.spans) or self.missing

    def __and__(self, other: "Possible") -> "Possible":
        both = [
            (max(first, start), min(last, end))
            for first, last in self.spans
            for start, end in other.spans
        ]
        spans = tuple(sorted(span for span in both if span[0] < span[1]))
        return Possible(spans, self.missing and other.missing)

    def __le__(self, other: "Possible") -> bool:
        return self & other == self

    def opposite(self) -> "Possible":
        """Return all that is not here."""
        cuts = [LOW, *(cut for span in self.spans for cut in span), HIGH]
        gaps = zip(cuts[::2], cuts[1::2], strict=True)
        return Possible(tuple(gap for gap in gaps if gap[0] < gap[1]), not self.missing)


def before(value: Any) -> Cut:
    return (0, value, 0)


def after(value: Any) -> Cut:
    # Between one whole number and the next there is nothing.
    if isinstance(value, int) and not isinstance(value, bool):
        return before(value + 1)
    return (0, value, 1)


def exactly(*values: Any) -> Possible:
    return Possible(tuple((before(one), after(one)) for one in sorted(set(values))))


def between(first: Cut, last: Cut) -> Possible:
    return Possible(((first, last),) if first < last else ())
