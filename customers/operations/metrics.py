from collections.abc import Iterable

from django.db import connection


def refresh_metrics(customers: Iterable[int]) -> None:
    """Write the order rollups of these customers anew, from their orders, in one statement.

    Takes customer ids. Belongs in the transaction that changed the orders.
    """
    ids = sorted(set(customers))
    if not ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO customers_customermetrics AS known
                (customer_id, order_count, spend, first_order_at, last_order_at)
            SELECT person.id, count(o.id), coalesce(sum(o.total), 0),
                   min(o.ordered_at), max(o.ordered_at)
            FROM unnest(%s::bigint[]) AS person(id)
            LEFT JOIN customers_order o ON o.customer_id = person.id AND o.status = 'placed'
            GROUP BY person.id
            ORDER BY person.id
            ON CONFLICT (customer_id) DO UPDATE SET
                order_count = excluded.order_count, spend = excluded.spend,
                first_order_at = excluded.first_order_at, last_order_at = excluded.last_order_at
            WHERE (known.order_count, known.spend, known.first_order_at, known.last_order_at)
                IS DISTINCT FROM (excluded.order_count, excluded.spend,
                                  excluded.first_order_at, excluded.last_order_at)
            """,
            [ids],
        )
        # A first order makes a customer of whoever was only thinking about it.
        cursor.execute(
            """
            UPDATE customers_customer SET stage = 'customer'
            FROM customers_customermetrics m
            WHERE id = ANY(%s::bigint[]) AND m.customer_id = id AND m.order_count > 0
              AND stage IN ('visitor', 'prospect')
            """,
            [ids],
        )
