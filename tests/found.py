"""What a test takes for granted, said once."""

from typing import TypeVar

T = TypeVar("T")


def the(found: T | None) -> T:
    """Return what must be there; where it is not, the test fails."""
    assert found is not None
    return found
