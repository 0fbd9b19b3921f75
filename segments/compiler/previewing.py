"""Whom a rule would mean: within seconds, or not at all.

Counted by the flat profiles where they are kept, which can be seconds late; people are named only
by the tables themselves.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import OperationalError
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from common.errors import DomainError
from consent.models import Purpose
from customers.models import Customer
from segments.compiler.conditions import Compiler
from segments.compiler.counting import Funnel, funnel
from segments.compiler.flat import FlatCompiler
from segments.compiler.selecting import matching
from segments.queries import patience, profiles_are_kept
from segments.rules import Rule

SECONDS_TO_COUNT = 10
SAMPLE = 10
# Some of the candidates may have withdrawn since their profiles were written.
CANDIDATES = 5 * SAMPLE


class TooMuchAtOnce(DomainError):
    code = "too_much_at_once"
    status = 422


def count(
    rule: Rule, *, purpose: Purpose, at: datetime, compile_with: type[Compiler] | None = None
) -> Funnel:
    """Count a rule and all its parts, the quickest way if none is named. Raises TooMuchAtOnce."""
    with in_time():
        return funnel(rule, purpose=purpose, at=at, compile_with=compile_with or quickest())


def total_of(rule: Rule, *, purpose: Purpose, at: datetime) -> int:
    """Count whom a rule means, the quickest way. Raises TooMuchAtOnce."""
    with in_time():
        return meant_soonest(rule, purpose=purpose, at=at).count()


def sample(rule: Rule, *, purpose: Purpose, at: datetime) -> list[Customer]:
    """Return a few whom the rule means, those who came last first. Raises TooMuchAtOnce."""
    with in_time():
        meant = meant_soonest(rule, purpose=purpose, at=at)
        candidates = list(meant.order_by("-pk").values_list("pk", flat=True)[:CANDIDATES])
        found = matching(rule, purpose=purpose, at=at, among=candidates)
        return list(found.order_by("-registered_at", "-id")[:SAMPLE])


def meant_soonest(rule: Rule, *, purpose: Purpose, at: datetime) -> QuerySet:
    """Return whom a rule means, found the quickest way."""
    compiler = quickest()(purpose=purpose, at=at)
    return compiler.customers(rule).filter(compiler.free() & compiler.condition(rule.root))


def quickest() -> type[Compiler]:
    """Return what answers soonest and still right but for seconds."""
    return FlatCompiler if profiles_are_kept() else Compiler


@contextmanager
def in_time() -> Iterator[None]:
    try:
        with patience(SECONDS_TO_COUNT):
            yield
    except OperationalError as slow:
        raise TooMuchAtOnce(_("Counting takes too long. Ask for less at once.")) from slow
