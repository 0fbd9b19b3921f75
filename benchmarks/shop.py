"""A large shop, the same every time: a million customers, 10 million orders, 20 million events.

Written set by set, without triggers and before the indexes, as only a bench may. Whatever a
customer is or does follows from numbers that a hash draws; a few buy and look much, most a little.

``BENCH_CUSTOMERS`` is another size. With ``BENCH_KEEP``, a folder, the shop is kept there and
found again by the next run.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from django.conf import settings
from django.core.management import call_command
from django.db import OperationalError, ProgrammingError, connection

from benchmarks.database import empty_shop
from customers.models import Customer
from customers.operations.metrics import COLUMNS, ROLLUPS, rescore, set_score_cuts
from customers.operations.touches import keep_touches
from customers.rules import Position, Span

CUSTOMERS = int(os.environ.get("BENCH_CUSTOMERS", 1_000_000))
ORDERS, EVENTS = 10 * CUSTOMERS, 20 * CUSTOMERS
# A Monday noon in the shop, which is in São Paulo.
NOW = datetime(2026, 6, 15, 15, tzinfo=UTC)
EVERYTHING = Span(Position(), Position(32_000, 2**62, 2**62))

# ``drawn`` is a number from 0 to 1, another for each use; ``often`` is who does something, a few
# of them again and again; seventeen of twenty customers ever buy.
DRAWING = """
CREATE OR REPLACE FUNCTION pg_temp.drawn(n bigint, use int) RETURNS double precision
LANGUAGE sql IMMUTABLE AS
$$ SELECT (hashint8extended(n, use) & 2147483647) / 2147483648.0::double precision $$;
CREATE OR REPLACE FUNCTION pg_temp.one_of(words text[], drawn double precision) RETURNS text
LANGUAGE sql IMMUTABLE AS $$ SELECT words[1 + floor(drawn * cardinality(words))::int] $$;
CREATE OR REPLACE FUNCTION pg_temp.often(drawn double precision, people bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE AS
$$ SELECT floor(people * (0.02 * drawn + 0.98 * drawn * drawn * drawn))::bigint * 7919 % people $$;
CREATE OR REPLACE FUNCTION pg_temp.buyer(place bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$ SELECT 1 + place / 17 * 20 + place % 17 $$;
CREATE OR REPLACE FUNCTION pg_temp.answer(
    drawn double precision, yes double precision, no double precision
) RETURNS boolean
LANGUAGE sql IMMUTABLE AS
$$ SELECT CASE WHEN drawn < yes THEN true WHEN drawn < yes + no THEN false END $$;
"""

PEOPLE = """
INSERT INTO customers_customer (
    id, external_id, email, phone, email_hash, phone_hash, first_name, last_name, gender,
    language, timezone, country, state, city, postal_code, stage, interests, tags, attributes,
    registered_at, created_at, updated_at, birth_date
)
SELECT n, 'b-' || n, 'b' || n || '@bench.example',
       CASE WHEN pg_temp.drawn(n, 1) < 0.6 THEN '+5511' || 900000000 + n ELSE '' END,
       sha256(('b' || n)::bytea),
       CASE WHEN pg_temp.drawn(n, 1) < 0.6 THEN sha256(('p' || n)::bytea) END,
       pg_temp.one_of('{Ana,Bruno,Carla,Davi,Elisa,Fábio,Gabriela,Heitor,Inês,João}',
                      pg_temp.drawn(n, 2)),
       pg_temp.one_of('{Souza,Silva,Santos,Oliveira,Pereira,Lima,Costa,Ribeiro,Alves,Rocha}',
                      pg_temp.drawn(n, 3)),
       pg_temp.one_of('{female,male,"",other}', pg_temp.drawn(n, 4)),
       CASE WHEN country IN ('BR', 'PT') THEN 'pt-br' ELSE 'en' END,
       CASE country WHEN 'PT' THEN 'Europe/Lisbon' WHEN 'IE' THEN 'Europe/Dublin' ELSE '' END,
       country,
       CASE country WHEN 'BR'
           THEN pg_temp.one_of('{SP,RJ,MG,RS,PR,BA,PE,CE}', power(pg_temp.drawn(n, 6), 2))
           ELSE '' END,
       'City ' || floor(200 * power(pg_temp.drawn(n, 7), 2)),
       lpad(floor(pg_temp.drawn(n, 8) * 99999999)::text, 8, '0'),
       CASE WHEN (n - 1) %% 20 < 17 THEN 'customer' ELSE 'prospect' END,
       CASE WHEN pg_temp.drawn(n, 9) < 0.4 THEN ARRAY[
           pg_temp.one_of('{wine,garden,toys,books,sports,cooking}', pg_temp.drawn(n, 10))]
           ELSE '{}' END,
       CASE WHEN pg_temp.drawn(n, 11) < 0.03 THEN '{vip}'::text[]
            WHEN pg_temp.drawn(n, 11) < 0.05 THEN '{staff}' ELSE '{}' END,
       CASE WHEN pg_temp.drawn(n, 12) < 0.3
           THEN jsonb_build_object('shoe_size', 34 + floor(12 * pg_temp.drawn(n, 13))::int)
           ELSE '{}' END,
       registered_at, registered_at, registered_at,
       CASE WHEN pg_temp.drawn(n, 14) < 0.7
                THEN date '1945-01-01' + floor(23200 * pg_temp.drawn(n, 15))::int
            WHEN pg_temp.drawn(n, 14) < 0.75
                THEN date '1904-01-01' + floor(366 * pg_temp.drawn(n, 15))::int END
FROM generate_series(1, %(customers)s) AS n,
LATERAL (SELECT pg_temp.drawn(n, 5) AS place,
                %(now)s - pg_temp.drawn(n, 16) * interval '1200 days' AS registered_at) AS drawn,
LATERAL (SELECT CASE WHEN place < 0.90 THEN 'BR' WHEN place < 0.94 THEN 'PT'
                     WHEN place < 0.97 THEN 'IE' WHEN place < 0.98 THEN 'AR' ELSE '' END
                AS country) AS living;
INSERT INTO customers_attributedefinition (code, label, type, choices, category, created_at)
VALUES ('shoe_size', 'Shoe size', 'number', '{}', 'demographic', %(now)s);
"""

# Two years of them, in the order of time, as a shop writes them.
BUYING = """
INSERT INTO customers_product (id, sku, name, category)
SELECT n, 'p-' || n, 'Product ' || n,
       'Area ' || n %% 8 || ' > Aisle ' || n %% 40 || ' > Shelf ' || n %% 400
FROM generate_series(1, 2000) AS n;
INSERT INTO customers_order (
    id, external_id, customer_id, ordered_at, status, total, returned_total, discount, store,
    created_at, updated_at
)
SELECT n, 'o-' || n,
       pg_temp.buyer(pg_temp.often(pg_temp.drawn(n, 21), %(customers)s * 17 / 20)),
       at, status, total,
       CASE status WHEN 'returned' THEN total
                   WHEN 'partially_returned' THEN round(total / 3, 2) ELSE 0 END,
       0, CASE WHEN pg_temp.drawn(n, 22) < 0.3
              THEN 'Store ' || floor(40 * pg_temp.drawn(n, 23)) ELSE '' END,
       at, at
FROM generate_series(1, %(orders)s) AS n,
LATERAL (SELECT %(now)s - (%(orders)s - n) * (interval '730 days' / %(orders)s) AS at,
                round((15 + 400 * power(pg_temp.drawn(n, 24), 3))::numeric, 2) AS total,
                CASE WHEN pg_temp.drawn(n, 25) < 0.95 THEN 'placed'
                     WHEN pg_temp.drawn(n, 25) < 0.97 THEN 'cancelled'
                     WHEN pg_temp.drawn(n, 25) < 0.985 THEN 'returned'
                     ELSE 'partially_returned' END AS status) AS drawn;
INSERT INTO customers_orderline (order_id, number, product_id, quantity, total, discount)
SELECT o.id, n, 1 + floor(2000 * power(pg_temp.drawn(o.id * 8 + n, 26), 2)), 1,
       round(o.total / size, 2), 0
FROM customers_order o,
LATERAL (SELECT 1 + floor(3 * power(pg_temp.drawn(o.id, 27), 2))::int AS size) AS drawn,
generate_series(1, size) AS n;
INSERT INTO customers_cart (external_id, customer_id, state, total, item_count, changed_at)
SELECT 'k-' || id, id, CASE WHEN pg_temp.drawn(id, 29) < 0.4 THEN 'open' ELSE 'converted' END,
       round((15 + 400 * pg_temp.drawn(id, 30))::numeric, 2), 2,
       %(now)s - pg_temp.drawn(id, 31) * interval '30 days'
FROM customers_customer WHERE pg_temp.drawn(id, 28) < 0.1;
"""

# Four hundred days of them: one in a hundred is a case or an answer, with its own row.
HAPPENING = """
INSERT INTO customers_event (
    kind, customer_id, occurred_at, recorded_at, data, reference, historic
)
SELECT kind, 1 + pg_temp.often(pg_temp.drawn(n, 41), %(customers)s), at, at,
       CASE kind
           WHEN 'customers.page_viewed' THEN '{"page": "/c/' || floor(500 * what) || '"}'
           WHEN 'customers.product_viewed' THEN '{"sku": "p-' || 1 + floor(2000 * what * what)
               || '", "price": ' || floor(400 * what) || '}'
           WHEN 'customers.searched' THEN '{"words": "word ' || floor(1000 * what) || '"}'
           WHEN 'customers.store_visited' THEN '{"store": "Store ' || floor(40 * what) || '"}'
           ELSE '{"campaign": "Campaign ' || floor(60 * what) || '"}'
       END::jsonb,
       'b:' || n, false
FROM generate_series(1, %(events)s * 99 / 100) AS n,
LATERAL (SELECT pg_temp.drawn(n, 42) AS which, pg_temp.drawn(n, 43) AS what,
                %(now)s - (1 - n / (%(events)s * 0.99)::double precision) * interval '400 days'
                    AS at) AS drawn,
LATERAL (SELECT CASE WHEN which < 0.35 THEN 'customers.page_viewed'
                     WHEN which < 0.62 THEN 'customers.product_viewed'
                     WHEN which < 0.78 THEN 'campaigns.message_sent'
                     WHEN which < 0.88 THEN 'campaigns.message_opened'
                     WHEN which < 0.91 THEN 'campaigns.link_followed'
                     WHEN which < 0.98 THEN 'customers.searched'
                     ELSE 'customers.store_visited' END AS kind) AS happened;
INSERT INTO customers_case (
    reference, customer_id, channel, subject, text, status, opened_at, resolved_at, resolution
)
SELECT 'c-' || n, 1 + pg_temp.often(pg_temp.drawn(n, 51), %(customers)s),
       pg_temp.one_of('{email,phone,chat,counter}', pg_temp.drawn(n, 52)), 'Late', '',
       CASE WHEN is_open THEN 'open' ELSE 'resolved' END, at,
       CASE WHEN NOT is_open THEN at + interval '2 days' END, ''
FROM generate_series(1, %(events)s / 200) AS n,
LATERAL (SELECT pg_temp.drawn(n, 53) < 0.1 AS is_open,
                %(now)s - pg_temp.drawn(n, 54) * interval '400 days' AS at) AS drawn;
INSERT INTO customers_surveyanswer (
    reference, customer_id, survey, score, comment, answered_at
)
SELECT 's-' || n, 1 + pg_temp.often(pg_temp.drawn(n, 61), %(customers)s), 'Shop',
       floor(11 * sqrt(pg_temp.drawn(n, 62))), '',
       %(now)s - pg_temp.drawn(n, 63) * interval '400 days'
FROM generate_series(1, %(events)s / 200) AS n;
INSERT INTO customers_event (
    kind, customer_id, occurred_at, recorded_at, data, reference, historic
)
SELECT 'customers.case_opened', customer_id, opened_at, opened_at,
       '{"subject": "Late"}', reference, false
FROM customers_case
UNION ALL
SELECT 'customers.survey_answered', customer_id, answered_at, answered_at,
       jsonb_build_object('score', score), reference, false
FROM customers_surveyanswer;
"""

# Nineteen of twenty were asked about marketing; who answered may have refused a kind of data.
# One choice of each person stands behind them: nobody here asks the chain.
ALLOWING = """
INSERT INTO consent_permission (
    purpose_id, customer_id, channel_email, channel_sms, data_identity, data_contact,
    data_demographic, data_purchase, data_browsing, data_search, data_in_store,
    data_location_coarse, data_inferred, changed_at, valid_until
)
SELECT code, c.id,
       pg_temp.answer(pg_temp.drawn(c.id, use + 1), 0.65, 0.2),
       pg_temp.answer(pg_temp.drawn(c.id, use + 2), 0.3, 0.3),
       pg_temp.answer(pg_temp.drawn(c.id, use + 3), 0.98, 0.01),
       pg_temp.answer(pg_temp.drawn(c.id, use + 4), 0.97, 0.02),
       pg_temp.answer(pg_temp.drawn(c.id, use + 5), 0.92, 0.06),
       pg_temp.answer(pg_temp.drawn(c.id, use + 6), 0.90, 0.08),
       pg_temp.answer(pg_temp.drawn(c.id, use + 7), 0.75, 0.20),
       pg_temp.answer(pg_temp.drawn(c.id, use + 8), 0.75, 0.20),
       pg_temp.answer(pg_temp.drawn(c.id, use + 9), 0.50, 0.30),
       pg_temp.answer(pg_temp.drawn(c.id, use + 10), 0.15, 0.50),
       pg_temp.answer(pg_temp.drawn(c.id, use + 11), 0.70, 0.25),
       c.registered_at,
       CASE WHEN pg_temp.drawn(c.id, use + 12) < 0.03 THEN %(now)s - interval '1 hour'
            WHEN pg_temp.drawn(c.id, use + 12) < 0.33 THEN %(now)s + interval '1 year'
            ELSE '9999-12-31+00' END
FROM customers_customer c CROSS JOIN (
    VALUES ('marketing', 100, 0.95), ('personalisation', 200, 0.6), ('profiling', 300, 0.5)
) AS asked (code, use, of)
WHERE pg_temp.drawn(c.id, use) < of
ORDER BY c.id;
INSERT INTO consent_consentevent (
    customer_id, purpose_id, channel, category, act, basis, collection_point_id, actor_kind,
    occurred_at, recorded_at, reference, first_customer_id, chain_position, previous_hash, row_hash
)
SELECT customer_id, purpose_id, 'email', '',
       CASE WHEN channel_email THEN 'given' ELSE 'refused' END, 'consent', 'web_form', 'subject',
       changed_at, changed_at, 'b:' || customer_id, customer_id, 1, '', ''
FROM consent_permission WHERE purpose_id = 'marketing' AND channel_email IS NOT NULL;
INSERT INTO consent_restriction (customer_id, reason, since, until, lifted_at)
SELECT id, 'disputed', %(now)s - interval '9 days',
       CASE WHEN pg_temp.drawn(id, 72) < 0.25 THEN %(now)s - interval '1 day' END,
       CASE WHEN pg_temp.drawn(id, 73) < 0.25 THEN %(now)s - interval '2 days' END
FROM customers_customer WHERE pg_temp.drawn(id, 71) < 0.017;
"""

ADDING_UP = f"""
INSERT INTO customers_customermetrics (customer_id, {", ".join(COLUMNS)}, buys)
SELECT customer_id, {", ".join(COLUMNS)},
       ARRAY['Area ' || floor(8 * pg_temp.drawn(customer_id, 81))]
FROM (
    {
    ROLLUPS.format(
        people="(SELECT id FROM customers_customer WHERE stage = 'customer')",
        orders="customers_order",
    )
}
) AS rollups
ORDER BY customer_id;
"""  # noqa: S608 -- our own words

BELONGING = """
INSERT INTO loyalty_member (customer_id, programme_id, tier_id, tier_since, joined_at)
SELECT m.customer_id, programme.id, (
           SELECT t.id FROM loyalty_tier t
           WHERE t.programme_id = programme.id AND t.minimum_spend <= m.spend / 2
           ORDER BY t.rank DESC LIMIT 1
       ), %(now)s - interval '90 days',
       %(now)s - pg_temp.drawn(m.customer_id, 92) * interval '700 days'
FROM customers_customermetrics m,
     (SELECT id FROM loyalty_programme ORDER BY id LIMIT 1) AS programme
WHERE pg_temp.drawn(m.customer_id, 91) < 0.6
ORDER BY m.customer_id;
INSERT INTO loyalty_account (programme_id, member_id, kind, balance)
SELECT programme_id, id, 'available', floor(2000 * power(pg_temp.drawn(customer_id, 93), 2))
FROM loyalty_member;
"""

FILLED = (
    *("customers_customer", "customers_order", "customers_orderline", "customers_event"),
    *("consent_permission", "consent_consentevent"),
)


def open_shop() -> None:
    """Put the shop in place, by the migrations of today."""
    if "BENCH_KEEP" in os.environ and _stands():
        call_command("migrate", verbosity=0)
    else:
        empty_shop()
        _build()


def _stands() -> bool:
    settings.EMBEDDED_POSTGRES.ensure()
    try:
        return (
            Customer.objects.filter(external_id=f"b-{CUSTOMERS}").exists()
            and Customer.objects.filter(external_id__startswith="b-").order_by("-pk")[0].pk
            == CUSTOMERS
        )
    except (OperationalError, ProgrammingError):
        return False


def _build() -> None:
    with connection.cursor() as cursor, without_indexes(*FILLED):
        cursor.execute(DRAWING)
        cursor.execute("SET session_replication_role = replica")
        for part in (PEOPLE, BUYING, HAPPENING, ALLOWING):
            _write(part)
    _write(ADDING_UP)
    _add_up()
    _write(BELONGING)
    with connection.cursor() as cursor:
        cursor.execute("RESET session_replication_role")
        _go_on_counting()
        cursor.execute("VACUUM FULL customers_customermetrics")
        cursor.execute("VACUUM ANALYZE")


def _write(part: str) -> None:
    sizes: dict[str, int | datetime] = {
        "now": NOW,
        "customers": CUSTOMERS,
        "orders": ORDERS,
        "events": EVENTS,
    }
    with connection.cursor() as cursor:
        cursor.execute(part, sizes)


def _add_up() -> None:
    keep_touches(EVERYTHING)
    set_score_cuts(at=NOW)
    rescore()


def _go_on_counting() -> None:
    """Let ids that were given here not be given again."""
    with connection.cursor() as cursor:
        for table in ("customers_customer", "customers_order", "customers_product"):
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"  # noqa: S608
            )


@contextmanager
def without_indexes(*tables: str) -> Iterator[None]:
    """Drop all indexes but the primary keys, and make them again afterwards, which is quicker."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),
                   format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname,
                          pg_get_constraintdef(oid))
            FROM pg_constraint WHERE contype = 'u' AND conrelid = ANY(%s::regclass[])
            UNION ALL
            SELECT format('DROP INDEX %%s', indexrelid::regclass), pg_get_indexdef(indexrelid)
            FROM pg_index
            WHERE indrelid = ANY(%s::regclass[]) AND NOT indisprimary AND NOT EXISTS (
                SELECT FROM pg_constraint WHERE conindid = indexrelid
            )
            """,
            [list(tables)] * 2,
        )
        statements = cursor.fetchall()
        for drop, _make in statements:
            cursor.execute(drop)
        yield
        for _drop, make in statements:
            cursor.execute(make)
