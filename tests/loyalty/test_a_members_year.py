"""Ana's year in the club, as a story.

One point for each real, good for twelve months. Prata from 500.00 and Ouro from 2000.00 of twelve
months' spend, safe for twelve months.

The figures follow from the rules on a sheet of paper; the calendar is the one of Voucherify's
worked examples (promotions.md §2.12: 31 January plus one month is 28 February).
"""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from customers.enums import OrderStatus
from customers.models import Customer, Event
from loyalty.models import Member
from loyalty.operations.orders import settle
from loyalty.operations.points import NotEnoughPoints, expire, spend
from loyalty.operations.tiers import set_tiers
from loyalty.queries import balance, faults, the_programme
from tests.factories import make_customer, make_order

pytestmark = pytest.mark.django_db

SAO_PAULO = ZoneInfo("America/Sao_Paulo")


def on(month: int, day: int, year: int = 2025, hour: int = 12) -> datetime:
    return datetime(year, month, day, hour, tzinfo=SAO_PAULO)


def buys(ana: Customer, number: str, total: str, at: datetime) -> None:
    settle([make_order(ana, external_id=number, total=total, ordered_at=at, at=at).pk], at=at)


def brings_back(ana: Customer, number: str, total: str, bought: datetime, at: datetime) -> None:
    returned = OrderStatus.RETURNED
    order = make_order(
        ana, external_id=number, total=total, ordered_at=bought, at=at, status=returned
    )
    settle([order.pk], at=at)


def a_night(at: datetime) -> None:
    expire(at=at)
    set_tiers(the_programme(), customers=Customer.objects.values_list("pk", flat=True), at=at)


def tier(ana: Customer) -> str:
    return str(Member.objects.get(customer=ana).tier)


def test_a_members_year():
    ana = make_customer(at=on(1, 2))

    # In January Ana buys for 199.90 and is a member: 199 points.
    buys(ana, "A", "199.90", on(1, 31))
    member = Member.objects.get(customer=ana)
    assert (balance(member, at=on(1, 31)), tier(ana)) == (199, "Bronze")

    # In March 320.00 more: 519 points, and with 519.90 spent she is Prata at once.
    buys(ana, "B", "320.00", on(3, 15))
    assert (balance(member, at=on(3, 15)), tier(ana)) == (519, "Prata")

    # In June she spends 250 points: all 199 of January, which expire first, and 51 of March.
    spend(member, points=250, reference="reward:1", at=on(6, 1))
    assert list(member.lots.order_by("pk").values_list("remaining", flat=True)) == [0, 269]

    # She would like 300 more. She has 269.
    with pytest.raises(NotEnoughPoints, match="269"):
        spend(member, points=300, reference="reward:2", at=on(6, 2))

    # In July January's order comes back: its 199 points were spent, so March's lot stands in.
    brings_back(ana, "A", "199.90", bought=on(1, 31), at=on(7, 10))
    assert list(member.lots.order_by("pk").values_list("remaining", flat=True)) == [0, 70]
    # Of her spend 320.00 is left, too little for Prata; but Prata is hers for a year.
    a_night(on(7, 11))
    assert tier(ana) == "Prata"

    # In November a fridge: 1,700.00. With 2,020.00 in twelve months she is Ouro.
    buys(ana, "C", "1700.00", on(11, 30))
    assert (balance(member, at=on(11, 30)), tier(ana)) == (1770, "Ouro")

    # On 15 March the 70 points are good all day; the night takes them.
    a_night(on(3, 15, 2026, hour=23))
    assert balance(member, at=on(3, 15, 2026, hour=23)) == 1770
    a_night(on(3, 16, 2026, hour=0))
    assert balance(member, at=on(3, 16, 2026)) == 1700

    # In August 600.00: 2,300.00 in twelve months. She is Ouro already; its term does not move.
    buys(ana, "D", "600.00", on(8, 5, 2026))
    assert (balance(member, at=on(8, 5, 2026)), tier(ana)) == (2300, "Ouro")

    # On 30 November her year of Ouro ends, and the fridge's points with it. Since 1 December she
    # has spent 600.00: that is Prata.
    a_night(on(11, 30, 2026, hour=23))
    assert (balance(member, at=on(11, 30, 2026, hour=23)), tier(ana)) == (2300, "Ouro")
    a_night(on(12, 1, 2026, hour=0))
    assert (balance(member, at=on(12, 1, 2026, hour=0)), tier(ana)) == (600, "Prata")

    assert timeline(ana) == [
        ("joined", "Clube"),
        ("points_earned", 199),
        ("points_earned", 320),
        ("tier_reached", "Prata"),
        ("points_spent", 250),
        ("points_taken_back", 199),
        ("points_earned", 1700),
        ("tier_reached", "Ouro"),
        ("points_expired", 70),
        ("points_earned", 600),
        ("points_expired", 1700),
        ("tier_lowered", "Prata"),
    ]
    assert faults() == []


def timeline(ana: Customer) -> list[tuple[str, object]]:
    events = Event.objects.filter(customer=ana, kind__startswith="loyalty.").order_by("pk")
    return [(event.kind.removeprefix("loyalty."), *event.data.values()) for event in events]
