"""Parts of queries as text that is kept and run again and again.

Django writes a rule's SQL anew at each use, which takes a hundred times as long as to ask it of
one customer. Here it is written once: constants stand in it, so that the planner can read them,
and only the instants that move with the time of asking are told at each use.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.exceptions import EmptyResultSet, FullResultSet
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import QuerySet
from django.db.models.sql.compiler import SQLCompiler
from psycopg.sql import Literal


class Moving(datetime):
    """The time of asking; whatever is so much earlier or later is one as well.

    A date that is taken from it is a plain date, and so is the day's first instant: what is
    written with it is good until a day begins somewhere (``segments.compiler.together``).
    """


@dataclass(frozen=True)
class Written:
    """A part of a query: its text, and how far its moving instants are from the time of asking.

    The text names them as psycopg does; a percent sign stands twice.
    """

    sql: str
    distances: frozenset[timedelta] = frozenset()

    def at(self, moment: datetime) -> dict[str, datetime]:
        """Return the values to tell when it is asked at the moment."""
        return {_name(distance): moment + distance for distance in self.distances}


def join(glue: str, parts: Iterable[Written]) -> Written:
    parts = list(parts)
    distances = frozenset().union(*(part.distances for part in parts))
    return Written(glue.join(part.sql for part in parts), distances)


def moving(at: datetime) -> Moving:
    at = at.astimezone(UTC)
    return Moving(
        at.year, at.month, at.day, at.hour, at.minute, at.second, at.microsecond, tzinfo=UTC
    )


def write_condition(found: QuerySet, *, at: Moving) -> Written:
    """Return what a queryset keeps, as a condition on the rows of its own table, never NULL.

    What reads other tables beside it, by a join, asks whether the row is among those it finds.
    """
    query = found.query.clone()
    compiler = query.get_compiler(DEFAULT_DB_ALIAS)
    compiler.pre_sql_setup()
    try:
        sql, parameters = compiler.compile(query.where)
    except EmptyResultSet:
        return Written("FALSE")
    except FullResultSet:
        return Written("TRUE")
    if sum(1 for name in query.alias_map if query.alias_refcount[name]) > 1:
        return _among_found(found, compiler, at=at)
    return _written(sql, parameters, at=at)


def write_query(found: QuerySet, *, at: Moving) -> Written | None:
    """Return a whole query; None for one that finds nothing."""
    try:
        sql, parameters = found.query.sql_with_params()
    except EmptyResultSet:
        return None
    return _written(sql, parameters, at=at)


def _among_found(found: QuerySet, compiler: SQLCompiler, *, at: Moving) -> Written:
    own = compiler.quote_name_unless_alias(found.model._meta.db_table)
    column = compiler.quote_name_unless_alias(found.model._meta.pk.column)
    those = write_query(found.values("pk"), at=at)
    if those is None:
        return Written("FALSE")
    return Written(f"{own}.{column} IN ({those.sql})", those.distances)


def _written(sql: str, parameters: Sequence[Any], *, at: Moving) -> Written:
    distances = {value - at for value in parameters if isinstance(value, Moving)}
    told = tuple(_placeholder(value, at=at) for value in parameters)
    # Once for the values that are put in here, once for those that are told at each use.
    return Written(sql.replace("%%", "%%%%") % told, frozenset(distances))


def _placeholder(value: Any, *, at: Moving) -> str:
    if isinstance(value, Moving):
        return f"%({_name(value - at)})s::timestamptz"
    return Literal(value).as_string(connection.connection).replace("%", "%%")


def _name(distance: timedelta) -> str:
    microseconds = distance // timedelta(microseconds=1)
    return f"m{abs(microseconds)}{'_ago' if microseconds < 0 else ''}"
