"""What a customer's orders add up to: kept with every order, scored every night, proved."""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Max

from customers.models import CustomerMetrics, ScoreCuts

# How each score follows from a rollup and the cuts; width_bucket counts the cuts that are reached.
SCORES = {
    f"{cut}_score": f"CASE WHEN order_count > 0 THEN 1 + width_bucket({rollup}, cuts.{cut}) END"
    for cut, rollup in (
        ("recency", "last_order_at"),
        ("frequency", "order_count"),
        ("monetary", "spend"),
    )
}
COLUMNS = ("order_count", "spend", "first_order_at", "last_order_at", *SCORES)
LATEST_CUTS = "(SELECT * FROM customers_scorecuts ORDER BY id DESC LIMIT 1) AS cuts"

# The one place that says what the rollups are.
ROLLUPS = f"""
    SELECT added.*, {", ".join(f"{score} AS {name}" for name, score in SCORES.items())}
    FROM (
        SELECT person.id AS customer_id, count(o.id) AS order_count,
               coalesce(sum(o.net_total), 0) AS spend,
               min(o.ordered_at) AS first_order_at, max(o.ordered_at) AS last_order_at
        FROM {{people}} AS person
        LEFT JOIN {{orders}} AS o
            ON o.customer_id = person.id AND o.status IN ('placed', 'partially_returned')
        GROUP BY person.id
    ) AS added
    LEFT JOIN {LATEST_CUTS} ON true
"""  # noqa: S608 -- our own words
# An array that is only known later is always looked up in the index, whatever the planner knows
# of a table that grows: in chunks of an import it would read all orders.
THEIR_ORDERS = """(
    SELECT * FROM customers_order WHERE customer_id = ANY(ARRAY(SELECT unnest(%s::bigint[])))
)"""


def refresh_metrics(customers: Iterable[int]) -> None:
    """Write the rollups of these customers anew, from their orders, in one statement.

    Takes customer ids. Belongs in the transaction that changed the orders.
    """
    ids = sorted(set(customers))
    if not ids:
        return
    columns = ", ".join(COLUMNS)
    rollups = ROLLUPS.format(people="(SELECT unnest(%s::bigint[]) AS id)", orders=THEIR_ORDERS)
    told = ", ".join(f"excluded.{column}" for column in COLUMNS)
    known = ", ".join(f"known.{column}" for column in COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO customers_customermetrics AS known (customer_id, {columns})
            SELECT customer_id, {columns}
            FROM ({rollups}) AS rollups
            ORDER BY customer_id
            ON CONFLICT (customer_id) DO UPDATE SET ({columns}) = ROW ({told})
            WHERE ({known}) IS DISTINCT FROM ({told})
            """,  # noqa: S608 -- our own words
            [ids, ids],
        )
        # A first order makes a customer of whoever was only thinking about it.
        cursor.execute(
            """
            UPDATE customers_customer SET stage = 'customer'
            FROM customers_customermetrics m
            WHERE m.customer_id = ANY(ARRAY(SELECT unnest(%s::bigint[]))) AND m.order_count > 0
              AND id = m.customer_id
              AND stage IN ('visitor', 'prospect')
            """,
            [ids],
        )


@transaction.atomic
def set_score_cuts(*, at: datetime) -> ScoreCuts | None:
    """Divide those who have ordered into five by each measure; None where nobody has.

    A score is given by the share of customers strictly below (for recency: strictly more recent),
    so that equal customers always score equally, which NTILE would not grant. Rows are scored
    anew by ``rescore``.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH scored AS (
                SELECT last_order_at, order_count, spend,
                    5 - 5 * (rank() OVER (ORDER BY last_order_at DESC) - 1) / count(*) OVER ()
                        AS r,
                    1 + 5 * (rank() OVER (ORDER BY order_count) - 1) / count(*) OVER () AS f,
                    1 + 5 * (rank() OVER (ORDER BY spend) - 1) / count(*) OVER () AS m
                FROM customers_customermetrics WHERE order_count > 0
            )
            SELECT {_cuts("last_order_at", "r")}, {_cuts("order_count", "f")},
                   {_cuts("spend", "m")}
            FROM scored
            """  # noqa: S608 -- our own words
        )
        recency, frequency, monetary = cursor.fetchone()
    if not recency:
        return None
    return ScoreCuts.objects.create(
        recency=recency, frequency=frequency, monetary=monetary, set_at=at
    )


def _cuts(column: str, score: str) -> str:
    least = (f"min({column}) FILTER (WHERE {score} >= {step})" for step in (2, 3, 4, 5))
    return f"array_remove(ARRAY[{', '.join(least)}], NULL)"


def rescore(*, chunk: int = 50_000) -> None:
    """Score all customers by the latest cuts; rows whose scores stay are not written.

    A transaction for each chunk: a long one would keep everybody from reading the timeline.
    """
    last = CustomerMetrics.objects.aggregate(last=Max("pk"))["last"] or 0
    scores = ", ".join(SCORES)
    scored = ", ".join(f"{score} AS {name}" for name, score in SCORES.items())
    given, known = (
        ", ".join(f"{table}.{name}" for name in SCORES) for table in ("scored", "known")
    )
    for first in range(0, last + 1, chunk):
        with connection.cursor() as cursor:
            cursor.execute(
                f"""
                UPDATE customers_customermetrics AS known SET ({scores}) = ROW ({given})
                FROM (
                    SELECT customer_id, {scored} FROM customers_customermetrics, {LATEST_CUTS}
                    WHERE customer_id BETWEEN %s AND %s ORDER BY customer_id FOR NO KEY UPDATE
                        OF customers_customermetrics
                ) AS scored
                WHERE known.customer_id = scored.customer_id
                  AND ({known}) IS DISTINCT FROM ({given})
                """,  # noqa: S608 -- our own words
                [first, first + chunk - 1],
            )


def metric_faults() -> list[str]:
    """Return in words whose rollups differ from what their orders add up to; normally none."""
    rollups = ROLLUPS.format(people="customers_customer", orders="customers_order")
    told = ", ".join(f"rollups.{column}" for column in COLUMNS)
    # Who never ordered may have no row.
    known = ", ".join(
        f"coalesce(known.{column}, 0)" if column in {"order_count", "spend"} else f"known.{column}"
        for column in COLUMNS
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT rollups.customer_id, known.order_count, rollups.order_count,
                   known.spend, rollups.spend
            FROM ({rollups}) AS rollups
            LEFT JOIN customers_customermetrics known USING (customer_id)
            WHERE ({known}) IS DISTINCT FROM ({told})
            ORDER BY rollups.customer_id
            """  # noqa: S608 -- our own words
        )
        return [
            f"customer {it} has {count} orders over {spend} in the rollups, {orders} over {total}"
            " in the orders, or other dates or scores"
            for it, count, orders, spend, total in cursor.fetchall()
        ]
