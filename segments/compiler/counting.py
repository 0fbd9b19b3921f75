from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import BooleanField, Count, ExpressionWrapper, Q, QuerySet

from consent.models import Purpose
from segments.compiler.conditions import Compiler
from segments.enums import Combination
from segments.rules import Condition, Group, Node, Rule

# Two counts that differ in one person are nearly always told alike.
A_BAND = 10


@dataclass(frozen=True)
class Funnel:
    """How many customers a rule, and each part of it on its own, finds; parts by pointer.

    ``left`` counts, in groups of which all parts are wanted, who is left after each part but the
    first. ``missing`` counts, for conditions whose value can be missing, who has none. They count
    only people whose data may be used, as does ``everybody``: of whom the rule is true or false.
    ``meant`` counts everybody, permitted or not; ``held_back`` are those whom the rule means and
    who have not allowed it.
    """

    total: int
    everybody: int
    held_back: int
    counts: dict[str, int]
    meant: dict[str, int]
    left: dict[str, int]
    missing: dict[str, int]

    @property
    def held_back_at_most(self) -> int:
        """The number to tell: an exact one could say what one person refused."""
        return _at_most(self.held_back)

    @property
    def each_held_back_at_most(self) -> dict[str, int]:
        """The same of each part on its own, by pointer."""
        return {part: _at_most(self.meant[part] - found) for part, found in self.counts.items()}


def _at_most(people: int) -> int:
    return -(-people // A_BAND) * A_BAND


def funnel(
    rule: Rule, *, purpose: Purpose, at: datetime, compile_with: type[Compiler] = Compiler
) -> Funnel:
    """Count a rule and all its parts in one query, which asks every condition once of everybody.

    The answers are combined as SQL combines them: NULL, here "we may not look", stays NULL
    when negated, gives way to a yes beside it in an OR, and to a no in an AND.
    """
    numbers = {condition.pointer: n for n, condition in enumerate(rule.conditions)}
    gaps = [condition for condition in rule.conditions if condition.trait.may_be_missing]
    steps = [parts[: n + 1] for parts in map(_narrowing, rule) for n in range(1, len(parts))]

    def allowed(node: Node) -> str:
        return _formula(node, lambda leaf: _if_allowed(leaf, f"fits_{numbers[leaf.pointer]}"))

    def fitting(node: Node) -> str:
        return _formula(node, lambda leaf: f"fits_{numbers[leaf.pointer]}")

    counted = [
        f"{allowed(rule.root)} IS NOT NULL",
        *map(fitting, rule),
        *map(allowed, rule),
        *(" AND ".join(map(allowed, parts)) for parts in steps),
        *(_if_allowed(gap, f"NOT known_{numbers[gap.pointer]}") for gap in gaps),
    ]
    everybody, *found = _count(counted, _answers(rule, compile_with(purpose=purpose, at=at)))
    told = iter(found)
    meant = {part.pointer: next(told) for part in rule}
    counts = {part.pointer: next(told) for part in rule}
    return Funnel(
        total=counts[rule.root.pointer],
        everybody=everybody,
        held_back=meant[rule.root.pointer] - counts[rule.root.pointer],
        counts=counts,
        meant=meant,
        left={parts[-1].pointer: next(told) for parts in steps},
        missing={gap.pointer: next(told) for gap in gaps},
    )


def _narrowing(node: Node) -> tuple[Node, ...]:
    """Return the parts of a group of which each narrows down what those before it left."""
    if isinstance(node, Group) and node.combination == Combination.ALL:
        return node.parts
    return ()


def _answers(rule: Rule, compiler: Compiler) -> QuerySet:
    """Return how many ``people`` answer in each way that occurs to all the conditions."""
    columns = {"free": column(compiler.free())}
    for n, condition in enumerate(rule.conditions):
        columns[_may(condition)] = column(compiler.allowed(condition))
        columns[f"fits_{n}"] = column(compiler.answer(condition))
        if condition.trait.may_be_missing:
            columns[f"known_{n}"] = column(compiler.known(condition))
    everybody = compiler.customers(rule).order_by()
    return everybody.annotate(**columns).values(*columns).annotate(people=Count("*"))


def _count(formulas: list[str], answers: QuerySet) -> list[int]:
    sums = (f"coalesce(sum(people) FILTER (WHERE {it}), 0)::bigint" for it in formulas)
    asked, values = answers.query.sql_with_params()
    # Materialized, or the planner would put every condition into every count again.
    query = f"WITH asked AS MATERIALIZED ({asked}) SELECT {', '.join(sums)} FROM asked"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return list(cursor.fetchone())


def _formula(node: Node, leaf: Callable[[Condition], str]) -> str:
    if isinstance(node, Condition):
        return leaf(node)
    glue = " AND " if node.combination == Combination.ALL else " OR "
    parts = glue.join(_formula(part, leaf) for part in node.parts)
    return f"(NOT ({parts}))" if node.combination == Combination.NONE else f"({parts})"


def _if_allowed(condition: Condition, answer: str) -> str:
    return f"CASE WHEN free AND {_may(condition)} THEN {answer} END"


def _may(condition: Condition) -> str:
    """Name the permission that a condition needs: one that several need is asked once."""
    return "_".join(["may", *sorted(condition.categories)])


def column(condition: Q) -> ExpressionWrapper:
    return ExpressionWrapper(condition, output_field=BooleanField())
