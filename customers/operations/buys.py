"""What customers buy: the interests that nobody had to tell."""

from datetime import datetime

from django.db import connection
from django.db.models import Max

from customers.enums import Category
from customers.models import Customer, CustomerMetrics
from customers.queries.gates import permitting

# A path is cut to so many parts: "Grocery > Dairy > Milk" counts as "Grocery > Dairy".
MOST, MONTHS, PARTS = 3, 12, 2

BUYS = """
    WITH spent AS (
        SELECT o.customer_id, sum(l.total - l.returned_total) AS amount,
               array_to_string((string_to_array(p.category, ' > '))[:%(parts)s], ' > ') AS part
        FROM customers_order o
        JOIN customers_orderline l ON l.order_id = o.id
        JOIN customers_product p ON p.id = l.product_id AND p.category <> ''
        WHERE o.customer_id BETWEEN %(first)s AND %(last)s
          AND (NOT p.sensitive OR o.customer_id = ANY(%(asked)s))
          AND o.ordered_at > %(at)s - make_interval(months => %(months)s)
          AND o.ordered_at <= %(at)s AND o.status IN ('placed', 'partially_returned')
        GROUP BY o.customer_id, part
    ), ranked AS (
        SELECT *, row_number() OVER (PARTITION BY customer_id ORDER BY amount DESC, part) AS place
        FROM spent WHERE amount > 0
    ), bought AS (
        SELECT customer_id, array_agg(part::varchar ORDER BY place) AS buys
        FROM ranked WHERE place <= %(most)s GROUP BY customer_id
    )
    SELECT known.customer_id, coalesce(bought.buys, '{}') AS buys
    FROM customers_customermetrics known LEFT JOIN bought USING (customer_id)
    WHERE known.customer_id BETWEEN %(first)s AND %(last)s
"""


def refresh_buys(*, at: datetime, chunk: int = 20_000) -> None:
    """Write the categories on which each customer spent most in the last year, best first.

    Sensitive goods count for those alone who allow the use of sensitive data for some purpose.
    A transaction for each chunk of customers; who buys the same as yesterday is not written.
    """
    highest = CustomerMetrics.objects.aggregate(last=Max("pk"))["last"] or 0
    for first in range(0, highest + 1, chunk):
        with connection.cursor() as cursor:
            cursor.execute(
                f"""
                UPDATE customers_customermetrics AS known SET buys = found.buys
                FROM ({BUYS}) AS found
                WHERE known.customer_id = found.customer_id AND known.buys <> found.buys
                """,  # noqa: S608 -- our own words
                {
                    "first": first,
                    "last": first + chunk - 1,
                    "asked": _allowing_sensitive(first, first + chunk - 1),
                    "at": at,
                    "most": MOST,
                    "months": MONTHS,
                    "parts": PARTS,
                },
            )


def _allowing_sensitive(first: int, last: int) -> list[int]:
    people = Customer.objects.filter(pk__range=(first, last))
    return list(permitting(people, Category.SENSITIVE).values_list("pk", flat=True))
