"""What a segment is made of, beside all customers: never by what somebody refused to tell."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Case, CharField, F, Q, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.utils.timezone import localtime

from customers.enums import Category
from customers.models import ScoreCuts
from customers.rules.birth_dates import FIRST_KNOWN_YEAR
from segments.compiler.counting import column
from segments.compiler.flat import FlatCompiler
from segments.models import Membership, Segment
from segments.queries import traits
from segments.rules import Trait
from segments.rules.calendar import years_before

# From which ages on the bands begin, in years; the first begins at birth.
AGES = (18, 25, 35, 45, 55, 65)
NO_VALUE = ""


@dataclass(frozen=True)
class Cell:
    """How many members, and of all customers, have a value; "" is none, None is not told.

    Of a fact in bands the value is the number of the band.
    """

    value: str | None
    members: int
    everybody: int


@dataclass(frozen=True)
class MakeUp:
    """The cells of each fact, by the code of its trait; only people whose data may be used.

    ``cuts`` are the amounts of spend from which the bands after the first begin.
    """

    members: int
    everybody: int
    facts: Mapping[str, Sequence[Cell]]
    cuts: Sequence[Decimal]


@dataclass(frozen=True)
class _Asked:
    at: datetime
    cuts: Sequence[Decimal]


def _as_it_is(name: str, asked: _Asked) -> Combinable:
    return F(name)


def _by_age(name: str, asked: _Asked) -> Combinable:
    today = localtime(asked.at).date()
    born_by = [years_before(today, years) for years in AGES]
    bands = [
        When(Q(**{f"{name}__lte": day}), then=Value(str(band)))
        for band, day in reversed(list(enumerate(born_by, start=1)))
    ]
    unknown = Q(**{f"{name}__isnull": True}) | Q(**{f"{name}__lt": FIRST_KNOWN_YEAR})
    return _text(When(unknown, then=Value(NO_VALUE)), *bands, default="0")


def _by_spend(name: str, asked: _Asked) -> Combinable:
    bands = [
        When(Q(**{f"{name}__gte": cut}), then=Value(str(band)))
        for band, cut in reversed(list(enumerate(asked.cuts, start=1)))
    ]
    nothing = Q(order_count__isnull=True) | Q(order_count=0)
    return _text(When(nothing, then=Value(NO_VALUE)), *bands, default="0")


def _text(*cases: When, default: str) -> Case:
    return Case(*cases, default=Value(default), output_field=CharField())


# What tells members apart, by trait, and how a fact of many values falls into bands.
FACTS: Mapping[str, Callable[[str, _Asked], Combinable]] = {
    "loyalty.tier": _as_it_is,
    "customers.city": _as_it_is,
    "customers.age": _by_age,
    "customers.spend": _by_spend,
    "customers.rfm_group": _as_it_is,
}


def make_up(segment: Segment, *, at: datetime) -> MakeUp:
    """Count members and everybody by each fact, over the flat profiles in one query.

    Each fact is read through the permission for its data: whoever has not given it is counted as
    "not told". What is sensitive is no fact here.
    """
    latest = ScoreCuts.objects.order_by("-set_at", "-pk").first()
    cuts = sorted(set(latest.monetary)) if latest else []
    cells = _count(segment, _Asked(at, cuts), at=at)
    whole = cells.pop("", [Cell(None, 0, 0)])[0]
    return MakeUp(whole.members, whole.everybody, cells, cuts)


def _count(segment: Segment, asked: _Asked, *, at: datetime) -> dict[str, list[Cell]]:
    """Return the cells of each fact, and under "" the one that everybody is in."""
    select, values = _people(segment, asked, at=at)
    facts = [f"fact_{n}" for n in range(len(FACTS))]
    listed = ", ".join(facts)
    with connection.cursor() as cursor:
        # Materialized, or each fact would be worked out for each of the groupings.
        cursor.execute(
            f"""
            WITH people AS MATERIALIZED ({select})
            SELECT grouping({listed}), coalesce({listed}),
                   count(*) FILTER (WHERE is_member), count(*)
            FROM people
            GROUP BY GROUPING SETS ((), {", ".join(f"({fact})" for fact in facts)})
            """,  # noqa: S608 -- the ORM's own SQL, its values apart
            values,
        )
        found: dict[str, list[Cell]] = {}
        for grouping, *cell in cursor.fetchall():
            found.setdefault(_grouped_by(grouping), []).append(Cell(*cell))
    return found


def _grouped_by(grouping: int) -> str:
    """Return the fact that PostgreSQL's ``grouping`` names by the one bit that is not set."""
    bits = format(grouping, f"0{len(FACTS)}b")
    return list(FACTS)[bits.index("0")] if "0" in bits else ""


def _people(segment: Segment, asked: _Asked, *, at: datetime) -> tuple[str, tuple]:
    """Return the query of everybody whose data may be used, and its values."""
    known, compiler = traits(), FlatCompiler(purpose=segment.purpose, at=at)
    stays = Membership.objects.filter(segment=segment, left_at=None)
    # Among all of them at once: asked one by one it takes seven times as long.
    is_member = Q(pk__in=stays.values("customer"))
    columns: dict[str, Any] = {"is_member": column(is_member)}
    for n, (code, value) in enumerate(FACTS.items()):
        columns[f"fact_{n}"] = Case(
            When(
                compiler.may_use(_category(known[code])),
                then=Coalesce(value(known[code].flat, asked), Value(NO_VALUE)),
            ),
            default=None,
            output_field=CharField(null=True),
        )
    people = compiler.everybody().filter(compiler.free()).annotate(**columns).values(*columns)
    return people.query.sql_with_params()


def _category(trait: Trait) -> Category:
    if trait.category == Category.SENSITIVE:
        raise ValueError(f"{trait.code} is sensitive")
    return trait.category
