"""Rules made of segments that are there."""

from collections.abc import Collection
from typing import Any

from segments.enums import Operator

MEMBER = "segments.member"


def in_and_not_in(inside: Collection[int], outside: Collection[int]) -> dict[str, Any]:
    """Return the rule of whoever is in all of the first and in none of the others, as JSON.

    Segments are named as the builder names them, by text.
    """
    asked = [_asked(Operator.INSIDE, pk) for pk in inside]
    return {"all": [*asked, *(_asked(Operator.OUTSIDE, pk) for pk in outside)]}


def _asked(operator: Operator, pk: int) -> dict[str, Any]:
    return {"trait": MEMBER, "operator": operator.value, "value": [str(pk)]}
