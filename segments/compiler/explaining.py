from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, Q

from consent.models import Purpose
from customers.models import Customer
from segments.compiler.conditions import Compiler
from segments.rules import Condition, Rule


@dataclass(frozen=True)
class Answer:
    """What one customer answers to one condition; ``fits`` is None where we may not look.

    ``value`` is what the condition looked at; None where it is missing, is no single value, or
    may not be looked at.
    """

    condition: Condition
    fits: bool | None
    value: Any = None


def explain(rule: Rule, customer: Customer, *, purpose: Purpose, at: datetime) -> list[Answer]:
    """Ask every condition of one customer, in one query and in the order of the rule.

    By the same compiler as everywhere: nothing is read without the permission for it.
    """
    compiler = Compiler(purpose=purpose, at=at, among=[customer.pk])
    columns: dict[str, Any] = {}
    for n, condition in enumerate(rule.conditions):
        columns[f"may_{n}"] = _column(compiler.allowed(condition))
        columns[f"fits_{n}"] = _column(compiler.condition(condition))
        if (asked := compiler.asked_of(condition)) is not None:
            columns[f"value_{n}"] = asked
    found = compiler.customers(rule).annotate(**columns).values(*columns).first() or {}
    return [_answer(condition, found, n) for n, condition in enumerate(rule.conditions)]


def _answer(condition: Condition, found: dict[str, Any], n: int) -> Answer:
    if not found.get(f"may_{n}"):
        return Answer(condition, fits=None)
    return Answer(condition, fits=found[f"fits_{n}"], value=found.get(f"value_{n}"))


def _column(condition: Q) -> ExpressionWrapper:
    return ExpressionWrapper(condition, output_field=BooleanField())
