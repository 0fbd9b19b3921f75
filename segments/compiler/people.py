"""Whom a statement about many customers is asked of."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# A rule's text names whom it is about so; whoever asks says who they are.
ASKED = "SELECT id FROM asked"


@dataclass(frozen=True)
class Those:
    """The customers of a query of ids, with its values."""

    query: str
    values: Mapping[str, Any]

    def ask(self, statement: str) -> str:
        """Return the statement, which begins with a named part, asked of these."""
        return f"WITH asked (id) AS NOT MATERIALIZED ({self.query}),\n{statement}"


@dataclass(frozen=True)
class Between:
    """All customers after one id, up to another: no row has to be looked up among them."""

    after: int
    upto: int

    @property
    def values(self) -> dict[str, Any]:
        return {"after": self.after, "upto": self.upto}

    def ask(self, statement: str) -> str:
        """As ``Those.ask``."""
        within = "BETWEEN %(after)s + 1 AND %(upto)s"
        return "WITH " + statement.replace(f"IN ({ASKED})", within)


People = Those | Between
EVERYBODY = Between(0, 2**63 - 2)
