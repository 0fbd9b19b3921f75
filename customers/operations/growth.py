"""How much more somebody might spend: their year against the best of those who are like them."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Max

from customers.models import CustomerMetrics

# Fewer are no measure, and would let one person's spend be read off the group.
FEWEST_PEERS = 30
BEST_TENTH = 0.9

YEAR_SPEND = """
    UPDATE customers_customermetrics AS known SET year_spend = spent.amount
    FROM (
        SELECT m.customer_id, CASE WHEN m.order_count > 0 THEN coalesce(sum(o.net_total), 0) END
            AS amount
        FROM customers_customermetrics m
        LEFT JOIN customers_order o ON o.customer_id = m.customer_id
            AND o.ordered_at > %(at)s - interval '1 year' AND o.ordered_at <= %(at)s
            AND o.status IN ('placed', 'partially_returned')
        WHERE m.customer_id BETWEEN %(first)s AND %(last)s
        GROUP BY m.customer_id
    ) AS spent
    WHERE known.customer_id = spent.customer_id AND known.year_spend IS DISTINCT FROM spent.amount
"""

# Who is compared, and with whom: of erased and merged people nothing is said.
PEOPLE = """
    SELECT m.customer_id, m.year_spend, person.country, person.state,
           CASE WHEN m.first_order_at > %(at)s - interval '1 year' THEN 'first_year'
                WHEN m.first_order_at > %(at)s - interval '3 years' THEN 'to_three'
                ELSE 'longer' END AS tenure
    FROM customers_customermetrics m JOIN customers_customer person ON person.id = m.customer_id
    WHERE m.year_spend IS NOT NULL AND person.erased_at IS NULL AND person.merged_into_id IS NULL
"""

# Of one state of a country, of the country, and of any place. Whoever has no address is in no
# group of a place.
MEASURE = f"""
    INSERT INTO customers_peergroup AS known (tenure, country, state, size, best, measured_at)
    SELECT tenure, coalesce(country, ''), coalesce(state, ''), count(*),
           percentile_disc(%(best)s) WITHIN GROUP (ORDER BY year_spend), %(at)s
    FROM ({PEOPLE}) AS people
    GROUP BY GROUPING SETS ((tenure, country, state), (tenure, country), (tenure))
    HAVING count(*) >= %(fewest)s AND country IS DISTINCT FROM '' AND state IS DISTINCT FROM ''
    ORDER BY 1, 2, 3
    ON CONFLICT (tenure, country, state) DO UPDATE
    SET size = excluded.size, best = excluded.best, measured_at = excluded.measured_at
"""  # noqa: S608 -- our own words

COMPARE = f"""
    UPDATE customers_customermetrics AS known
    SET peers_id = found.peers, growth_potential = found.potential
    FROM (
        SELECT m.customer_id, alike.id AS peers,
               CASE WHEN alike.id IS NOT NULL THEN greatest(alike.best - m.year_spend, 0) END
                   AS potential
        FROM customers_customermetrics m
        LEFT JOIN ({PEOPLE}) AS people USING (customer_id)
        LEFT JOIN LATERAL (
            SELECT id, best FROM customers_peergroup g
            WHERE g.tenure = people.tenure AND g.measured_at = %(at)s
              AND (g.country = people.country AND g.state IN (people.state, '')
                   OR g.country = '')
            ORDER BY g.country <> '' DESC, g.state <> '' DESC LIMIT 1
        ) AS alike ON true
        WHERE m.customer_id BETWEEN %(first)s AND %(last)s
    ) AS found
    WHERE known.customer_id = found.customer_id
      AND (known.peers_id, known.growth_potential) IS DISTINCT FROM (found.peers, found.potential)
"""  # noqa: S608 -- our own words


def refresh_growth(*, at: datetime, chunk: int = 50_000) -> None:
    """Write by how much the best of similar customers spent more in a year than each customer.

    Similar are those of the same tenure (since the first order) in the same state; in the same
    country, or anywhere, where fewer than thirty are. The best are the best tenth: the potential
    is the 90th percentile (the least spend that nine in ten do not exceed) less the customer's
    own, and never below zero. What stays the same is not written. A transaction for each chunk.
    Method: the realistic wallet of Perlich, Rosset, Lawrence and Zadrozny, *High-quantile
    Modeling for Customer Wallet Estimation* (KDD 2007), with groups in place of their models.
    """
    for first, last in _chunks(chunk):
        _run(YEAR_SPEND, at=at, first=first, last=last)
    _run(MEASURE, at=at, best=BEST_TENTH, fewest=FEWEST_PEERS)
    for first, last in _chunks(chunk):
        _run(COMPARE, at=at, first=first, last=last)


def _chunks(size: int) -> Iterator[tuple[int, int]]:
    highest = CustomerMetrics.objects.aggregate(last=Max("pk"))["last"] or 0
    return ((first, first + size - 1) for first in range(0, highest + 1, size))


def _run(sql: str, **facts: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, facts)
