"""What a comparison with the control group proves, and what it does not."""

from dataclasses import dataclass
from math import copysign, cos, erfc, exp, pi, sin, sqrt
from statistics import NormalDist

# Below this the split itself is broken: at 0.05 half of all alarms would be false.
SPLIT_ALARM = 0.001


@dataclass(frozen=True)
class Sample:
    """The people of one arm, those with nothing included: how many, and of what they spent.

    ``variance`` divides by n - 1.
    """

    count: int
    mean: float
    variance: float


@dataclass(frozen=True)
class Interval:
    """A difference, and between what it lies with the confidence asked for."""

    difference: float
    low: float
    high: float

    @property
    def includes_zero(self) -> bool:
        return self.low <= 0 <= self.high


def welch_interval(
    treated: Sample, control: Sample, *, confidence: float = 0.95
) -> Interval | None:
    """Return treated minus control, of the means; None with fewer than two people in an arm.

    Unequal variances: Welch, "The generalization of 'Student's' problem when several different
    population variances are involved", *Biometrika* 34 (1947), with the degrees of freedom of
    Satterthwaite, *Biometrics Bulletin* 2 (1946).
    """
    if min(treated.count, control.count) < 2:
        return None
    difference = treated.mean - control.mean
    parts = [arm.variance / arm.count for arm in (treated, control)]
    error = sum(parts)
    if error == 0:
        return Interval(difference, difference, difference)
    freedom = error**2 / sum(
        part**2 / (arm.count - 1) for part, arm in zip(parts, (treated, control), strict=True)
    )
    reach = t_quantile((1 + confidence) / 2, freedom=freedom) * sqrt(error)
    return Interval(difference, difference - reach, difference + reach)


def newcombe_interval(
    successes: int, count: int, other_successes: int, other_count: int, *, confidence: float = 0.95
) -> Interval | None:
    """Return the difference of two shares, the first minus the other; None with an empty arm.

    Newcombe, "Interval estimation for the difference between independent proportions",
    *Statistics in Medicine* 17 (1998), method 10: it holds for few and for no successes.
    """
    if not count or not other_count:
        return None
    share, other = successes / count, other_successes / other_count
    low, high = wilson_interval(successes, count, confidence=confidence)
    other_low, other_high = wilson_interval(other_successes, other_count, confidence=confidence)
    difference = share - other
    return Interval(
        difference,
        difference - sqrt((share - low) ** 2 + (other_high - other) ** 2),
        difference + sqrt((high - share) ** 2 + (other - other_low) ** 2),
    )


def wilson_interval(
    successes: int, count: int, *, confidence: float = 0.95
) -> tuple[float, float]:
    """Return between what a share lies. Wilson, *J. Am. Stat. Assoc.* 22 (1927)."""
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share = successes / count
    middle = share + z * z / (2 * count)
    reach = z * sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    scale = 1 + z * z / count
    return max(0.0, (middle - reach) / scale), min(1.0, (middle + reach) / scale)


def split_is_broken(control: int, total: int, *, share: float) -> bool:
    """Say whether the control group is so far from its share that chance cannot explain it.

    Chi-squared with one degree of freedom; method and threshold: Fabijan et al., "Diagnosing
    sample ratio mismatch in online controlled experiments", KDD 2019.
    """
    expected = total * share
    if not 0 < expected < total:
        return False
    squared = (control - expected) ** 2
    statistic = squared / expected + squared / (total - expected)
    return erfc(sqrt(statistic / 2)) < SPLIT_ALARM


def t_quantile(probability: float, *, freedom: float) -> float:
    """Return the point below which Student's t lies with this probability.

    Hill, "Algorithm 396: Student's t-quantiles", *Communications of the ACM* 13 (1970): six
    digits for any degrees of freedom from 1 up; ``freedom`` need not be whole.
    """
    tails = 2 * min(probability, 1 - probability)
    return copysign(_two_tailed(tails, freedom), probability - 0.5)


def _two_tailed(tails: float, freedom: float) -> float:
    """Hill's function: the t exceeded on both sides together with probability ``tails``."""
    if tails == 1:
        return 0.0
    if freedom == 1:
        return cos(tails * pi / 2) / sin(tails * pi / 2)
    if freedom == 2:
        return sqrt(2 / (tails * (2 - tails)) - 2)
    a = 1 / (freedom - 0.5)
    b = 48 / (a * a)
    c = ((20700 * a / b - 98) * a - 16) * a + 96.36
    d = ((94.5 / (b + c) - 3) / b + 1) * sqrt(a * pi / 2) * freedom
    y = (d * tails) ** (2 / freedom)
    if y > 0.05 + a:
        x = NormalDist().inv_cdf(tails / 2)
        y = x * x
        if freedom < 5:
            c += 0.3 * (freedom - 4.5) * (x + 0.6)
        c = (((0.05 * d * x - 5) * x - 7) * x - 2) * x + b + c
        y = (((((0.4 * y + 6.3) * y + 36) * y + 94.5) / c - y - 3) / b + 1) * x
        y = a * y * y
        y = exp(y) - 1 if y > 0.002 else 0.5 * y * y + y
    else:
        y = (
            (1 / (((freedom + 6) / (freedom * y) - 0.089 * d - 0.822) * (freedom + 2) * 3)
             + 0.5 / (freedom + 4)) * y - 1
        ) * (freedom + 1) / (freedom + 2) + 1 / y  # fmt: skip
    return sqrt(freedom * y)
