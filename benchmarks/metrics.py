"""The night's work on what orders and events add up to, against the time one task may take."""

from collections.abc import Iterator
from datetime import UTC, datetime

from django.conf import settings
from django.db import connection

from benchmarks.race import Result, seconds
from customers.models import ConsumerPosition
from customers.operations.buys import refresh_buys
from customers.operations.growth import refresh_growth
from customers.operations.metrics import metric_faults, rescore, set_score_cuts
from customers.operations.touches import keep_touches, touch_faults
from customers.rules import Position, Span

CUSTOMERS = 1_000_000
TONIGHT = datetime(2026, 3, 2, 3, 10, tzinfo=UTC)
END = Position(32_000, 2**62, 2**62)

# Three orders of two lines and five page views a customer.
FILL = """
INSERT INTO customers_customer (
    external_id, email, phone, first_name, last_name, gender, language, timezone, country, state,
    city, postal_code, stage, interests, attributes, registered_at, created_at, updated_at
)
SELECT 'b-' || n, '', '', 'Ana', 'Souza', '', '', '', 'BR', '', '', '', 'customer', '{}', '{}',
       now(), now(), now()
FROM generate_series(1, %(customers)s) AS n;
INSERT INTO customers_product (sku, name, category)
SELECT 'p-' || n, 'Product', 'Area ' || n %% 8 || ' > Aisle ' || n %% 40 || ' > Shelf ' || n
FROM generate_series(1, 2000) AS n;
INSERT INTO customers_order (
    external_id, customer_id, status, ordered_at, total, discount, store, created_at, updated_at
)
SELECT 'o-' || id || '-' || n, id, 'placed',
       %(tonight)s - (hashint8(id * 3 + n) & 1023) * interval '1 day',
       10 + (hashint8(id + n) & 255), 0, '', now(), now()
FROM customers_customer, generate_series(1, 3) AS n;
INSERT INTO customers_orderline (order_id, number, product_id, quantity, total, discount)
SELECT o.id, n, 1 + (hashint8(o.id * 2 + n) & 1023), 1, o.total / 2, 0
FROM customers_order o, generate_series(1, 2) AS n;
INSERT INTO customers_event (
    kind, customer_id, occurred_at, recorded_at, data, reference, historic
)
SELECT 'customers.page_viewed', id, %(tonight)s - (id + n) %% 9999 * interval '1 hour', now(),
       '{"page": "/"}', id || ':' || n, false
FROM customers_customer, generate_series(1, 5) AS n;
INSERT INTO customers_customermetrics (
    customer_id, order_count, spend, first_order_at, last_order_at
)
SELECT customer_id, count(*), sum(total), min(ordered_at), max(ordered_at)
FROM customers_order GROUP BY customer_id;
"""


def run() -> Iterator[Result]:
    with connection.cursor() as cursor:
        cursor.execute(FILL, {"customers": CUSTOMERS, "tonight": TONIGHT})
        cursor.execute("VACUUM ANALYZE")
    ConsumerPosition.objects.update_or_create(
        name="bench",
        defaults={"generation": END.generation, "xid": END.xid, "event_id": END.event_id},
    )
    jobs = {
        "cuts of the scores": lambda: set_score_cuts(at=TONIGHT),
        "scores, all new": rescore,
        "scores, none new": rescore,
        "growth potential, all new": lambda: refresh_growth(at=TONIGHT),
        "growth potential, same night": lambda: refresh_growth(at=TONIGHT),
        "proof of the rollups, 3 M orders": metric_faults,
        "what people buy, 6 M order lines": lambda: refresh_buys(at=TONIGHT),
        "when people were seen, 5 M events": lambda: keep_touches(Span(Position(), END)),
        "proof of it": lambda: touch_faults("bench"),
    }
    for name, job in jobs.items():
        took = round(seconds(job), 1)
        yield Result(name, took, "s", "limit of a task", settings.CELERY_TASK_SOFT_TIME_LIMIT)
