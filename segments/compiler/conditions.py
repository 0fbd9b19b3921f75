"""Conditions over customers.

Permission is asked leaf by leaf. A condition is true, false, or, for somebody who has not allowed
the use of its data, neither; and as in SQL, the negation of neither is neither. So that the
planner sees plain conditions and no NULL has to be watched, negation is pushed down to the
conditions (De Morgan), where each stands beside its own permission, wanted or not:
``may_use AND holds``, ``may_use AND NOT holds``. Nobody gets in by having refused.

Within the permission a condition has two values: a missing value is "no", unless the condition
says that it counts. Therefore ``none`` is the exact complement of ``any`` among the people whose
data may be used.
"""

import operator
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from typing import cast

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from consent.models import Purpose
from consent.queries import may_use, with_permission
from customers.models import Customer
from segments.compiler.values import EVERYBODY, holds, opposite, present
from segments.enums import Combination, Operator
from segments.rules import Condition, Group, Node, Rows, Trait


@dataclass(frozen=True)
class Compiler:
    """Turns the parts of a rule into conditions over ``customers()``.

    Unless ``guarded``, permission is left out: only to count whom it holds back.
    """

    purpose: Purpose
    at: datetime
    among: Collection[int] | None = None
    guarded: bool = True

    def customers(self) -> QuerySet[Customer]:
        customers = Customer.objects.present()
        if self.among is not None:
            customers = customers.filter(pk__in=self.among)
        return with_permission(customers, purpose=self.purpose)

    def condition(self, node: Node, *, wanted: bool = True) -> Q:
        """Return whose answer to the node is yes or, unless ``wanted``, no."""
        if isinstance(node, Group):
            return self._group(node, wanted=wanted)
        answer = self._answer(node)
        if node.unknown:
            answer |= opposite(present(node.trait))
        return self._allowed(node.trait) & (answer if wanted else opposite(answer))

    def missing(self, condition: Condition) -> Q:
        """Return whose value is missing, of those who allow to look."""
        return self._allowed(condition.trait) & opposite(present(condition.trait))

    def _group(self, group: Group, *, wanted: bool) -> Q:
        wants_parts = wanted != (group.combination == Combination.NONE)
        # "Not (a or b)" is "not a and not b"; "not (a and b)" is "not a or not b".
        together = wants_parts == (group.combination == Combination.ALL)
        parts = [self.condition(part, wanted=wants_parts) for part in group.parts]
        return reduce(operator.and_ if together else operator.or_, parts)

    def _allowed(self, trait: Trait) -> Q:
        return may_use(trait.category, purpose=self.purpose) if self.guarded else EVERYBODY

    def _answer(self, condition: Condition) -> Q:
        return self._rows(condition) if condition.trait.rows else holds(condition, at=self.at)

    def _rows(self, condition: Condition) -> Q:
        """Say who has rows as asked; whoever has none has none, which is never unknown."""
        found = self._found(condition)
        match condition.operator:
            case Operator.YES | Operator.DID:
                return self._at_least(1, found)
            case Operator.NO | Operator.DID_NOT:
                return opposite(self._at_least(1, found))
            case Operator.AT_LEAST:
                return self._at_least(cast(int, condition.value), found)
            case Operator.AT_MOST:
                return opposite(self._at_least(cast(int, condition.value) + 1, found))
            case Operator.EXACTLY:
                times = cast(int, condition.value)
                return self._at_least(times, found) & opposite(self._at_least(times + 1, found))
        return self._listed(condition, found)

    def _listed(self, condition: Condition, found: QuerySet) -> Q:
        """Say whose rows make a list as asked, such as the categories of their orders."""
        keeps = _rows_of(condition).filters[condition.trait.by].keeps
        values = cast("tuple[str, ...]", condition.value)
        if condition.operator == Operator.ALL_OF:
            each = (self._at_least(1, found.filter(keeps([value]))) for value in values)
            return reduce(operator.and_, each)
        some = self._at_least(1, found.filter(keeps(values)))
        return some if condition.operator == Operator.ANY_OF else opposite(some)

    def _found(self, condition: Condition) -> QuerySet:
        """Return the rows that the condition is about, whoever's they are."""
        rows = _rows_of(condition)
        found: QuerySet = rows.found()
        if rows.moment:
            found = found.filter(**{f"{rows.moment}__lte": self.at})
        if condition.window:
            # The instant stands in the query as a value: the planner reads it, unlike now() - x.
            start = self.at - timedelta(days=condition.window.days)
            found = found.filter(**{f"{rows.moment}__gte": start})
        for name, value in condition.where.items():
            found = found.filter(rows.filters[name].keeps([value]))
        if self.among is not None:
            found = found.filter(customer__in=self.among)
        return found

    @staticmethod
    def _at_least(times: int, found: QuerySet) -> Q:
        """Return who has so many of the rows.

        Once is a semi-join. More often is counted for everybody at once, not customer by customer.
        """
        if times == 0:
            return EVERYBODY
        if times == 1:
            return Q(Exists(found.filter(customer=OuterRef("pk"))))
        counted = found.values("customer").annotate(times=Count("pk")).filter(times__gte=times)
        return Q(pk__in=counted.values("customer"))


def _rows_of(condition: Condition) -> Rows:
    return cast(Rows, condition.trait.rows)
