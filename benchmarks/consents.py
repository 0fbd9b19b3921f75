"""Permissions of a whole shop: written anew from the choices, and proven to be what people chose.

Three million permissions: a million people and three purposes, each with a yes to a channel, a
yes to a kind of data, and for one in ten a withdrawal since.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from django.db import connection, transaction

from benchmarks.predicate import CUSTOMERS
from benchmarks.race import Result, seconds
from consent.models import Permission
from consent.operations.choices import project
from consent.operations.proofs import CUSTOMERS_AT_ONCE, prove
from consent.queries.proofs import ranges

NOW = datetime(2026, 1, 1, tzinfo=UTC)

PEOPLE = """
INSERT INTO customers_customer (
    external_id, email, phone, first_name, last_name, gender, language, timezone, country, state,
    city, postal_code, stage, interests, attributes, registered_at, created_at, updated_at,
    email_hash
)
SELECT 'b-' || n, 'b' || n || '@bench.example', '', 'Ana', 'Souza', '', '', '', 'BR', '', '', '',
       'customer', '{}', '{}', now(), now(), now(), sha256(('b' || n)::bytea)
FROM generate_series(1, %s) AS n
"""

# As the choices of a file, a chunk at a time, which the database chains.
CHOICES = """
INSERT INTO consent_consentevent
    (customer_id, purpose_id, channel, category, act, basis, collection_point_id, actor_kind,
     occurred_at, recorded_at, reference)
SELECT c.id, p.code, s.channel, s.category, s.act, 'consent', 'web_form', 'file',
       %(at)s::timestamptz - s.ago, %(at)s, concat_ws(':', c.id, p.code, s.act, s.channel)
FROM customers_customer c
CROSS JOIN unnest(ARRAY['marketing', 'personalisation', 'profiling']) AS p (code)
JOIN (VALUES ('email', '', 'given', interval '9 days'), ('', 'purchase', 'given', '9 days'),
             ('email', '', 'withdrawn', '1 day')) AS s (channel, category, act, ago)
    ON s.act = 'given' OR c.id %% 10 = 0
WHERE c.id BETWEEN %(first)s AND %(last)s
ORDER BY c.id, s.ago DESC
"""


def run() -> Iterator[Result]:
    with connection.cursor() as cursor:
        cursor.execute(PEOPLE, [CUSTOMERS])
        cursor.execute("ANALYZE customers_customer")
    chained = seconds(_choose)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE consent_consentevent")
        cursor.execute("SELECT count(*) FROM consent_consentevent")
        (choices,) = cursor.fetchone()
    yield Result(
        name="choices written and chained",
        value=round(choices / chained),
        unit="a second",
        against="a limit",
        against_value=10_000,
    )
    took = seconds(_fold_everybody)
    if Permission.objects.count() != 3 * CUSTOMERS:
        raise RuntimeError("the fold lost somebody")
    yield Result(
        name=f"{3 * CUSTOMERS:,} permissions from {choices:,} choices",
        value=round(took, 1),
        unit="s",
        against="a limit",
        against_value=60,
    )
    began = seconds(_prove)
    yield Result(
        name="proof of them and of every chain",
        value=round(began, 1),
        unit="s",
        against="a task's limit",
        against_value=500,
    )


def _choose() -> None:
    for among in ranges(size=CUSTOMERS_AT_ONCE):
        with connection.cursor() as cursor:
            cursor.execute(CHOICES, {"first": among.first, "last": among.last, "at": NOW})


def _fold_everybody() -> None:
    for among in ranges(size=CUSTOMERS_AT_ONCE):
        with transaction.atomic():
            project(range(among.first, among.last + 1), at=NOW)


def _prove() -> None:
    if prove(at=NOW).faults:
        raise RuntimeError("permissions differ from choices")
