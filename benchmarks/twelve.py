"""Twelve rules as marketers make them, and the SQL that a careful person writes for each."""

from dataclasses import dataclass
from typing import Any

PROFILE_ONLY, WINDOWED, NESTED = 250, 600, 1000


@dataclass(frozen=True)
class Race:
    """A rule and the best condition on a profile ``c`` that a hand writes for it.

    In ``by_hand`` stand ``{purchase}`` and the like for a permission, ``{standing}`` for the
    status of orders that count, ``{zones_ahead}`` for where it is tomorrow. ``limit`` is in
    milliseconds.
    """

    name: str
    limit: int
    rule: dict[str, Any]
    by_hand: str


def when(trait: str, operator: str, value: Any = None, **more: Any) -> dict[str, Any]:
    return {"trait": trait, "operator": operator, **more} | (
        {} if value is None else {"value": value}
    )


def did(kind: str, days: int, **more: Any) -> dict[str, Any]:
    return when(f"events.{kind}", "did", window={"days": days}, **more)


RACES = (
    Race(
        "inactive for 3 months, spent 500, opted in",
        PROFILE_ONLY,
        {
            "all": [
                when("customers.last_order", "longer_ago", {"months": 3}),
                when("customers.last_seen", "longer_ago", {"months": 3}),
                when("customers.spend", "at_least", 500),
                when("consent.email", "yes"),
            ]
        },
        """{purchase} AND {browsing} AND {identity} AND {email} AND c.spend >= 500
        AND c.last_order_at < '2026-03-15 15:00+00' AND c.last_seen_at < '2026-03-15 15:00+00'""",
    ),
    Race(
        "birthday in 7 days",
        PROFILE_ONLY,
        {"all": [when("customers.birthday", "in_next", 7)]},
        # East of here it is tomorrow.
        """{demographic} AND (c.timezone <> ALL ({zones_ahead})
            AND extract(month FROM c.birth_date) * 100 + extract(day FROM c.birth_date)
                IN (615, 616, 617, 618, 619, 620, 621, 622)
        OR c.timezone = ANY ({zones_ahead})
            AND extract(month FROM c.birth_date) * 100 + extract(day FROM c.birth_date)
                IN (616, 617, 618, 619, 620, 621, 622, 623))""",
    ),
    Race(
        "country and tier",
        PROFILE_ONLY,
        {"all": [when("customers.country", "is", "IE"), when("loyalty.tier", "is", "Ouro")]},
        "{demographic} AND {purchase} AND c.country = 'IE' AND c.tier = 'Ouro'",
    ),
    Race(
        "RFM group, age and gender",
        PROFILE_ONLY,
        {
            "all": [
                when("customers.rfm_group", "one_of", ["champions", "loyal"]),
                when("customers.age", "between", [25, 40]),
                when("customers.gender", "is", "female"),
            ]
        },
        """{inferred} AND {demographic} AND c.rfm_group IN ('champions', 'loyal')
        AND c.gender = 'female' AND c.birth_date > '1985-06-15' AND c.birth_date <= '2001-06-15'
        """,
    ),
    Race(
        "interests, an attribute and states",
        PROFILE_ONLY,
        {
            "all": [
                when("customers.interests", "any_of", ["wine", "cooking"]),
                when("attribute.shoe_size", "at_least", 40),
                when("customers.state", "one_of", ["SP", "RJ"]),
            ]
        },
        """{demographic} AND c.interests && '{{wine,cooking}}' AND c.state IN ('SP', 'RJ')
        AND (c.attributes ->> 'shoe_size')::numeric >= 40""",
    ),
    Race(
        "bought a category twice in 60 days",
        WINDOWED,
        {
            "all": [
                when(
                    "customers.orders",
                    "at_least",
                    2,
                    window={"days": 60},
                    where={"category": "Area 3 > Aisle 3"},
                )
            ]
        },
        """{purchase} AND c.customer_id IN (
            SELECT o.customer_id FROM customers_order o
            WHERE o.ordered_at >= %(now)s - interval '60 days' AND o.ordered_at <= %(now)s
              AND {standing}
              AND EXISTS (
                SELECT FROM customers_orderline l JOIN customers_product p ON p.id = l.product_id
                WHERE l.order_id = o.id AND (p.category = 'Area 3 > Aisle 3'
                      OR p.category LIKE 'Area 3 > Aisle 3 > %%'))
            GROUP BY o.customer_id HAVING count(*) >= 2)""",
    ),
    Race(
        "was written to and opened nothing in 30 days",
        WINDOWED,
        {
            "all": [
                did("campaigns.message_sent", 30),
                when("events.campaigns.message_opened", "did_not", window={"days": 30}),
            ]
        },
        """{contact} AND {browsing}
        AND EXISTS (SELECT FROM customers_event e
            WHERE e.kind IN ('campaigns.message_sent', 'campaigns.campaign_received')
            AND e.occurred_at >= %(now)s - interval '30 days' AND e.occurred_at <= %(now)s
            AND e.customer_id = c.customer_id)
        AND NOT EXISTS (SELECT FROM customers_event e
            WHERE e.kind IN ('campaigns.message_opened', 'campaigns.link_followed')
            AND e.occurred_at >= %(now)s - interval '30 days' AND e.occurred_at <= %(now)s
            AND e.customer_id = c.customer_id)""",
    ),
    Race(
        "looked at goods and bought nothing in 7 days",
        WINDOWED,
        {
            "all": [
                did("customers.product_viewed", 7),
                when("customers.orders", "did_not", window={"days": 7}),
            ]
        },
        """{browsing} AND {purchase}
        AND EXISTS (SELECT FROM customers_event e WHERE e.kind = 'customers.product_viewed'
            AND e.occurred_at >= %(now)s - interval '7 days' AND e.occurred_at <= %(now)s
                    AND e.customer_id = c.customer_id)
        AND NOT EXISTS (SELECT FROM customers_order o WHERE o.customer_id = c.customer_id
                        AND {standing} AND o.ordered_at >= %(now)s - interval '7 days'
                        AND o.ordered_at <= %(now)s)""",
    ),
    Race(
        "searched for something in 30 days",
        WINDOWED,
        {"all": [did("customers.searched", 30, where={"words": "word 7"})]},
        """{search} AND EXISTS (SELECT FROM customers_event e WHERE e.kind = 'customers.searched'
            AND e.occurred_at >= %(now)s - interval '30 days' AND e.occurred_at <= %(now)s
            AND e.data ->> 'words' = 'word 7' AND e.customer_id = c.customer_id)""",
    ),
    Race(
        "spent 300 in 90 days",
        WINDOWED,
        {"all": [when("customers.spend", "at_least", 300, window={"days": 90})]},
        """{purchase} AND c.customer_id IN (
            SELECT o.customer_id FROM customers_order o
            WHERE o.ordered_at >= %(now)s - interval '90 days' AND o.ordered_at <= %(now)s
              AND {standing}
            GROUP BY o.customer_id HAVING sum(o.net_total) >= 300)""",
    ),
    Race(
        "looked at goods, then bought within 3 days",
        WINDOWED,
        {
            "all": [
                did(
                    "customers.product_viewed",
                    7,
                    then={"trait": "customers.orders", "within": {"days": 3}},
                )
            ]
        },
        """{browsing} AND {purchase} AND EXISTS (
            SELECT FROM customers_event e WHERE e.kind = 'customers.product_viewed'
            AND e.occurred_at >= %(now)s - interval '7 days' AND e.occurred_at <= %(now)s
            AND e.customer_id = c.customer_id
            AND EXISTS (SELECT FROM customers_order o WHERE o.customer_id = e.customer_id
                        AND {standing} AND o.ordered_at > e.occurred_at
                        AND o.ordered_at <= e.occurred_at + interval '3 days'
                        AND o.ordered_at <= %(now)s))""",
    ),
    Race(
        "all, any and none, nested over five sources",
        NESTED,
        {
            "all": [
                {
                    "any": [
                        {
                            "all": [
                                when("customers.spend", "at_least", 1000),
                                when("loyalty.tier", "one_of", ["Prata", "Ouro"]),
                            ]
                        },
                        {
                            "all": [
                                did("campaigns.link_followed", 30),
                                when("customers.country", "is", "BR"),
                            ]
                        },
                        {
                            "all": [
                                when("customers.rfm_group", "one_of", ["at_risk", "cant_lose"]),
                                when(
                                    "events.customers.product_viewed",
                                    "at_least",
                                    3,
                                    window={"days": 30},
                                ),
                            ]
                        },
                    ]
                },
                {
                    "none": [
                        when("customers.orders", "did", window={"days": 14}),
                        when("customers.open_case", "yes"),
                        when("consent.email", "no"),
                    ]
                },
            ]
        },
        """(
            {purchase} AND c.spend >= 1000 AND c.tier IN ('Prata', 'Ouro')
            OR {browsing} AND {demographic} AND c.country = 'BR'
               AND c.customer_id IN (
                   SELECT e.customer_id FROM customers_event e
                   WHERE e.kind = 'campaigns.link_followed'
                     AND e.occurred_at >= %(now)s - interval '30 days'
                     AND e.occurred_at <= %(now)s)
            OR {inferred} AND {browsing} AND c.rfm_group IN ('at_risk', 'cant_lose')
               AND c.customer_id IN (
                   SELECT e.customer_id FROM customers_event e
                   WHERE e.kind = 'customers.product_viewed'
                     AND e.occurred_at >= %(now)s - interval '30 days'
                     AND e.occurred_at <= %(now)s
                   GROUP BY e.customer_id HAVING count(*) >= 3)
        ) AND {purchase} AND {contact} AND {identity} AND NOT {no_email}
        AND NOT EXISTS (SELECT FROM customers_order o WHERE o.customer_id = c.customer_id
                        AND {standing} AND o.ordered_at >= %(now)s - interval '14 days'
                        AND o.ordered_at <= %(now)s)
        AND NOT EXISTS (SELECT FROM customers_case s WHERE s.customer_id = c.customer_id
                        AND s.status = 'open')""",
    ),
)
