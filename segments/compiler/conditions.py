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

from django.db.models import (
    Aggregate,
    Count,
    DecimalField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from consent.models import Purpose
from consent.queries.predicate import is_free, may_use, with_permission
from consent.queries.sensitive import allowed_by_name
from customers.enums import Category
from customers.models import Customer
from segments.compiler.values import TESTS, fits, holds, opposite, present
from segments.enums import Combination, Operator, TraitType
from segments.rules import Condition, Group, Node, Rows, Rule, Trait

# Customers by id, or a query for them.
People = Collection[int] | QuerySet[Customer, int]


@dataclass(frozen=True)
class Compiler:
    """Turns the parts of a rule into conditions over its ``customers``."""

    purpose: Purpose
    at: datetime
    among: People | None = None

    def customers(self, rule: Rule) -> QuerySet[Customer]:
        """Return all customers, with what the rule reads of them."""
        asked = [condition.trait for condition in rule.conditions]
        read = {trait.field: trait.reads for trait in asked if trait.reads is not None}
        # The permission first: some traits are read from it.
        customers = with_permission(Customer.objects.present(), purpose=self.purpose)
        customers = customers.alias(**read)
        return customers if self.among is None else customers.filter(pk__in=self.among)

    def condition(self, node: Node, *, wanted: bool = True) -> Q:
        """Return whose answer to the node is yes or, unless ``wanted``, no."""
        if isinstance(node, Group):
            return self._group(node, wanted=wanted)
        answer = self.answer(node)
        return self.allowed(node) & (answer if wanted else opposite(answer))

    def free(self) -> Q:
        """Return of whom anything at all may be used; asked once, beside all conditions."""
        return is_free(purpose=self.purpose, at=self.at)

    def allowed(self, condition: Condition) -> Q:
        """Return whose data may be read for the condition: through all that it needs."""
        guards = [
            may_use(category, purpose=self.purpose, at=self.at)
            for category in sorted(condition.categories)
        ]
        if Category.SENSITIVE in condition.categories:
            guards.append(allowed_by_name(self.purpose))
        return reduce(operator.and_, guards)

    def answer(self, condition: Condition) -> Q:
        """Say who fits a condition, permitted or not; true or false for everybody, never NULL."""
        answer = self._known_to_fit(condition)
        return answer | opposite(present(condition.trait)) if condition.unknown else answer

    def asked_of(self, condition: Condition) -> Combinable | None:
        """Return what the condition looks at: a field, or rows counted or added up.

        None for what is no single value, such as the categories of somebody's orders.
        """
        trait = condition.trait
        if trait.rows is None or (trait.field and condition.window is None):
            return F(trait.field)
        if trait.type in (TraitType.LIST, TraitType.YES_NO):
            return None
        theirs = self._found(condition).filter(customer=OuterRef("pk")).order_by()
        measured = theirs.values("customer").annotate(measure=_measure(trait))
        return Coalesce(Subquery(measured.values("measure")), 0, output_field=DecimalField())

    def _group(self, group: Group, *, wanted: bool) -> Q:
        wants_parts = wanted != (group.combination == Combination.NONE)
        # "Not (a or b)" is "not a and not b"; "not (a and b)" is "not a or not b".
        together = wants_parts == (group.combination == Combination.ALL)
        parts = [self.condition(part, wanted=wants_parts) for part in group.parts]
        return reduce(operator.and_ if together else operator.or_, parts)

    def _known_to_fit(self, condition: Condition) -> Q:
        trait = condition.trait
        if trait.rows is None or (trait.field and condition.window is None):
            return holds(condition, at=self.at)
        found = self._found(condition)
        match condition.operator:
            case Operator.YES | Operator.DID:
                return _has_any(found)
            case Operator.NO | Operator.DID_NOT:
                return opposite(_has_any(found))
        if trait.type == TraitType.LIST:
            return self._listed(condition, found)
        return self._measured(condition, found)

    def _measured(self, condition: Condition, found: QuerySet) -> Q:
        """Say whose rows, counted or added up, are as asked.

        They are measured for everybody at once, not customer by customer. Whoever has none has no
        measure to be found by: where zero fits, the others are found and left out.
        """
        measured = found.values("customer").annotate(measure=_measure(condition.trait))
        test = TESTS[TraitType.NUMBER][condition.operator]("measure", condition.value, self.at)
        if fits(condition, 0):
            others = measured.filter(opposite(test))
            return opposite(Q(pk__in=others.values("customer")))
        return Q(pk__in=measured.filter(test).values("customer"))

    def _listed(self, condition: Condition, found: QuerySet) -> Q:
        """Say whose rows make a list as asked, such as the categories of their orders."""
        keeps = _rows_of(condition).filters[condition.trait.by].keeps
        values = cast("tuple[str, ...]", condition.value)
        if condition.operator == Operator.ALL_OF:
            each = (_has_any(found.filter(keeps([value]))) for value in values)
            return reduce(operator.and_, each)
        some = _has_any(found.filter(keeps(values)))
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


def _has_any(found: QuerySet) -> Q:
    return Q(Exists(found.filter(customer=OuterRef("pk"))))


def _measure(trait: Trait) -> Aggregate:
    return Sum(trait.adds) if trait.adds else Count("pk")


def _rows_of(condition: Condition) -> Rows:
    return cast(Rows, condition.trait.rows)
