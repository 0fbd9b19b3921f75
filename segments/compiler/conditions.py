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
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import reduce
from typing import cast

from django.db.models import (
    Aggregate,
    Avg,
    Count,
    DateTimeField,
    Exists,
    ExpressionWrapper,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
)
from django.db.models.expressions import RawSQL

from consent.models import Purpose
from consent.queries.predicate import is_free, may_use, with_permission
from consent.queries.sensitive import allowed_by_name
from customers.enums import Category
from customers.models import Customer
from segments.compiler.values import (
    TESTS_OF_ROWS,
    bounds,
    fits,
    holds,
    opposite,
    present,
)
from segments.enums import Combination, Measure, Operator, TraitType
from segments.models import Membership
from segments.rules import (
    Condition,
    Group,
    Measured,
    Narrowing,
    Node,
    Rows,
    Rule,
    Then,
    Trait,
    Window,
)

# Customers by id, or a query for them.
People = Collection[int] | QuerySet[Customer, int] | RawSQL
Keeps = Callable[[Collection[str]], Q]

# What nothing at all is, too.
DENYING = {Operator.IS_NOT, Operator.NONE_OF, Operator.NOT_CONTAINS}

AGGREGATES: dict[Measure, type[Aggregate]] = {
    Measure.SUM: Sum,
    Measure.AVERAGE: Avg,
    Measure.SMALLEST: Min,
    Measure.LARGEST: Max,
}


@dataclass(frozen=True)
class Compiler:
    """Turns the parts of a rule into conditions over its ``customers``.

    The tables themselves are asked, which are the last word.
    """

    purpose: Purpose
    at: datetime
    among: People | None = None

    def __post_init__(self) -> None:
        # From a zone whose clocks change Python would take days of 23 or 25 hours.
        object.__setattr__(self, "at", self.at.astimezone(UTC))

    def customers(self, rule: Rule) -> QuerySet:
        """Return all customers that are asked about, with what the rule reads of them."""
        customers = self.read(rule)
        return customers if self.among is None else customers.filter(pk__in=self.among)

    def read(self, rule: Rule) -> QuerySet:
        """Return everybody, with what the rule reads of them."""
        asked = [self.seen_as(condition.trait) for condition in rule.conditions]
        read = {trait.field: trait.reads for trait in asked if trait.reads is not None}
        # The permission first: some traits are read from it.
        return self.everybody().alias(**read)

    def everybody(self) -> QuerySet:
        return with_permission(Customer.objects.present(), purpose=self.purpose)

    def may_use(self, *categories: Category) -> Q:
        return may_use(*categories, purpose=self.purpose, at=self.at)

    def allowed_by_name(self) -> Q:
        return allowed_by_name(self.purpose)

    def seen_as(self, trait: Trait) -> Trait:
        """Return the trait as it is read here."""
        return trait

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
        return self._allow(condition.categories)

    def answer(self, condition: Condition) -> Q:
        """Say who fits a condition, permitted or not; true or false for everybody, never NULL."""
        answer = self._known_to_fit(condition)
        return answer | opposite(self.known(condition)) if condition.unknown else answer

    def known(self, condition: Condition) -> Q:
        return present(self.seen_as(condition.trait))

    def _group(self, group: Group, *, wanted: bool) -> Q:
        wants_parts = wanted != (group.combination == Combination.NONE)
        # "Not (a or b)" is "not a and not b"; "not (a and b)" is "not a or not b".
        together = wants_parts == (group.combination == Combination.ALL)
        if together:
            return self._all(group.parts, wanted=wants_parts)
        parts = (self.condition(part, wanted=wants_parts) for part in group.parts)
        return reduce(operator.or_, parts)

    def _all(self, parts: Collection[Node], *, wanted: bool) -> Q:
        """Return of whom all parts are as wanted.

        What their conditions need permission for is asked once for all: said again, it costs
        time, and the planner expects too few people.
        """
        found = [part for part in parts if isinstance(part, Condition)]
        answers = [self.answer(it) if wanted else opposite(self.answer(it)) for it in found]
        groups = [self.condition(part, wanted=wanted) for part in parts if isinstance(part, Group)]
        needed = frozenset().union(*(it.categories for it in found))
        allowed = [self._allow(needed)] if needed else []
        return reduce(operator.and_, [*allowed, *answers, *groups])

    def _allow(self, categories: Collection[Category]) -> Q:
        allowed = self.may_use(*sorted(categories))
        return allowed & self.allowed_by_name() if Category.SENSITIVE in categories else allowed

    def _known_to_fit(self, condition: Condition) -> Q:
        trait = condition.trait
        if trait.is_segment:
            return self._in_segments(condition)
        if trait.rows is None or (trait.field and condition.window is None):
            return holds(condition, self.seen_as(trait), at=self.at)
        found = self.found(condition)
        answer = self._found_to_fit(condition, found)
        if condition.window and condition.window.since:
            # Of whom it never was, there is no time since.
            return _has_any(self.found(condition.window.since)) & answer
        return answer

    def _found_to_fit(self, condition: Condition, found: QuerySet) -> Q:
        if condition.measured:
            return self._measured(condition, condition.measured, found)
        match condition.operator:
            case Operator.YES | Operator.DID:
                # Beside an OR the planner would take EXISTS for a look-up a customer.
                return Q(pk__in=found.values("customer"))
            case Operator.NO | Operator.DID_NOT:
                return opposite(_has_any(found))
        if condition.trait.type == TraitType.LIST:
            return self._listed(condition, found)
        return self._counted(condition, found)

    def _in_segments(self, condition: Condition) -> Q:
        stays = Membership.objects.standing().filter(segment__in=condition.segments)
        inside = _has_any(stays)
        return inside if condition.operator == Operator.INSIDE else opposite(inside)

    def _counted(self, condition: Condition, found: QuerySet) -> Q:
        """Say whose rows, counted or added up, are as asked.

        They are counted for everybody at once, not customer by customer. Whoever has none has no
        number to be found by: where zero fits, the others are found and left out.
        """
        adds = condition.trait.adds
        counted = found.values("customer").annotate(measure=Sum(adds) if adds else Count("*"))
        test = TESTS_OF_ROWS[TraitType.NUMBER][condition.operator](
            "measure", condition.value, self.at
        )
        return _theirs(counted, test, absent_fits=fits(condition, 0))

    def _measured(self, condition: Condition, measured: Measured, found: QuerySet) -> Q:
        """Say whose rows come to what is asked; of no rows the sum is 0, and all else unknown."""
        detail, compared = measured.detail, condition.operator
        if measured.measure in AGGREGATES:
            made = AGGREGATES[measured.measure](detail.field)
            rows = found.values("customer").annotate(measure=made)
            test = TESTS_OF_ROWS[detail.type][compared]("measure", condition.value, self.at)
            is_sum = measured.measure == Measure.SUM
            return _theirs(rows, test, absent_fits=is_sum and fits(condition, 0))
        ends = self._ends(condition, measured.measure, found)
        asked = Narrowing(measured.name, detail, compared, condition.value)
        return Q(pk__in=ends.filter(_narrowed(asked, at=self.at)).values("customer"))

    def _ends(self, condition: Condition, measure: Measure, found: QuerySet) -> QuerySet:
        """Return the first, or the last, of everybody's rows."""
        rows = rows_of(condition)
        sign = "-" if measure == Measure.LAST else ""
        order = (rows.owner, f"{sign}{rows.moment}", f"{sign}pk")
        ends = found.order_by(*order).distinct(rows.owner).values("pk")
        return with_details(condition, rows.found(self.at)).filter(pk__in=ends)

    def _listed(self, condition: Condition, found: QuerySet) -> Q:
        """Say whose rows make a list as asked, such as the categories of their orders."""
        keeps = cast(Keeps, rows_of(condition).details[condition.trait.by].keeps)
        values = cast("tuple[str, ...]", condition.value)
        if condition.operator == Operator.ALL_OF:
            each = (_has_any(found.filter(keeps([value]))) for value in values)
            return reduce(operator.and_, each)
        some = _has_any(found.filter(keeps(values)))
        return some if condition.operator == Operator.ANY_OF else opposite(some)

    def found(self, condition: Condition) -> QuerySet:
        """Return the rows that the condition is about, whoever's they are."""
        rows = rows_of(condition)
        found = with_details(condition, rows.found(self.at))
        if rows.moment:
            found = found.filter(**{f"{rows.moment}__lte": self.at})
        if condition.window:
            found = self._within(found, rows.moment, condition.window)
        for narrowing in condition.where:
            found = found.filter(_narrowed(narrowing, at=self.at))
        if condition.then:
            found = self._followed(found, rows.moment, condition.then)
        if self.among is not None:
            found = found.filter(customer__in=self.among)
        return found

    def _within(self, found: QuerySet, moment: str, window: Window) -> QuerySet:
        # The ends stand in the query as values: the planner reads them, unlike now() - x.
        if window.since:
            other = rows_of(window.since)
            theirs = self.found(window.since).filter(customer=OuterRef("customer"))
            last = theirs.order_by().values("customer").annotate(last=Max(other.moment))
            return found.filter(**{f"{moment}__gt": Subquery(last.values("last"))})
        start, end = bounds(window, at=self.at)
        if start:
            found = found.filter(**{f"{moment}__gte": start})
        return found.filter(**{f"{moment}__lt": end}) if end else found

    def _followed(self, found: QuerySet, moment: str, then: Then) -> QuerySet:
        """Keep the rows after which it happened in time, or, when the time is over, did not."""
        within = timedelta(days=then.within.days)
        later = rows_of(then.condition).moment
        followed = Exists(
            self.found(then.condition).filter(
                **{
                    "customer": OuterRef("customer"),
                    f"{later}__gt": OuterRef(moment),
                    f"{later}__lte": ExpressionWrapper(
                        OuterRef(moment) + within, output_field=DateTimeField()
                    ),
                }
            )
        )
        if then.condition.operator == Operator.DID:
            return found.filter(followed)
        return found.filter(~followed, **{f"{moment}__lte": self.at - within})


def with_details(condition: Condition, found: QuerySet) -> QuerySet:
    """Add what is read of the rows by an expression."""
    asked = [one.detail for one in condition.where]
    if condition.measured:
        asked.append(condition.measured.detail)
    return found.alias(**{it.field: it.reads for it in asked if it.reads is not None})


def _narrowed(narrowing: Narrowing, *, at: datetime) -> Q:
    detail, asked = narrowing.detail, narrowing.operator
    if detail.keeps is None:
        test = TESTS_OF_ROWS[detail.type][asked](detail.field, narrowing.value, at)
        # "Is not red" is said of what has a colour.
        is_needed = detail.type in {TraitType.TEXT, TraitType.CHOICE} and asked in DENYING
        return Q(**{f"{detail.field}__gt": ""}) & test if is_needed else test
    value = narrowing.value
    kept = Q(detail.keeps([str(one) for one in (value if isinstance(value, tuple) else [value])]))
    return opposite(kept) if asked in (Operator.IS_NOT, Operator.NONE_OF) else kept


def _theirs(measured: QuerySet, test: Q, *, absent_fits: bool) -> Q:
    """Say whose ``measure`` is as asked; of those without any, as ``absent_fits`` says."""
    if absent_fits:
        others = measured.filter(opposite(test))
        return opposite(Q(pk__in=others.values("customer")))
    return Q(pk__in=measured.filter(test).values("customer"))


def _has_any(found: QuerySet) -> Q:
    return Q(Exists(found.filter(customer=OuterRef("pk"))))


def rows_of(condition: Condition) -> Rows:
    return cast(Rows, condition.trait.rows)
