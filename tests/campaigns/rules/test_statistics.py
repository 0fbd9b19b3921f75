"""Against published figures; each test names where they stand."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.rules.statistics import (
    Interval,
    Sample,
    newcombe_interval,
    split_is_broken,
    t_quantile,
    welch_interval,
)


@pytest.mark.parametrize(
    ("freedom", "two_sided_95", "two_sided_99"),
    [
        (1, 12.706, 63.657),
        (2, 4.303, 9.925),
        (3, 3.182, 5.841),
        (5, 2.571, 4.032),
        (10, 2.228, 3.169),
        (30, 2.042, 2.750),
        (120, 1.980, 2.617),
    ],
)
def test_t_quantile_agrees_with_the_tables(freedom, two_sided_95, two_sided_99):
    """Abramowitz and Stegun, Handbook of Mathematical Functions (1964), table 26.10."""
    assert t_quantile(0.975, freedom=freedom) == pytest.approx(two_sided_95, abs=6e-4)
    assert t_quantile(0.005, freedom=freedom) == pytest.approx(-two_sided_99, abs=6e-4)


def test_welch_interval_agrees_with_the_sleep_data():
    """Student's sleep data (Biometrika 6, 1908), as ``t.test`` of R prints it."""
    first = Sample(count=10, mean=0.75, variance=3.200556)
    second = Sample(count=10, mean=2.33, variance=4.009000)

    interval = welch_interval(first, second)

    assert interval
    assert interval.difference == pytest.approx(-1.58)
    assert interval.low == pytest.approx(-3.3654832, abs=1e-5)
    assert interval.high == pytest.approx(0.2054832, abs=1e-5)
    assert interval.includes_zero


@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [
        ((56, 70, 48, 80), 0.0524, 0.3339),
        ((9, 10, 3, 10), 0.1705, 0.8090),
        ((6, 7, 2, 7), 0.0582, 0.8062),
        ((5, 56, 0, 29), -0.0381, 0.1926),
        ((0, 10, 0, 20), -0.1611, 0.2775),
        ((10, 10, 0, 20), 0.6791, 1.0000),
    ],
)
def test_newcombe_interval_agrees_with_its_paper(counts, low, high):
    """Newcombe, Statistics in Medicine 17 (1998), table II, method 10."""
    interval = newcombe_interval(*counts)

    assert interval
    assert (round(interval.low, 4), round(interval.high, 4)) == (low, high)


def test_nothing_is_said_about_an_empty_arm():
    one = Sample(count=1, mean=5.0, variance=0.0)
    many = Sample(count=100, mean=5.0, variance=2.0)

    assert welch_interval(many, one) is None
    assert newcombe_interval(3, 10, 0, 0) is None


def test_two_arms_in_which_nobody_differs_differ_by_exactly_that():
    nobody_bought = Sample(count=50, mean=0.0, variance=0.0)

    assert welch_interval(nobody_bought, nobody_bought) == Interval(0.0, 0.0, 0.0)


@pytest.mark.parametrize(("control", "is_broken"), [(1000, False), (1098, False), (1100, True)])
def test_split_alarm_rings_beyond_chance(control, is_broken):
    """Chi-squared with one degree of freedom passes 10.83 at p = 0.001."""
    assert split_is_broken(control, 10_000, share=0.1) is is_broken


def test_no_control_group_is_no_broken_split():
    assert not split_is_broken(0, 10_000, share=0.0)
    assert not split_is_broken(0, 0, share=0.1)


arms = st.builds(
    Sample,
    count=st.integers(2, 10**6),
    mean=st.floats(0, 10**4),
    variance=st.floats(0.01, 10**6),
)


@given(treated=arms, control=arms)
@settings(derandomize=True, deadline=None)
def test_welch_interval_holds_the_difference_and_turns_with_its_arms(treated, control):
    interval, turned = welch_interval(treated, control), welch_interval(control, treated)

    assert interval
    assert turned
    assert interval.low <= interval.difference <= interval.high
    assert (turned.low, turned.high) == pytest.approx((-interval.high, -interval.low))
