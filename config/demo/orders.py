"""The purchase lines as the shop's till would export them, oldest first."""

from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from config.demo.products import reais
from config.demo.source import SHOP_OFFSET

THOUSANDTH = pa.scalar(Decimal("0.001"), pa.decimal128(4, 3))


def customer_ids(households: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.binary_join_element_wise(
        "H", pc.utf8_lpad(households.cast(pa.string()), 4, padding="0"), ""
    )


def with_zone(moments: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.binary_join_element_wise(moments.cast(pa.string()), SHOP_OFFSET, "")


def _plain(thousandths: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return ``2`` and ``17.148``: no zeros that say nothing."""
    exact = pc.multiply(thousandths.cast(pa.decimal128(19, 0)), THOUSANDTH).cast(pa.string())
    return pc.replace_substring_regex(exact, r"\.?0+$", "")


def orders(lines: pa.Table) -> pa.Table:
    """Return the columns of ``orders-….csv``, one row a line, an order's lines together.

    ``total`` is what the shop received for the line, ``discount`` what it took off its price.
    """
    lines = lines.sort_by([(column, "ascending") for column in ("ordered_at", "order", "product")])
    return pa.table(
        {
            "order": lines["order"].cast(pa.string()),
            "customer": customer_ids(lines["household"]),
            "ordered_at": with_zone(lines["ordered_at"]),
            "store": lines["store"].cast(pa.string()),
            "sku": lines["product"].cast(pa.string()),
            "quantity": _plain(lines["quantity"]),
            "total": reais(lines["total"]),
            "discount": reais(lines["discount"]),
        }
    )
