"""Shares with their intervals."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

Z = 1.959964
"""Of a normal distribution, 95% lies within so many standard deviations."""
DRAWS = 4000


@dataclass(frozen=True, slots=True)
class Rate:
    """A share in [0, 1], or a difference of two, with the ends of its 95% interval."""

    share: float
    low: float
    high: float


def wilson(count: int, of: int) -> Rate:
    """How often something was found among independent tries (Wilson 1927, doi:10.1080/01621459.1927.10502953).

    of: at least 1.
    """
    share = count / of
    middle = (share + Z**2 / (2 * of)) / (1 + Z**2 / of)
    reach = Z / (1 + Z**2 / of) * sqrt(share * (1 - share) / of + Z**2 / (4 * of**2))
    return Rate(share, max(0.0, middle - reach), min(1.0, middle + reach))


def bootstrap(shares: Sequence[float] | NDArray[np.float64], seed: int = 0) -> Rate:
    """The mean of one share, or difference of shares, a photo; the interval is of photos drawn anew (percentiles)."""
    values = np.array(shares, np.float64)
    drawn = np.random.default_rng(seed).integers(len(values), size=(DRAWS, len(values)))
    low, high = np.quantile(values[drawn].mean(axis=1), (0.025, 0.975))
    return Rate(float(values.mean()), float(low), float(high))
