"""The privacy officer's figures and the nightly previews, over a million people.

Three million choices (one in a hundred with evidence), two million permissions, two million lines
of the audit, of which one person wrote half; written without triggers, as only a bench may.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from benchmarks.consents import PEOPLE
from benchmarks.predicate import CUSTOMERS
from benchmarks.race import Result, seconds
from common.models import AuditEntry, User
from common.subjects import about, most_looks
from consent.models import PrivacySettings
from consent.queries.coverage import answers_by_week, coverage, ending
from consent.queries.retention import Coming, coming

NOW = datetime(2026, 1, 1, tzinfo=UTC)
A_PAGE = 100
MONTH = timedelta(days=30)
FILLED = ("inactive", "unused", "evidence")
MONTHS = (
    *("events_months", "messages_months", "cases_months", "inactive_customers_months"),
    *("permissions_unused_months", "evidence_months"),
)

FILL = """
SET session_replication_role = replica;
INSERT INTO customers_customermetrics (customer_id, last_event_at)
SELECT id, %(now)s::timestamptz - id %% 2500 * interval '1 day' FROM customers_customer;
UPDATE customers_customer SET registered_at = %(now)s::timestamptz - interval '7 years';
INSERT INTO consent_consentevent
    (customer_id, purpose_id, channel, category, act, basis, collection_point_id, actor_kind,
     occurred_at, recorded_at, reference, evidence_sealed, first_customer_id, chain_position,
     previous_hash, row_hash)
SELECT c.id, s.purpose, s.channel, s.category, s.act, 'consent', 'web_form', 'subject',
       day, day, concat_ws(':', c.id, s.n),
       CASE WHEN c.id %% 100 = 0 THEN '\\xabcdef'::bytea END, c.id, s.n, '', ''
FROM (VALUES (1, 'marketing', 'email', '', 'given', 6),
             (2, 'profiling', '', 'purchase', 'given', 6),
             (3, 'marketing', 'email', '', 'withdrawn', 5)
) AS s (n, purpose, channel, category, act, years)
CROSS JOIN customers_customer c,
LATERAL (
    SELECT %(now)s::timestamptz - s.years * interval '1 year' * ((c.id %% 1000) / 1000.0)
) AS at (day)
ORDER BY day;
INSERT INTO consent_permission
    (purpose_id, customer_id, channel_email, data_purchase, changed_at, last_event_id, valid_until)
SELECT purpose, c.id, CASE purpose WHEN 'marketing' THEN c.id %% 3 > 0 END,
       CASE purpose WHEN 'profiling' THEN true END,
       %(now)s::timestamptz - c.id %% 1500 * interval '1 day', c.id,
       %(now)s::timestamptz + c.id %% 700 * interval '1 day'
FROM customers_customer c CROSS JOIN unnest(ARRAY['marketing', 'profiling']) AS purpose;
INSERT INTO common_auditentry
    (at, action, actor_id, subject_type, subject_id, fields, reason, count)
SELECT %(now)s::timestamptz - n * interval '20 seconds', 'customers.viewed',
       CASE WHEN n %% 2 = 0 THEN %(busy)s ELSE %(other)s END, 'customers.customer',
       n %% %(people)s + 1, '{email,phone}', '', 1
FROM generate_series(1, 2000000) AS n;
SET session_replication_role = DEFAULT;
"""


def run() -> Iterator[Result]:
    busy, other = (User.objects.create(username=name) for name in ("busy.bee", "other"))
    facts: dict[str, Any] = {"now": NOW, "busy": busy.pk, "other": other.pk, "people": CUSTOMERS}
    with connection.cursor() as cursor:
        cursor.execute(PEOPLE, [CUSTOMERS])
        cursor.execute(FILL, facts)
        cursor.execute("VACUUM ANALYZE")
    PrivacySettings.objects.create(**dict.fromkeys(MONTHS, 24))
    yield from (_timed(name, look, limit) for name, look, limit in _looks())
    for it in coming(at=NOW):
        if it.part.code in FILLED:
            yield _timed(f"preview: {it.part.code}", _counting(it), 2_000)


def _looks() -> Iterator[tuple[str, Callable[[], object], int]]:
    yield "coverage of every purpose", lambda: coverage(at=NOW), 5_000
    yield "answers of 13 weeks", lambda: answers_by_week(at=NOW, weeks=13), 2_000
    yield "permissions that end in a month", lambda: ending(since=NOW, until=NOW + MONTH), 500
    yield "who looked most", lambda: most_looks("customers.viewed", since=NOW - MONTH), 500
    yield "audit of who acts most", lambda: _audit("busy.bee"), 100
    yield "audit of one customer", lambda: _audit("b-77"), 100


def _counting(it: Coming) -> Callable[[], object]:
    return lambda: it.count


def _audit(text: str) -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(about(text)).order_by("-at")[:A_PAGE])


def _timed(name: str, look: Callable[[], object], limit: int) -> Result:
    look()
    return Result(name, round(seconds(look) * 1000, 1), "ms", "a limit", limit)
