"""The grocer's own campaigns and coupons of that year, as events that have already happened."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from config.demo.customers import external_id
from config.demo.source import SHOP_ZONE, Year


@dataclass(frozen=True)
class Happening:
    """A line of ``history.csv``; ``coupon`` is empty where a campaign only arrived."""

    kind: str
    customer: str
    occurred_at: datetime
    reference: str
    campaign: str
    coupon: str


def history(year: Year) -> list[Happening]:
    """Return mailings and redemptions, oldest first.

    The references stay the same whatever the last day, so that bringing the file in again adds
    nothing.
    """
    happenings = [*_mailings(year), *_redemptions(year)]
    return sorted(happenings, key=lambda one: (one.occurred_at, one.reference))


def _mailings(year: Year) -> Iterator[Happening]:
    for row in year.mailings.to_pylist():
        customer = external_id(row["household"])
        yield Happening(
            kind="campaigns.campaign_received",
            customer=customer,
            occurred_at=row["at"].replace(tzinfo=SHOP_ZONE),
            reference=f"grocer:campaign:{row['campaign']}:{customer}",
            campaign=_title(row),
            coupon="",
        )


def _redemptions(year: Year) -> Iterator[Happening]:
    for row in year.redemptions.to_pylist():
        customer = external_id(row["household"])
        day = f"{row['original_at']:%Y%m%d}"
        yield Happening(
            kind="campaigns.coupon_redeemed",
            customer=customer,
            occurred_at=row["at"].replace(tzinfo=SHOP_ZONE),
            reference=f"grocer:coupon:{row['campaign']}:{row['coupon']}:{day}:{customer}",
            campaign=_title(row),
            coupon=str(row["coupon"]),
        )


def _title(row: dict[str, int | str]) -> str:
    return f"Campaign {row['campaign']} ({row['campaign_type']})"
