"""Invented open carts: things the household has bought before, put in the basket again."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from config.demo.customers import external_id
from config.demo.draws import Draw
from config.demo.source import SHOP_ZONE, Year

SHARE = 0.12


@dataclass(frozen=True)
class CartLine:
    """A line of ``carts.csv``."""

    cart: str
    customer: str
    opened_at: datetime
    updated_at: datetime
    sku: str
    quantity: int


def carts(year: Year) -> Iterator[CartLine]:
    shoppers = [
        household
        for household in year.households()
        if Draw(household).happens("open cart", share=SHARE)
    ]
    for household, bought in _bought(year, shoppers).items():
        yield from _cart(household, bought, year)


def _cart(household: int, bought: list[int], year: Year) -> Iterator[CartLine]:
    draw = Draw(household)
    now = datetime.combine(year.last_day, time(21), SHOP_ZONE)
    opened_at = draw.moment("cart opened", after=now - timedelta(days=14), before=now)
    updated_at = opened_at + timedelta(minutes=draw.whole("cart minutes", 1, 40))
    for sku in draw.some_of("cart", bought, count=draw.whole("cart lines", 1, 6)):
        yield CartLine(
            cart=f"CART-{household:04d}",
            customer=external_id(household),
            opened_at=opened_at,
            updated_at=updated_at,
            sku=str(sku),
            quantity=draw.weighted(f"cart quantity {sku}", {1: 70, 2: 22, 3: 8}),
        )


def _bought(year: Year, households: list[int]) -> dict[int, list[int]]:
    """Return the products for which each household paid, in order, so that lots fall alike."""
    lines = year.of(households).lines
    paid = lines.filter(pc.and_(pc.greater(lines["quantity"], 0), pc.greater(lines["total"], 0)))
    pairs = pa.TableGroupBy(paid, ["household", "product"]).aggregate([])
    pairs = pairs.sort_by([("household", "ascending"), ("product", "ascending")])
    bought = defaultdict(list)
    for household, product in zip(
        pairs["household"].to_pylist(), pairs["product"].to_pylist(), strict=True
    ):
        bought[household].append(product)
    return bought
