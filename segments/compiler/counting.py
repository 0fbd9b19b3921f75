from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from consent.models import Purpose
from segments.compiler.conditions import Compiler
from segments.rules import Rule


@dataclass(frozen=True)
class Funnel:
    """How many customers a rule, and each part of it on its own, finds; parts by pointer.

    ``missing`` counts, for conditions whose value can be missing, who has none. Both count only
    people whose data may be used; ``held_back`` are those whom the rule means as well and who
    have not allowed it.
    """

    total: int
    held_back: int
    counts: dict[str, int]
    missing: dict[str, int]


def funnel(rule: Rule, *, purpose: Purpose, at: datetime) -> Funnel:
    """Count a rule and all its parts in one query."""
    guarded = Compiler(purpose=purpose, at=at)
    open_to_all = Compiler(purpose=purpose, at=at, guarded=False)
    parts = list(rule)
    gaps = [condition for condition in rule.conditions if condition.trait.may_be_missing]
    counted = guarded.customers().aggregate(
        meant=_count(open_to_all.condition(rule.root)),
        **{f"part_{n}": _count(guarded.condition(part)) for n, part in enumerate(parts)},
        **{f"gap_{n}": _count(guarded.missing(gap)) for n, gap in enumerate(gaps)},
    )
    return Funnel(
        total=counted["part_0"],
        held_back=counted["meant"] - counted["part_0"],
        counts={part.pointer: counted[f"part_{n}"] for n, part in enumerate(parts)},
        missing={gap.pointer: counted[f"gap_{n}"] for n, gap in enumerate(gaps)},
    )


def _count(condition: Q) -> Count:
    return Count("pk", filter=condition)
