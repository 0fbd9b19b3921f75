"""Each condition once, however many rules ask it."""

from collections.abc import Collection
from dataclasses import dataclass, field

from django.db.models import BooleanField, Q
from django.db.models.expressions import RawSQL

from customers.enums import Category
from segments.compiler.flat import FlatCompiler
from segments.compiler.writing import Written, moving, write_condition
from segments.enums import Combination
from segments.rules import Condition, Group, Rule


@dataclass(frozen=True)
class ColumnCompiler(FlatCompiler):
    """Writes a rule over columns that stand for its conditions and permissions.

    ``columns`` are all that were written so far, each with its name: the same question, asked by
    another rule, is the same column. ``named`` are those that the rules of this one name.
    """

    columns: dict[Written, str] = field(default_factory=dict)
    named: set[str] = field(default_factory=set)

    def answer(self, condition: Condition) -> Q:
        return self._column(super().answer(condition), Rule(Group(Combination.ALL, (condition,))))

    def _allow(self, categories: Collection[Category]) -> Q:
        return self._column(super()._allow(categories))

    def _column(self, answer: Q, read: Rule | None = None) -> Q:
        people = self.read(read) if read else self.everybody()
        written = write_condition(people.filter(answer), at=moving(self.at))
        name = self.columns.setdefault(written, f"said_{len(self.columns)}")
        self.named.add(name)
        return Q(RawSQL(name, [], output_field=BooleanField()))  # noqa: S611 -- our own word
