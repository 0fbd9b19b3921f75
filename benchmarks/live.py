"""Two hundred live segments over the large shop: one customer, ten thousand, everybody."""

import statistics
from collections.abc import Iterator
from functools import partial
from typing import Any

from django.db import connection, transaction

from benchmarks.race import Result, median_seconds, seconds
from benchmarks.shop import CUSTOMERS, NOW, without_indexes
from benchmarks.twelve import when
from benchmarks.two_hundred import SEGMENTS, rules
from common.statements import prepared
from customers.models import Customer
from segments.compiler import matching, profiles_matching
from segments.compiler.people import Between
from segments.compiler.together import questions
from segments.compiler.writing import Written
from segments.models import Membership, Segment
from segments.operations.reconsidering import prepare_for_much, reconsider
from segments.operations.refreshing import count_reachable, refresh
from segments.operations.sweeping import CHUNK, misplaced
from segments.queries import rule_of

# As a first fill leaves them, and all at once.
FILLING = """
meant AS ({meant})
INSERT INTO segments_membership (segment_id, customer_id, entered_at, cause)
SELECT unnest(segments), customer_id, %(at)s, 'rule' FROM meant
"""


def fill_segments() -> None:
    """Put the two hundred in place, with the members that their rules mean."""
    if Segment.objects.count() == SEGMENTS and Membership.objects.exists():
        return
    Segment.objects.all().delete()
    Segment.objects.bulk_create(
        Segment(name=f"Segment {n}", rule=rule, filled_at=NOW, refreshed_at=NOW)
        for n, rule in enumerate(rules())
    )
    meant = questions(at=NOW).meant
    with (
        without_indexes("segments_membership"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        prepare_for_much(cursor)
        cursor.execute("SET LOCAL statement_timeout = 0")
        for people in _ranges(CUSTOMERS // 4):
            values = {**meant.at(NOW), "at": NOW, **people.values}
            cursor.execute(people.ask(FILLING.format(meant=meant.sql)), values)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE segments_membership")


def live_rows() -> Iterator[Result]:
    """Measure what follows a change; whatever is written is taken back."""
    fill_segments()
    rules = questions(at=NOW)
    somebody = CUSTOMERS // 2
    changed = range(somebody, somebody + 10_000)
    with transaction.atomic(), connection.cursor() as cursor:
        prepare_for_much(cursor)
        one, apart = median_seconds(
            partial(_ask_together, rules.meant, somebody),
            partial(_ask_apart, _apart(somebody)),
        )
        yield Result("200 segments, one customer", _ms(one), "ms", "limit", 5)
        yield Result("the same", _ms(one), "ms", "200 queries", _ms(apart))
        transaction.set_rollback(True)
    took = statistics.median(_seconds_of_changing(changed) for _round in range(3))
    yield Result("200 segments, 10,000 who changed", round(took, 2), "s", "limit", 2)
    took = sum(seconds(partial(misplaced, rules, them, at=NOW)) for them in _ranges(CHUNK))
    yield Result("200 segments, everybody, computing", round(took, 1), "s", "limit", 30)
    with transaction.atomic():
        yield _unchanged()
        transaction.set_rollback(True)


def _seconds_of_changing(customers: range) -> float:
    with transaction.atomic():
        Customer.objects.filter(pk__in=customers).update(state="RS", city="City 1")
        took = seconds(partial(reconsider, customers, at=NOW))
        transaction.set_rollback(True)
    return took


def _unchanged() -> Result:
    """Refresh a large segment twice; the second time nothing is different."""
    rule = when("customers.last_open", "longer_ago", 30, unknown=True)
    segment = Segment.objects.create(name="Opens nothing", rule={"all": [rule]})
    refresh(segment, at=NOW)
    before = _rows_written()
    took = seconds(partial(refresh, segment, at=NOW))
    if _rows_written() != before:
        raise RuntimeError("A refresh in which nothing changed wrote rows.")
    meant = matching(rule_of(segment), purpose=segment.purpose, at=NOW)
    asking = seconds(meant.count) + seconds(partial(count_reachable, segment, at=NOW))
    each = 1_000_000 * (took - asking) / segment.member_count
    name = "unchanged refresh, a member, beside the rule"
    return Result(name, round(each, 2), "us", "limit", 4)


def _rows_written() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_xact_user_tables
            WHERE relname IN ('segments_membership', 'segments_due')
            """
        )
        return int(cursor.fetchone()[0])


def _ask_together(meant: Written, pk: int) -> None:
    with prepared() as cursor:
        cursor.execute(ASKING.format(meant=meant.sql), {**meant.at(NOW), "ids": [pk]}).fetchall()


# As it is asked of whoever changed.
ASKING = """
WITH asked (id) AS MATERIALIZED (SELECT unnest(%(ids)s::bigint[]))
{meant}
"""


def _apart(pk: int) -> list[tuple[str, tuple[Any, ...]]]:
    """Return the queries of each segment by itself, written before the clock runs."""
    found = (
        profiles_matching(rule_of(it), purpose=it.purpose, at=NOW, among=[pk]).values("pk")
        for it in Segment.objects.select_related("purpose")
    )
    return [query.query.sql_with_params() for query in found]


def _ask_apart(queries: list[tuple[str, tuple[Any, ...]]]) -> None:
    with connection.cursor() as cursor:
        for query, values in queries:
            cursor.execute(query, values)
            cursor.fetchall()


def _ms(took: float) -> float:
    return round(1000 * took, 1)


def _ranges(size: int) -> Iterator[Between]:
    yield from (Between(after, after + size) for after in range(0, CUSTOMERS, size))
