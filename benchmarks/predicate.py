"""The one predicate over a whole audience, against the same question written by hand."""

from collections.abc import Iterator
from datetime import UTC, datetime

from django.db import connection

from benchmarks.race import Result, median_seconds
from consent.enums import Channel
from consent.models import Purpose
from consent.queries.predicate import contactable
from customers.enums import Category
from customers.models import Customer

CUSTOMERS = 1_000_000
NOW = datetime(2026, 1, 1, tzinfo=UTC)

FILL = """
INSERT INTO customers_customer (
    external_id, email, phone, first_name, last_name, gender, language, timezone, country, state,
    city, postal_code, stage, interests, attributes, registered_at, created_at, updated_at,
    email_hash
)
SELECT 'b-' || n, 'b' || n || '@bench.example', '', 'Ana', 'Souza', '', '', '', 'BR', '', '', '',
       'customer', '{}', '{}', now(), now(), now(), sha256(('b' || n)::bytea)
FROM generate_series(1, %s) AS n;
INSERT INTO consent_permission (purpose_id, customer_id, channel_email, data_purchase, changed_at)
SELECT 'marketing', id, id %% 10 < 7, CASE WHEN id %% 10 < 8 THEN id %% 20 < 19 END, now()
FROM customers_customer;
INSERT INTO consent_suppression
    (channel, contact_hash, reason, source, lift_reason, created_at)
SELECT 'email', email_hash, 'stop', 'person', '', now() FROM customers_customer WHERE id %% 33 = 0;
"""

BY_HAND = """
SELECT count(*) FROM customers_customer c
JOIN consent_permission p ON p.customer_id = c.id AND p.purpose_id = 'marketing'
    AND p.channel_email AND p.data_purchase
WHERE c.erased_at IS NULL AND c.email <> ''
  AND NOT EXISTS (SELECT FROM consent_suppression s WHERE s.channel = 'email'
                  AND s.contact_hash = c.email_hash AND s.lifted_at IS NULL)
"""


def run() -> Iterator[Result]:
    with connection.cursor() as cursor:
        cursor.execute(FILL, [CUSTOMERS])
        cursor.execute("ANALYZE")
    marketing = Purpose.objects.get(pk="marketing")
    audience = contactable(
        Customer.objects.all(),
        purpose=marketing,
        channel=Channel.EMAIL,
        using={Category.PURCHASE},
        at=NOW,
    )

    def by_hand() -> int:
        with connection.cursor() as cursor:
            cursor.execute(BY_HAND)
            return int(cursor.fetchone()[0])

    if audience.count() != by_hand():
        raise RuntimeError("the predicate and the query by hand count different people")
    ours, theirs = median_seconds(audience.count, by_hand)
    yield Result(
        name=f"whole-audience predicate, {CUSTOMERS:,} customers",
        value=round(ours * 1000),
        unit="ms",
        against="the same by hand",
        against_value=round(theirs * 1000),
    )
