"""The difference of two means with its interval and test, from sums: over photos that both have, or over others."""

from dataclasses import dataclass
from math import sqrt

import numpy as np

from saliency_core.audit.chance import half_by_chance
from saliency_core.audit.rates import Rate


@dataclass(frozen=True, slots=True)
class Sums:
    """What is known of numbers: how many there are, at least one, their sum and that of their squares."""

    count: int
    total: float
    squares: float

    @property
    def mean(self) -> float:
        """Their mean."""
        return self.total / self.count

    def padded(self, low: float, high: float) -> "Sums":
        """With two more numbers, one at either end of what a number may be; see padded_mean()."""
        return Sums(self.count + 2, self.total + low + high, self.squares + low**2 + high**2)

    @property
    def error(self) -> float:
        """The variance of their mean; they are at least two."""
        return max(0.0, self.squares - self.total**2 / self.count) / (self.count - 1) / self.count


def paired(differences: Sums) -> tuple[Rate, float]:
    """The mean of differences in [-1, 1], photo by photo, with the interval of padded_mean(); and how likely as large a
    one is if there is none, by the same Student's t, on both sides."""
    padded = differences.padded(-1, 1)
    return _contrast(differences.mean, padded.mean, padded.error, padded.count - 1)


def unpaired(first: Sums, second: Sums) -> tuple[Rate, float]:
    """The second mean less the first, of numbers in [0, 1] of different photos: the interval of Welch (1947,
    doi:10.1093/biomet/34.1-2.28) with two more numbers in each, as Agresti & Caffo (2000,
    doi:10.1080/00031305.2000.10474560) add to counts; and how likely as large a difference is if there is none."""
    own, other = first.padded(0, 1), second.padded(0, 1)
    error = own.error + other.error
    freedom = error**2 / (own.error**2 / (own.count - 1) + other.error**2 / (other.count - 1))
    return _contrast(second.mean - first.mean, other.mean - own.mean, error, freedom)


def _contrast(by: float, middle: float, error: float, freedom: float) -> tuple[Rate, float]:
    from scipy.stats import t  # lazy: takes most of a second to import

    reach = float(t.ppf(0.975, freedom)) * sqrt(error)
    rate = Rate(by, max(-1.0, min(by, middle - reach)), min(1.0, max(by, middle + reach)))
    p_value = 2 * float(t.sf(abs(middle) / sqrt(error), freedom))
    return rate, min(1.0, p_value) if by * middle > 0 else 1.0


def paired_counts(differences: Sums) -> float:
    """How likely as uneven counts are, if a photo that only one of both has is as likely to be the one's as the
    other's (McNemar 1947, doi:10.1007/BF02295996, exact and on both sides).

    differences: each -1, 0 or 1.
    """
    changed = round(differences.squares)
    most = (changed + abs(round(differences.total))) // 2
    return min(1.0, 2 * half_by_chance(most, changed))


def unpaired_counts(first: Sums, second: Sums) -> float:
    """How likely shares as different are, if both are one (Fisher 1922, doi:10.2307/2340521, exact and on both sides).

    first, second: of numbers that are 0 or 1.
    """
    from scipy.stats import fisher_exact  # lazy, as above

    table = np.array([[round(each.total), each.count - round(each.total)] for each in (first, second)])
    return float(fisher_exact(table).pvalue)
