"""Two hundred segments of a busy shop, of two to four of a hundred conditions each.

A fifth of the conditions is about what people did, the others about single values.
"""

from collections.abc import Iterator
from itertools import count, islice
from typing import Any

from benchmarks.twelve import did, when
from customers.enums import RfmGroup

SEGMENTS, CONDITIONS = 200, 100
KINDS = (
    "customers.page_viewed",
    "customers.product_viewed",
    "customers.searched",
    "campaigns.message_opened",
    "campaigns.link_followed",
)


def conditions() -> list[dict[str, Any]]:
    """Return the hundred conditions, those about single values first."""
    return [*_of_people(), *_of_values(), *_of_deeds()]


def _of_people() -> Iterator[dict[str, Any]]:
    yield from (when("customers.country", "is", code) for code in ("BR", "PT", "IE", "AR"))
    yield from (
        when("customers.state", "is", code) for code in ("SP", "RJ", "MG", "RS", "PR", "BA")
    )
    yield from (when("customers.city", "is", f"City {n}") for n in range(3))
    yield from (when("customers.age", "between", [age, age + 9]) for age in range(20, 80, 10))
    yield from (when("customers.gender", "is", gender) for gender in ("female", "male"))
    yield from (
        when("customers.interests", "any_of", [word])
        for word in ("wine", "garden", "toys", "books", "sports", "cooking")
    )
    yield from (when("customers.tags", "any_of", [tag]) for tag in ("vip", "staff"))
    yield from (when("customers.birthday", "in_next", days) for days in (0, 7, 30))
    yield from (when("customers.birthday", "in_month", month) for month in (1, 12))
    yield from (when("attribute.shoe_size", "at_least", size) for size in (38, 42))
    yield from (when("consent.email", answer) for answer in ("yes", "no"))


def _of_values() -> Iterator[dict[str, Any]]:
    yield from (when("customers.rfm_group", "is", group) for group in RfmGroup.values)
    yield from (
        when("customers.spend", "at_least", amount) for amount in (100, 250, 500, 1000, 2500)
    )
    yield from (when("customers.order_count", "at_most", n) for n in (0, 1, 3))
    yield from (when("customers.average_order", "at_least", amount) for amount in (50, 100))
    yield from (when("customers.last_order", "in_last", days) for days in (7, 30, 60, 90))
    yield from (
        when("customers.last_order", "longer_ago", {"months": months}) for months in (1, 3, 6, 12)
    )
    yield from (when("customers.first_order", "in_last", days) for days in (7, 30))
    yield from (when("customers.last_seen", "longer_ago", days) for days in (30, 60, 90))
    yield from (
        when("customers.last_open", "longer_ago", days, unknown=True) for days in (30, 60, 90)
    )
    yield from (when("loyalty.tier", "is", tier) for tier in ("Bronze", "Prata", "Ouro"))
    yield from (when("loyalty.points", "at_least", points) for points in (500, 1000))


def _of_deeds() -> Iterator[dict[str, Any]]:
    yield from (did(kind, days) for kind in KINDS for days in (7, 30))
    yield from (when(f"events.{kind}", "at_least", 3, window={"days": 30}) for kind in KINDS[:3])
    yield from (when("customers.orders", "did_not", window={"days": days}) for days in (14, 45))
    yield when("customers.spend", "at_least", 200, window={"days": 60})
    yield from (
        when(
            "customers.orders",
            "did",
            window={"days": 30},
            where={"category": f"Area {n} > Aisle {n}"},
        )
        for n in (1, 2)
    )
    yield when("customers.open_case", "yes")
    yield when("customers.open_cart", "yes")


def rules() -> list[dict[str, Any]]:
    """Return two hundred different rules in which every condition stands, in turns."""
    offered = conditions()
    # Steps that share no divisor with the hundred meet all of them, in another company each time.
    following = (offered[step * 37 % CONDITIONS] for step in count())
    return [_rule(n, following) for n in range(SEGMENTS)]


def _rule(n: int, following: Iterator[dict[str, Any]]) -> dict[str, Any]:
    first, *others = islice(following, 2 + n % 3)
    match n % 4:
        case 0 | 1:
            return {"all": [first, *others]}
        case 2:
            return {"all": [first, {"any": others}]}
    return {"all": [first, {"none": others}]}
