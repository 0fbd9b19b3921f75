"""The one predicate: a whole audience, its funnel and one person, against the same SQL by hand."""

import json
import statistics
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

from django.db import connection

from benchmarks.race import Result, median_seconds
from consent.enums import Channel
from consent.models import Purpose
from consent.queries.predicate import contactable, with_verdict
from consent.queries.reach import funnel
from customers.enums import Category
from customers.models import Customer

CUSTOMERS = 1_000_000
NOW = datetime(2026, 1, 1, tzinfo=UTC)
# The shop's day is still New Year's Eve then.
YOUNGEST = date(2007, 12, 31)
CHECKED = 200

# Of seven in ten the birth date is known, of one in twenty its day and month; six in a
# thousand are under age. One in sixty is restricted, one in twenty pauses, one in forty did
# and does no more. Of one permission in thirty the end has come and is not recorded yet.
FILL = """
INSERT INTO customers_customer (
    external_id, email, phone, first_name, last_name, gender, language, timezone, country, state,
    city, postal_code, stage, interests, attributes, registered_at, created_at, updated_at,
    email_hash, birth_date
)
SELECT 'b-' || n, 'b' || n || '@bench.example', '', 'Ana', 'Souza', '', '', '', 'BR', '', '', '',
       'customer', '{}', '{}', now(), now(), now(), sha256(('b' || n)::bytea),
       CASE WHEN n %% 20 < 14 THEN date '1945-01-01' + (n * 1009 %% 23200)::int
            WHEN n %% 20 = 14 THEN date '1904-01-01' + (n * 1009 %% 366)::int END
FROM generate_series(1, %(customers)s) AS n;
INSERT INTO consent_permission
    (purpose_id, customer_id, channel_email, data_purchase, changed_at, valid_until)
SELECT 'marketing', id, id %% 10 < 7, CASE WHEN id %% 10 < 8 THEN id %% 20 < 19 END, now(),
       CASE WHEN id %% 30 = 0 THEN %(now)s - interval '1 hour'
            WHEN id %% 3 = 0 THEN %(now)s + interval '1 year' ELSE '9999-12-31+00' END
FROM customers_customer;
INSERT INTO consent_suppression
    (channel, contact_hash, reason, purpose_id, source, lift_reason, created_at, lifted_at)
SELECT 'email', email_hash, reason, purpose, 'person', CASE WHEN lifted THEN 'asked' ELSE '' END,
       now(), CASE WHEN lifted THEN now() END
FROM customers_customer JOIN (VALUES
    (33, 0, 'stop', NULL, false), (97, 1, 'hard_bounce', NULL, false),
    (101, 2, 'stop', 'marketing', false), (103, 3, 'stop', 'research', false),
    (211, 4, 'stop', NULL, true)
) AS block (every, rest, reason, purpose, lifted) ON id %% every = rest;
INSERT INTO consent_restriction (customer_id, reason, since, until, lifted_at)
SELECT id, 'disputed', %(now)s - interval '9 days',
       CASE WHEN id %% 4 = 0 THEN %(now)s - interval '1 day' END,
       CASE WHEN id %% 4 = 1 THEN %(now)s - interval '2 days' END
FROM customers_customer WHERE id %% 60 = 7 ORDER BY md5(id::text);
INSERT INTO consent_wish (customer_id, paused_until, at_most_every_days, changed_at)
SELECT id, %(now)s + CASE id %% 40 WHEN 11 THEN -1 WHEN 12 THEN 1 WHEN 13 THEN 20 END
           * interval '1 day', CASE id %% 40 WHEN 14 THEN 7 END, now()
FROM customers_customer WHERE id %% 40 BETWEEN 11 AND 14 ORDER BY md5(id::text);
"""

# What a careful person writes who knows this database: constants for what the shop chose, and no
# join beyond those that the question needs.
BY_HAND = """
SELECT count(*) FROM customers_customer c
JOIN consent_permission p ON p.customer_id = c.id AND p.purpose_id = 'marketing'
    AND p.channel_email AND p.data_purchase AND p.valid_until > %(now)s
WHERE c.erased_at IS NULL AND c.merged_into_id IS NULL AND c.email <> ''
  AND (c.birth_date <= %(youngest)s OR c.birth_date IS NULL)
  AND NOT EXISTS (SELECT FROM consent_suppression s WHERE s.channel = 'email'
                  AND s.contact_hash = c.email_hash AND s.lifted_at IS NULL
                  AND (s.purpose_id IS NULL OR s.purpose_id = 'marketing'))
  AND NOT EXISTS (SELECT FROM consent_restriction r WHERE r.customer_id = c.id
                  AND r.lifted_at IS NULL AND r.since <= %(now)s
                  AND (r.until IS NULL OR r.until > %(now)s))
  AND NOT EXISTS (SELECT FROM consent_wish w WHERE w.customer_id = c.id
                  AND w.paused_until > %(now)s)
"""


def run() -> Iterator[Result]:
    _fill()
    yield from _audience()
    yield _single()


def _fill() -> None:
    with connection.cursor() as cursor:
        cursor.execute(FILL, {"customers": CUSTOMERS, "now": NOW})
        cursor.execute("VACUUM ANALYZE")


def _question() -> dict[str, Any]:
    return {
        "purpose": Purpose.objects.get(pk="marketing"),
        "channel": Channel.EMAIL,
        "using": {Category.PURCHASE},
        "at": NOW,
    }


def _by_hand() -> int:
    with connection.cursor() as cursor:
        cursor.execute(BY_HAND, {"now": NOW, "youngest": YOUNGEST})
        return int(cursor.fetchone()[0])


def _audience() -> Iterator[Result]:
    everybody, question = Customer.objects.all(), _question()
    audience = contactable(everybody, **question)
    losses = partial(funnel, everybody, **question)
    if not audience.count() == losses().allowed == _by_hand():
        raise RuntimeError("the predicate and the query by hand count different people")
    yield _raced(f"whole-audience predicate, {CUSTOMERS:,} customers", audience.count)
    yield _raced("the same, by the first reason why not", losses)


def _raced(name: str, ours: Callable[[], object]) -> Result:
    ours_took, theirs_took = median_seconds(ours, _by_hand)
    return Result(
        name=name,
        value=round(ours_took * 1000),
        unit="ms",
        against="the same by hand",
        against_value=round(theirs_took * 1000),
    )


def _single() -> Result:
    """Check people one by one: planning and execution, as the database counts them."""
    anybody = Customer.objects.order_by("?").values_list("pk", flat=True)[:CHECKED]
    took = [_milliseconds(pk) for pk in anybody]
    return Result(
        name=f"one customer, in the database, median of {CHECKED}",
        value=round(statistics.median(took), 2),
        unit="ms",
        against="limit",
        against_value=1,
    )


def _milliseconds(pk: int) -> float:
    judged = with_verdict(Customer.objects.filter(pk=pk), **_question())
    checked = judged.values("verdict")  # type: ignore[misc]  # annotated
    (plan,) = json.loads(checked.explain(format="json", analyze=True, timing=False))
    return float(plan["Planning Time"] + plan["Execution Time"])
