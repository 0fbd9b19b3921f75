"""Who would come into a segment and who would leave it, were its rule another."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from consent.models import Purpose
from customers.models import Customer
from segments.compiler.previewing import in_time, quickest
from segments.compiler.selecting import matching
from segments.enums import Cause
from segments.models import Handpick, Membership, Segment
from segments.queries import traits
from segments.rules import BadRule, Rule, read_rule

FEW = 5
# Some of the candidates may have withdrawn since.
CANDIDATES = 5 * FEW


@dataclass(frozen=True)
class Side:
    """How many, and a few of them."""

    count: int
    some: list[Customer]


@dataclass(frozen=True)
class Changes:
    entering: Side
    leaving: Side


def changes(rule: Rule, *, segment: Segment, purpose: Purpose, at: datetime) -> Changes | None:
    """Compare whom a rule means with who is in the segment; None before its first fill.

    Of whom somebody decided by hand, that stands. Nobody is named who has meanwhile forbidden that
    their data be used. Raises TooMuchAtOnce.
    """
    if segment.filled_at is None:
        return None
    compiler = quickest()(purpose=purpose, at=at)
    meant = compiler.customers(rule).filter(compiler.free() & compiler.condition(rule.root))
    stays = Membership.objects.standing().filter(segment=segment)
    decided = Handpick.objects.standing().filter(segment=segment)
    with in_time():
        entering = meant.filter(
            ~Exists(stays.filter(customer=OuterRef("pk"))),
            ~Exists(decided.filter(customer=OuterRef("pk"))),
        )
        comes = _few(entering.order_by("-pk").values_list("pk", flat=True))
        leaving = stays.filter(
            ~Exists(meant.filter(pk=OuterRef("customer"))),
            ~Exists(decided.filter(customer=OuterRef("customer"))),
            cause=Cause.RULE,
        )
        goes = _few(leaving.order_by("-customer").values_list("customer", flat=True))
        return Changes(
            Side(entering.count(), _named(comes, rule, purpose, at)),
            Side(leaving.count(), _of_before(goes, segment, at)),
        )


def _few(people: QuerySet) -> list[int]:
    return list(people[:CANDIDATES])


def _of_before(people: list[int], segment: Segment, at: datetime) -> list[Customer]:
    """Name those alone whom the saved rule still means."""
    try:
        saved = read_rule(segment.rule, traits())
    except BadRule:
        return []
    return _named(people, saved, segment.purpose, at)


def _named(people: list[int], rule: Rule, purpose: Purpose, at: datetime) -> list[Customer]:
    found = matching(rule, purpose=purpose, at=at, among=people)
    return list(found.order_by("-pk")[:FEW])
