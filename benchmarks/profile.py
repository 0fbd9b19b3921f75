"""The customer's page as an agent opens it: queries and time in the database, short and long."""

import statistics
from collections.abc import Callable, Iterator
from time import perf_counter
from typing import Any

from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.urls import reverse

from benchmarks.race import Result
from common.enums import Role
from common.models import User
from customers.models import Customer

CUSTOMERS = 100_000
SHORT, LONG = 500, 50_000
QUERIES, MILLISECONDS = 8, 10
ROUNDS = 31

# A shop around the two people whose pages are opened; beside fifty events stands one order.
FILL = """
INSERT INTO customers_customer (
    external_id, email, phone, first_name, last_name, gender, language, timezone, country, state,
    city, postal_code, stage, interests, attributes, registered_at, created_at, updated_at
)
SELECT 'b-' || n, 'b' || n || '@bench.example', '', 'Ana', 'Souza', '', '', '', 'BR', '', '', '',
       'customer', '{}', '{}', now(), now(), now()
FROM generate_series(1, %(customers)s) AS n;
INSERT INTO customers_order (
    external_id, customer_id, ordered_at, status, total, discount, store, created_at, updated_at
)
SELECT 'o-' || id || '-' || n, id, now() - n * interval '8 hours', 'placed', 20, 0, '',
       now(), now()
FROM customers_customer, generate_series(1, CASE external_id
    WHEN 'b-1' THEN %(short)s / 50 WHEN 'b-2' THEN %(long)s / 50 ELSE 3 END) AS n;
INSERT INTO customers_event (
    kind, customer_id, occurred_at, recorded_at, data, reference, historic
)
SELECT CASE n %% 3 WHEN 0 THEN 'customers.case_opened' WHEN 1 THEN 'customers.case_resolved'
       ELSE 'loyalty.points_earned' END,
       id, now() - n * interval '10 minutes', now(), '{"subject": "?"}', id || ':' || n, false
FROM customers_customer, generate_series(1, CASE external_id
    WHEN 'b-1' THEN %(short)s WHEN 'b-2' THEN %(long)s ELSE 3 END) AS n;
INSERT INTO consent_permission (purpose_id, customer_id, channel_email, changed_at)
SELECT 'marketing', id, true, now() FROM customers_customer;
INSERT INTO loyalty_member (customer_id, programme_id, joined_at)
SELECT id, (SELECT min(id) FROM loyalty_programme), now() FROM customers_customer;
INSERT INTO customers_customermetrics (customer_id, order_count, spend, last_order_at)
SELECT customer_id, count(*), sum(total), max(ordered_at) FROM customers_order
GROUP BY customer_id;
"""


def run() -> Iterator[Result]:
    with connection.cursor() as cursor:
        cursor.execute(FILL, {"customers": CUSTOMERS, "short": SHORT, "long": LONG})
        cursor.execute("VACUUM ANALYZE")
    agent = User.objects.create(username="agent", is_staff=True)
    agent.groups.add(Group.objects.get(name=Role.SUPPORT_AGENT.value))
    client = Client(SERVER_NAME="localhost")
    client.force_login(agent)
    short = _open(client, "b-1")
    long = _open(client, "b-2")
    # In turns, so that what else the machine does meets both.
    rounds = [(short(), long()) for _ in range(ROUNDS)][1:]
    yield Result(
        name="queries of a customer's page",
        value=max(len(times) for pair in rounds for times in pair),
        unit="queries",
        against="limit",
        against_value=QUERIES,
    )
    brief, lengthy = (
        round(statistics.median(1000 * sum(times) for times in column), 2)
        for column in zip(*rounds, strict=True)
    )
    name = f"customer's page, {LONG:,} events, in the database"
    yield Result(name, lengthy, "ms", "limit", MILLISECONDS)
    yield Result(name, lengthy, "ms", f"{SHORT} events", brief)


def _open(client: Client, external_id: str) -> Callable[[], list[float]]:
    """Return what opens the page once and returns the seconds of each of its queries."""
    customer = Customer.objects.get(external_id=external_id)
    url = reverse("admin:customers_customer_profile", args=[customer.pk])

    def open_page() -> list[float]:
        times: list[float] = []

        def timed(execute: Any, *query: Any) -> Any:
            began = perf_counter()
            try:
                return execute(*query)
            finally:
                times.append(perf_counter() - began)

        with connection.execute_wrapper(timed):
            answer = client.get(url)
        if answer.status_code != 200:
            raise RuntimeError(f"the page answers {answer.status_code}")
        return times

    return open_page
