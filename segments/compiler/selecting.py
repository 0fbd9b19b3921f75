from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet

from consent.models import Purpose
from customers.models import Customer
from segments.compiler.conditions import Compiler, People
from segments.enums import Cause
from segments.models import Membership, Segment
from segments.queries import traits
from segments.rules import Rule, read_rule


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
