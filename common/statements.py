"""Statements for what is asked thousands of times a second.

Django writes the SQL of a queryset anew at each use and PostgreSQL plans it anew: for one row,
that takes ten times as long as to run it. Here both are done once, and the queryset remains the
one place that says what is asked for.
"""

import select
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import psycopg
from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL


@dataclass(frozen=True)
class _Given:
    name: str


def given(name: str, kind: str) -> RawSQL:
    """Stand for a value of PostgreSQL's type ``kind`` that is told at each use."""
    return RawSQL(f"%s::{kind}", [_Given(name)])  # noqa: S611 -- our own words


def each_given(name: str, kind: str) -> RawSQL:
    """Stand for several values: one array, however many they are."""
    return RawSQL(f"SELECT unnest(%s::{kind}[])", [_Given(name)])  # noqa: S611 -- our own words


class Statement:
    """The rows of a queryset of values, which ``make`` returns; called once, at the first use."""

    def __init__(self, make: Callable[[], QuerySet[Any, Any]]) -> None:
        self._make = make

    @cached_property
    def _written(self) -> tuple[str, Sequence[Any]]:
        return self._make().query.sql_with_params()

    def rows(self, **values: Any) -> list[tuple[Any, ...]]:
        sql, parameters = self._written
        told = [values[part.name] if isinstance(part, _Given) else part for part in parameters]
        # Tests count what is asked.
        if connection.queries_logged:
            connection.queries_log.append({"sql": sql, "time": ""})
        with prepared() as cursor:
            return cursor.execute(sql, told).fetchall()


def prepared() -> "psycopg.Cursor[tuple[Any, ...]]":
    """Return a cursor in Django's connection and transaction whose statements are planned once.

    Django's own cursors put the values into the text, which PostgreSQL reads and plans each time.
    Whether plans are kept says PREPARED_STATEMENTS. Errors are those of psycopg.
    """
    connection.ensure_connection()
    if _says_something(connection.connection):
        connection.close_if_health_check_failed()
        connection.ensure_connection()
    return psycopg.Cursor(connection.connection)


def _says_something(server: "psycopg.Connection[Any]") -> bool:
    # A server that goes says so. To ask one that is silent would be a way there and back more.
    waiting = select.poll()
    waiting.register(server.fileno(), select.POLLIN)
    return bool(waiting.poll(0))
