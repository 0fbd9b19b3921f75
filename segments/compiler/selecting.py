from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from functools import reduce
from operator import and_

from django.db.models import QuerySet

from consent.models import Purpose
from customers.models import Customer
from segments.compiler.conditions import Compiler, People
from segments.compiler.counting import column
from segments.enums import BY_DATA, Combination
from segments.models import Membership, Segment
from segments.queries import rule_of, traits
from segments.rules import BadRule, Group, Rule


def matching(
    rule: Rule, *, purpose: Purpose, at: datetime, among: People | None = None
) -> QuerySet[Customer]:
    """Return the customers whom the rule means and whose data it may use for the purpose.

    ``among`` restricts to these customers, ids or a queryset, inside and out: the same rule for
    one person, or for the next chunk.
    """
    compiler = Compiler(purpose=purpose, at=at, among=among)
    return compiler.customers(rule).filter(compiler.free() & compiler.condition(rule.root))


def still_meant(
    stays: Iterable[Membership], *, segment: Segment, at: datetime
) -> list[Membership]:
    """Leave out of a page of memberships whom the rule means no more, or may no longer look at.

    A membership can be minutes old; who has just withdrawn is shown to nobody. Raises BadRule.
    """
    among = _chosen_by_data(stays := list(stays))
    found = matching(rule_of(segment), purpose=segment.purpose, at=at, among=among)
    return _of(stays, found if among else None)


def still_allowed(
    stays: Iterable[Membership], *, segment: Segment, at: datetime
) -> list[Membership]:
    """Leave out of a page of memberships, of any time, of whom the rule may no longer look.

    Whoever has left is meant no more, and may be shown as long as what chose them may be used.
    Raises BadRule.
    """
    among = _chosen_by_data(stays := list(stays))
    found = permitted(segment, at=at).filter(pk__in=among)
    return _of(stays, found if among else None)


def permitted(segment: Segment, *, at: datetime) -> QuerySet[Customer]:
    """Return everybody of whom all may be used that the segment asks. Raises BadRule."""
    compiler = Compiler(purpose=segment.purpose, at=at)
    guards = [compiler.allowed(condition) for condition in rule_of(segment).conditions]
    return compiler.everybody().filter(reduce(and_, guards, compiler.free()))


def _chosen_by_data(stays: Iterable[Membership]) -> list[int]:
    return [stay.customer_id for stay in stays if stay.cause in BY_DATA]


def _of(stays: Iterable[Membership], found: QuerySet[Customer] | None) -> list[Membership]:
    """Keep the stays of these customers, and of whoever was not chosen by data."""
    kept = set() if found is None else set(found.values_list("pk", flat=True))
    return [stay for stay in stays if stay.cause not in BY_DATA or stay.customer_id in kept]


def still_standing(stays: Iterable[Membership], *, at: datetime) -> list[Membership]:
    """Return which of one customer's memberships stand, asked again of the rules themselves.

    One query for each purpose, however many segments. Those of a rule that is none any more are
    left out.
    """
    standing = [stay for stay in stays if stay.left_at is None and stay.segment.filled_at]
    ruled = [stay for stay in standing if stay.cause in BY_DATA]
    meant: set[int] = set()
    for purpose in {stay.segment.purpose for stay in ruled}:
        asked = [stay for stay in ruled if stay.segment.purpose == purpose]
        meant |= _meaning(asked[0].customer_id, [stay.segment for stay in asked], at=at)
    return [stay for stay in standing if stay.cause not in BY_DATA or stay.segment_id in meant]


def _meaning(customer_id: int, segments: Iterable[Segment], *, at: datetime) -> set[int]:
    """Return which segments, of one purpose, mean the customer; by id."""
    rules = dict(_rules(segments))
    if not rules:
        return set()
    purpose = next(iter(rules)).purpose
    compiler = Compiler(purpose=purpose, at=at, among=[customer_id])
    together = Rule(Group(Combination.ANY, tuple(rule.root for rule in rules.values())))
    asked = {
        f"segment_{segment.pk}": column(compiler.condition(rule.root))
        for segment, rule in rules.items()
    }
    found = compiler.customers(together).filter(compiler.free()).annotate(**asked)
    answers = found.values(*asked).first() or {}
    return {segment.pk for segment in rules if answers.get(f"segment_{segment.pk}")}


def _rules(segments: Iterable[Segment]) -> Iterator[tuple[Segment, Rule]]:
    known = traits()
    for segment in segments:
        with suppress(BadRule):
            yield segment, rule_of(segment, known)
