"""How far a rule would reach: everybody whom it means, permitted or not."""

from dataclasses import dataclass
from datetime import datetime

from django.db import OperationalError
from django.db.models import Q
from django.utils.translation import gettext as _

from consent.enums import Channel
from consent.models import Purpose
from consent.queries.reach import Question, Reach, funnel, with_remedies
from customers.models import Customer, CustomerQuerySet
from segments.compiler.conditions import Compiler
from segments.compiler.flat import FlatCompiler
from segments.compiler.previewing import SECONDS_TO_COUNT, TooMuchAtOnce
from segments.compiler.values import EVERYBODY
from segments.queries import patience, profiles_are_kept
from segments.rules import Rule


class Unguarded:
    """Compiles as if everybody had allowed everything: to count people, never to name them."""

    def _allow(self, categories: object) -> Q:
        return EVERYBODY


@dataclass(frozen=True)
class UnguardedByTables(Unguarded, Compiler):
    pass


@dataclass(frozen=True)
class UnguardedByProfiles(Unguarded, FlatCompiler):
    pass


def meant(rule: Rule, *, purpose: Purpose, at: datetime) -> CustomerQuerySet:
    """Return whom the rule means, permitted or not; for nothing but a count by reason."""
    compile_with = UnguardedByProfiles if profiles_are_kept() else UnguardedByTables
    compiler = compile_with(purpose=purpose, at=at)
    found = compiler.customers(rule).filter(compiler.condition(rule.root))
    return Customer.objects.filter(pk__in=found.values("pk"))


def reach_of(
    rule: Rule, *, purpose: Purpose, channel: Channel, at: datetime, with_help: bool = True
) -> Reach:
    """Count whom the rule means by the first reason why not; one query, one more for what helps.

    Whoever is allowed is somebody whom the rule finds with permissions as well: all its data may
    be used. Raises TooMuchAtOnce.
    """
    question = Question(purpose=purpose, channel=channel, using=rule.categories, at=at)
    people = meant(rule, purpose=purpose, at=at)
    try:
        with patience(SECONDS_TO_COUNT):
            reach = funnel(people, **question)
            return with_remedies(reach, people, **question) if with_help else reach
    except OperationalError as slow:
        raise TooMuchAtOnce(_("Counting takes too long. Ask for less at once.")) from slow
