"""When one way to do something is said to be clearly better than another, from the photos each gets right."""

from collections.abc import Sequence
from fractions import Fraction
from math import comb

import numpy as np
from numpy.typing import NDArray

LEVEL = 0.05
LEAST_GAIN = 0.05
"""The least share of photos by which the right answers must grow: what is less is no mistake in the settings."""
RULE = (
    "Another setting is clearly better if it gets at least 5% of the photos more right, if it is better by an exact "
    "one-sided sign test on the photos that only one of the two gets right (McNemar), with Holm’s correction for the "
    "number of settings tried, p at most .05, and if it gets more right than guessing would, by an exact binomial "
    "test, p at most .05."
)


def sign_test(gained: int, lost: int) -> float:
    """The chance of at least `gained` heads in `gained + lost` throws of a coin, in (0, 1] (McNemar 1947,
    doi:10.1007/BF02295996, exact and one-sided)."""
    throws = gained + lost
    return float(Fraction(sum(comb(throws, heads) for heads in range(gained, throws + 1)), 2**throws))


def adjust(p_values: Sequence[float]) -> tuple[float, ...]:
    """Holm's adjusted p-values, in the given order: if nothing is better, the chance that any of them is at most p
    is at most p (Holm 1979, https://www.jstor.org/stable/4615733)."""
    adjusted = [0.0] * len(p_values)
    largest = 0.0
    for place, index in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        largest = max(largest, min(1.0, (len(p_values) - place) * p_values[index]))
        adjusted[index] = largest
    return tuple(adjusted)


def find_better(
    declared: NDArray[np.bool_], others: Sequence[NDArray[np.bool_]], chance: float
) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """Which of the others are clearly better by RULE, the best first, and the adjusted p-values of all.

    declared, others: for each photo, bool [photos], whether it is answered right.
    chance: the share that guessing gets right, in (0, 1).
    """
    p_values = adjust([sign_test(int((other & ~declared).sum()), int((declared & ~other).sum())) for other in others])
    least = LEAST_GAIN * len(declared)
    gains = [int(other.sum()) - int(declared.sum()) for other in others]
    better = [
        index
        for index, (other, p_value) in enumerate(zip(others, p_values, strict=True))
        if p_value <= LEVEL and gains[index] >= least and above_chance(int(other.sum()), len(other), chance) <= LEVEL
    ]
    return tuple(sorted(better, key=lambda index: -gains[index])), p_values


def above_chance(right: int, photos: int, share: float) -> float:
    """The chance of at least `right` right answers on so many photos, if each is right with chance `share`."""
    return sum(comb(photos, hits) * share**hits * (1 - share) ** (photos - hits) for hits in range(right, photos + 1))
