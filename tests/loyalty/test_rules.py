"""Worked examples; VF is Voucherify's help centre as noted in promotions.md §2.12 and §2.13."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loyalty.rules import (
    Lot,
    Standing,
    Step,
    after,
    draw,
    earned_tier,
    expiry,
    next_tier,
    points_for,
    standing,
    take_back,
)

SAO_PAULO = ZoneInfo("America/Sao_Paulo")


def day(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 12, tzinfo=UTC)


# Points


@pytest.mark.parametrize(
    ("amount", "rate", "points"),
    [
        ("100.00", "1", 100),
        ("99.99", "1", 99),
        ("0.99", "1", 0),
        ("0.00", "1", 0),
        ("10.00", "1.5", 15),
        # 9.99 at 1.5 makes 14.985: the fraction is dropped once, of the whole.
        ("9.99", "1.5", 14),
        # Binary floats would make 28.999… of this.
        ("0.29", "100", 29),
        ("100.00", "0", 0),
    ],
)
def test_a_fraction_of_a_point_is_dropped(amount, rate, points):
    assert points_for(Decimal(amount), rate=Decimal(rate)) == points


# The calendar


@pytest.mark.parametrize(
    ("earned", "expires"),
    [
        # Noon in London is still the same day in São Paulo, three hours behind.
        (
            datetime(2026, 1, 31, 12, tzinfo=UTC),
            datetime(2026, 3, 1, 2, 59, 59, 999999, tzinfo=UTC),
        ),
        # One in the morning in London is the evening before in the shop.
        (
            datetime(2026, 2, 1, 1, tzinfo=UTC),
            datetime(2026, 3, 1, 2, 59, 59, 999999, tzinfo=UTC),
        ),
        # On 17 February 2018 the clocks went back at midnight: 23:59 came twice (IANA tzdata).
        (
            datetime(2018, 1, 17, 12, tzinfo=UTC),
            datetime(2018, 2, 18, 2, 59, 59, 999999, tzinfo=UTC),
        ),
    ],
)
def test_points_are_good_to_the_end_of_the_shops_day(earned, expires):
    assert expiry(earned, months=1, zone=SAO_PAULO) == expires


def test_points_may_never_expire():
    assert expiry(day(1, 1), months=None, zone=SAO_PAULO) is None


# Lots


NEW_YEAR = day(1, 1)


def lot(number: int, remaining: int, expires: datetime | None = None, earned=NEW_YEAR) -> Lot:
    return Lot(number, remaining, earned_at=earned, expires_at=expires)


@pytest.mark.parametrize(
    ("lots", "points", "taken"),
    [
        # The earliest expiry first, though it was earned last.
        ([lot(1, 50, day(9, 1)), lot(2, 50, day(6, 1), day(2, 1))], 60, {2: 50, 1: 10}),
        # Those that never expire last.
        ([lot(1, 50), lot(2, 50, day(6, 1))], 60, {2: 50, 1: 10}),
        # Among equals the oldest, by when it was earned and not by when it was written down.
        ([lot(1, 50, None, day(3, 1)), lot(2, 50, None, day(2, 1))], 60, {2: 50, 1: 10}),
        ([lot(1, 50, day(6, 1)), lot(2, 50, day(6, 1))], 60, {1: 50, 2: 10}),
        ([lot(1, 50)], 50, {1: 50}),
        ([lot(1, 0), lot(2, 5)], 5, {2: 5}),
        ([lot(1, 50)], 0, {}),
        ([], 10, {}),
    ],
)
def test_spending_takes_what_expires_first(lots, points, taken):
    assert draw(lots, points) == taken


@pytest.mark.parametrize(
    ("lots", "points", "taken"),
    [
        # Nothing was spent: the order's own lot gives all of it.
        ([lot(1, 100), lot(2, 80)], 100, {1: 100}),
        # 40 were spent: the other lot stands in for them.
        ([lot(1, 60), lot(2, 80)], 100, {1: 60, 2: 40}),
        # All was spent and there is nothing else: nobody owes points.
        ([], 100, {}),
        ([lot(2, 30)], 100, {2: 30}),
        # The own lot gives first, even if another expires earlier.
        ([lot(1, 60, day(9, 1)), lot(2, 80, day(6, 1))], 100, {1: 60, 2: 40}),
    ],
)
def test_an_order_gives_back_out_of_its_own_lot_first(lots, points, taken):
    assert take_back(lots, earned_in={1}, points=points) == taken


days = st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2027, 1, 1))  # noqa: DTZ001
moments = days.map(lambda moment: moment.replace(tzinfo=UTC))
purses = st.lists(st.tuples(st.integers(0, 500), moments, st.none() | moments), max_size=8).map(
    lambda rows: [Lot(number, *row) for number, row in enumerate(rows)]
)


def end(lot: Lot) -> datetime:
    return lot.expires_at or datetime.max.replace(tzinfo=UTC)


@settings(derandomize=True, deadline=None)
@given(lots=purses, points=st.integers(0, 3000))
def test_any_spending_takes_all_it_can_and_leaves_no_earlier_expiry_behind(lots, points):
    taken = draw(lots, points)
    left = after(lots, taken)

    assert sum(taken.values()) == min(points, sum(lot.remaining for lot in lots))
    assert all(lot.remaining >= 0 for lot in left)
    touched = [lot for lot in left if lot.id in taken]
    passed_over = [lot for lot in left if lot.remaining]
    last_taken = max((end(lot) for lot in touched), default=None)
    assert last_taken is None or all(end(lot) >= last_taken for lot in passed_over)


@settings(derandomize=True, deadline=None)
@given(lots=purses, first=st.integers(0, 1000), second=st.integers(0, 1000))
def test_spending_twice_takes_the_same_as_spending_at_once(lots, first, second):
    once = after(lots, draw(lots, first + second))

    twice = after(lots, draw(lots, first))
    twice = after(twice, draw(twice, second))

    assert twice == once


# Tiers

BRONZE, SILVER, GOLD = (
    Step(1, "Bronze", Decimal(0)),
    Step(2, "Prata", Decimal(500)),
    Step(3, "Ouro", Decimal(2000)),
)
LADDER = (SILVER, GOLD, BRONZE)


@pytest.mark.parametrize(
    ("spend", "tier"),
    [
        ("0", BRONZE),
        ("499.99", BRONZE),
        ("500.00", SILVER),
        ("1999.99", SILVER),
        ("2000", GOLD),
        ("99999", GOLD),
    ],
)
def test_the_highest_tier_reached_is_earned(spend, tier):
    assert earned_tier(Decimal(spend), LADDER) == tier


def test_below_the_lowest_tier_there_is_none():
    assert earned_tier(Decimal(10), [SILVER, GOLD]) is None


@pytest.mark.parametrize(
    ("tier", "above"), [(None, BRONZE), (BRONZE, SILVER), (SILVER, GOLD), (GOLD, None)]
)
def test_the_next_tier_is_one_above(tier, above):
    assert next_tier(tier, LADDER) == above


JULY = datetime(2026, 7, 20, 12, tzinfo=UTC)
END_OF_20_AUGUST = datetime(2026, 8, 21, 2, 59, 59, 999999, tzinfo=UTC)
IN_TIME, TOO_LATE = datetime(2026, 8, 21, 2, tzinfo=UTC), datetime(2026, 8, 21, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "earned", "at", "then"),
    [
        # Up at once, and safe for a term that begins anew.
        (Standing(), SILVER, JULY, Standing(SILVER, END_OF_20_AUGUST)),
        (Standing(BRONZE, IN_TIME), SILVER, JULY, Standing(SILVER, END_OF_20_AUGUST)),
        # Earning the same again changes nothing, nor does earning less, before the term is over.
        (Standing(SILVER, IN_TIME), SILVER, JULY, Standing(SILVER, IN_TIME)),
        (Standing(GOLD, IN_TIME), BRONZE, JULY, Standing(GOLD, IN_TIME)),
        (Standing(GOLD, IN_TIME), None, JULY, Standing(GOLD, IN_TIME)),
        (Standing(GOLD, JULY), BRONZE, JULY, Standing(GOLD, JULY)),
    ],
)
def test_a_tier_is_given_at_once_and_nothing_lowers_it_within_its_term(now, earned, at, then):
    assert standing(now, earned=earned, at=at, months=1, zone=SAO_PAULO) == then


@pytest.mark.parametrize("earned", [GOLD, SILVER, BRONZE, None])
def test_when_the_term_is_over_what_is_earned_by_then_counts(earned):
    now = Standing(GOLD, END_OF_20_AUGUST)

    kept = standing(now, earned=earned, at=IN_TIME, months=1, zone=SAO_PAULO)
    then = standing(now, earned=earned, at=TOO_LATE, months=1, zone=SAO_PAULO)

    assert kept == now
    assert then == Standing(earned, datetime(2026, 9, 22, 2, 59, 59, 999999, tzinfo=UTC))
