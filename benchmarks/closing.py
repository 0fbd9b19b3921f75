"""The end of a day of a large programme, against the time that one task may take."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import connection

from benchmarks.race import Result, seconds
from loyalty.models import Closing
from loyalty.operations.closing import begin_closing, go_on_closing
from loyalty.queries import faults

MEMBERS = 1_000_000
TONIGHT = datetime(2026, 3, 2, 3, 10, tzinfo=UTC)

# One order a member, a third of them large enough for a tier; a lot each, one in thirty overdue.
FILL = """
INSERT INTO customers_customer (
    external_id, email, phone, first_name, last_name, gender, language, timezone, country, state,
    city, postal_code, stage, interests, attributes, registered_at, created_at, updated_at
)
SELECT 'b-' || n, '', '', 'Ana', 'Souza', '', '', '', 'BR', '', '', '', 'customer', '{}', '{}',
       now(), now(), now()
FROM generate_series(1, %(members)s) AS n;
INSERT INTO customers_order (
    external_id, customer_id, status, ordered_at, total, discount, store, created_at, updated_at
)
SELECT 'o-' || id, id, 'placed', %(tonight)s - interval '30 days', 200 + 200 * (id %% 3), 0, '',
       now(), now()
FROM customers_customer;
INSERT INTO loyalty_member (customer_id, programme_id, joined_at)
SELECT id, (SELECT min(id) FROM loyalty_programme), now() FROM customers_customer;
INSERT INTO loyalty_account (programme_id, member_id, kind, balance)
SELECT programme_id, id, 'available', 200 FROM loyalty_member;
INSERT INTO loyalty_transaction (member_id, kind, occurred_at, recorded_at, note, reference)
SELECT id, 'earned', %(tonight)s - interval '30 days', now(), '', 'order:' || id
FROM loyalty_member;
INSERT INTO loyalty_lot (member_id, transaction_id, points, remaining, expires_at)
SELECT member_id, id, 200, 200,
       %(tonight)s + CASE WHEN id %% 30 = 0 THEN interval '-1 hour' ELSE interval '1 year' END
FROM loyalty_transaction;
INSERT INTO loyalty_entry (transaction_id, account_id, points)
SELECT t.id, a.id, 200 FROM loyalty_transaction t JOIN loyalty_account a USING (member_id);
INSERT INTO loyalty_entry (transaction_id, account_id, points)
SELECT t.id, (SELECT id FROM loyalty_account WHERE member_id IS NULL AND kind = 'issued'), -200
FROM loyalty_transaction t;
"""


def run() -> Iterator[Result]:
    with connection.cursor() as cursor:
        cursor.execute(FILL, {"members": MEMBERS, "tonight": TONIGHT})
        cursor.execute("ANALYZE")
    for name, night in (("first", TONIGHT), ("next", TONIGHT + timedelta(days=1))):
        begin_closing(at=night)
        chunks = list(_chunks())
        yield _result(f"{name} night of {MEMBERS:,} members", sum(chunks))
        yield _result("its longest chunk", max(chunks))
    yield _result("proof of the ledger", seconds(faults))


def _chunks() -> Iterator[float]:
    while Closing.objects.filter(finished_at=None).exists():
        yield seconds(lambda: go_on_closing(at=TONIGHT))


def _result(name: str, value: float) -> Result:
    limit = settings.CELERY_TASK_SOFT_TIME_LIMIT
    return Result(name, round(value, 1), "s", "one task's time limit", limit)
