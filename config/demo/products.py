"""The grocer's products: readable names and paths, and the price in the middle of those seen."""

from decimal import Decimal
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

from config.demo import words
from config.demo.source import Year

# A dollar of 2017 is shown as five reais; there is no other arithmetic on money.
REAIS_PER_CENT = pa.scalar(Decimal("0.05"), pa.decimal128(3, 2))

in_full = cache(words.in_full)


def reais(cents: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return cents of a dollar as reais with two places."""
    return pc.multiply(cents.cast(pa.decimal128(19, 0)), REAIS_PER_CENT)


def products(year: Year) -> pa.Table:
    """Return the columns of ``products.csv``; a product never sold has no price.

    The till sold a few products that the list does not know: they stand at the end, so that
    every order line has its product.
    """
    unlisted = _unlisted(year)
    ids = pa.concat_arrays([year.products["product_id"].combine_chunks(), unlisted])
    described = [_described(row) for row in year.products.to_pylist()]
    described += [(f"Unlisted product {sku}", "Unlisted") for sku in unlisted.to_pylist()]
    return pa.table(
        {
            "sku": ids.cast(pa.string()),
            "name": [name for name, _ in described],
            "category": [path for _, path in described],
            "price": _prices(year.lines, ids),
        }
    )


def _unlisted(year: Year) -> pa.Array:
    sold = pc.unique(year.lines["product"]).sort()
    listed = year.products["product_id"].combine_chunks()
    return sold.filter(pc.invert(pc.is_in(sold, value_set=listed)))


def _described(row: dict[str, str | None]) -> tuple[str, str]:
    """Return name and path: ``Ice Cream, 8 oz`` and ``Grocery > Frozen Desserts > Ice Cream``.

    Brands have no names in the source; it says only which one is the shop's own.
    """
    steps = [words.department(row["department"] or "")]
    steps += [in_full(step) for step in (row["product_category"], row["product_type"]) if step]
    own = "own brand" if row["brand"] == "Private" else ""
    name = ", ".join(part for part in (steps[-1], own, words.size(row["package_size"])) if part)
    return name, " > ".join(steps)


def _prices(lines: pa.Table, products: pa.Array) -> pa.ChunkedArray:
    """Return, for each product, the lower median over its lines of the price before discount."""
    sold = lines.filter(pc.greater(lines["quantity"], 0))
    before_discount = pc.add(sold["total"], sold["discount"])
    each = pc.divide(pc.multiply(before_discount, 1000), sold["quantity"])
    seen = pa.table({"product": sold["product"], "price": each}).filter(pc.greater(each, 0))
    seen = seen.sort_by([("product", "ascending"), ("price", "ascending")])
    runs = pc.run_end_encode(seen["product"].combine_chunks(), run_end_type=pa.int64())
    starts = pa.concat_arrays([pa.array([0], pa.int64()), runs.run_ends[:-1]])
    middle = pc.divide(pc.subtract(pc.add(starts, runs.run_ends), 1), 2)
    return reais(seen["price"].take(middle).take(pc.index_in(products, value_set=runs.values)))
