from collections.abc import Collection
from datetime import datetime

from django.db.models import QuerySet

from consent.models import Purpose
from customers.models import Customer
from segments.compiler.conditions import Compiler
from segments.rules import Rule


def matching(
    rule: Rule, *, purpose: Purpose, at: datetime, among: Collection[int] | None = None
) -> QuerySet[Customer]:
    """Return the customers whom the rule means and whose data it may use for the purpose.

    ``among`` restricts to these customer ids, inside and out: the same rule for one person.
    """
    compiler = Compiler(purpose=purpose, at=at, among=among)
    return compiler.customers().filter(compiler.condition(rule.root))
