"""The one way to say no."""

from collections.abc import Mapping
from typing import ClassVar


class DomainError(Exception):
    """A business act that was refused, with a sentence for the person and a code for programs.

    Subclasses are named for what happened and stand above the function that raises them; one with
    many reasons sets its ``code`` when it is raised.
    ``status`` is the answer of the API: 409, or 422 where the input itself is wrong.
    """

    code: str = "refused"
    status: ClassVar[int] = 409

    def __init__(
        self, message: str, *, field: str = "", details: Mapping[str, object] | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.details = dict(details or {})
