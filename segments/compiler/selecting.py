from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime

from django.db.models import QuerySet

from consent.models import Purpose
from customers.models import Customer
from segments.compiler.conditions import Compiler, People
from segments.compiler.counting import column
from segments.enums import Cause, Combination
from segments.models import Membership, Segment
from segments.queries import traits
from segments.rules import BadRule, Group, Rule, read_rule


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
    stays = list(stays)
    ruled = [stay.customer_id for stay in stays if stay.cause == Cause.RULE]
    rule = read_rule(segment.rule, traits())
    found = matching(rule, purpose=segment.purpose, at=at, among=ruled)
    meant = set(found.values_list("pk", flat=True)) if ruled else set()
    return [stay for stay in stays if stay.cause != Cause.RULE or stay.customer_id in meant]


def still_standing(stays: Iterable[Membership], *, at: datetime) -> list[Membership]:
    """Return which of one customer's memberships stand, asked again of the rules themselves.

    One query for each purpose, however many segments. Those of a rule that is none any more are
    left out.
    """
    standing = [stay for stay in stays if stay.left_at is None and stay.segment.filled_at]
    ruled = [stay for stay in standing if stay.cause == Cause.RULE]
    meant: set[int] = set()
    for purpose in {stay.segment.purpose for stay in ruled}:
        asked = [stay for stay in ruled if stay.segment.purpose == purpose]
        meant |= _meaning(asked[0].customer_id, [stay.segment for stay in asked], at=at)
    return [stay for stay in standing if stay.cause != Cause.RULE or stay.segment_id in meant]


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
            yield segment, read_rule(segment.rule, known)
