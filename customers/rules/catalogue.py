"""The data catalogue: what each column of each table says, and of whom."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from customers.enums import Category

NOBODY = _("Nobody.")


@dataclass(frozen=True)
class Described:
    """The columns of one table; apps declare theirs in ``catalogue.py: CATALOGUE``.

    Names of columns stand between blanks. ``facts`` say something of a customer, ``staff`` who of
    the shop did it, ``plain`` nothing of anybody: keys, marks, what the shop itself set up. Every
    column stands in one of the three; a test sees to that. What follows tells people what the
    facts are used for, where they come from and who else gets them; ``until`` how long they are
    kept where that is not the person's erasure.
    """

    model: Any
    facts: Mapping[Category, str] = field(default_factory=dict)
    staff: str = ""
    plain: str = ""
    purpose: str | Promise = ""
    origin: str | Promise = ""
    shared: str | Promise = NOBODY
    until: str | Promise = ""
    # What people call the table, and columns, that have no name of their own in the models.
    called: str | Promise = ""
    words: Mapping[str, str | Promise] = field(default_factory=dict)

    def named(self) -> Iterator[tuple[str, Category]]:
        """Return each column that says something of a customer, with its category."""
        for category, names in self.facts.items():
            for name in names.split():
                yield name, category

    def all_names(self) -> list[str]:
        return " ".join([*self.facts.values(), self.staff, self.plain]).split()
