"""Of how many people a rule may look at what it uses."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from consent.models import Purpose
from customers.enums import Category
from segments.compiler.conditions import Compiler
from segments.compiler.previewing import in_time, quickest


@dataclass(frozen=True)
class Meter:
    """How many ``people`` there are, and how many allow the use of each kind of data."""

    people: int
    allowed: dict[Category, int]


def meter(
    categories: Iterable[Category],
    *,
    purpose: Purpose,
    at: datetime,
    compile_with: type[Compiler] | None = None,
) -> Meter:
    """Count in one query, the quickest way if none is named. Raises TooMuchAtOnce."""
    compiler = (compile_with or quickest())(purpose=purpose, at=at)
    free = compiler.free()
    asked = {
        category.value: Count("pk", filter=free & compiler.may_use(category))
        for category in sorted(categories)
    }
    with in_time():
        found = compiler.everybody().aggregate(people=Count("pk"), **asked)
    return Meter(found.pop("people"), {Category(name): n for name, n in found.items()})
