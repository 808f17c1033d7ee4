"""How likely it is that objects which are no more than places at random come out as they did: exact tests that need no
more than that each object was exchangeable with the random places of its photo, and photos independent."""

from collections.abc import Sequence
from functools import lru_cache
from math import erfc, floor, sqrt

import numpy as np
from numpy.typing import NDArray

MOST_SUMMED = 100
"""Of more photos than this, a sum of uniform numbers is normal as far as any p-value here goes; and its tails are
lighter, so that p-values are on the safe side."""


def need_by_chance(needs: Sequence[float], places: Sequence[int]) -> float:
    """The chance of as large a sum of needs, if each were uniform on 0, 1/m, ..., 1, as it is for an object placed at
    random among m places; in (0, 1].

    Ties make a need vary less than that, and photos with more places than the one with the fewest do too; both err on
    the safe side.

    needs: in [0, 1], at least one; places: how many random places each was compared with.
    """
    photos, fewest = len(needs), min(places)
    steps = floor(sum(floor(2 * fewest * need + 1e-6) for need in needs))  # a tie counts half a step
    if photos > MOST_SUMMED:
        deviation = sqrt(photos * (fewest + 2) / (12 * fewest))
        return _normal_tail((steps / (2 * fewest) - photos / 2) / deviation)
    return float(_tails(photos, fewest)[(steps + 1) // 2])


@lru_cache(maxsize=256)  # classes often have as many photos as others
def _tails(photos: int, places: int) -> NDArray[np.float64]:
    """The chance that the sum of so many numbers, uniform on 0, 1, ..., places, is at least 0, 1, 2, ..."""
    each, total = np.full(places + 1, 1 / (places + 1)), np.ones(1)
    for _ in range(photos):
        total = np.convolve(total, each)
    tails: NDArray[np.float64] = np.minimum(1.0, total[::-1].cumsum()[::-1])
    return tails


def fewer_by_chance(named: Sequence[bool], shares: Sequence[float], places: Sequence[int]) -> float:
    """The chance of as few photos whose class is named with the object hidden, if the object were one more of its
    photo's places, which is named or not as any of them; in (0, 1].

    named: with the object hidden; shares: of the random places with which, hidden, it is named; places: how many.
    """
    total = np.ones(1)
    for own, share, count in zip(named, shares, places, strict=True):
        chance = (own + share * count) / (count + 1)
        total = np.convolve(total, [1 - chance, chance])
    return float(min(1.0, total[: sum(named) + 1].sum()))


def half_by_chance(count: int, of: int) -> float:
    """The chance of at least so many heads among throws of a coin, in (0, 1]; 1 of none."""
    from scipy.stats import binom  # lazy: takes most of a second to import

    return float(binom.sf(count - 1, of, 0.5)) if of else 1.0


def agreement(first: Sequence[float], second: Sequence[float]) -> float | None:
    """The rank correlation (Spearman) of two series, in [-1, 1]; None where one of them is the same throughout."""
    from scipy.stats import rankdata  # lazy, as above

    ranks = [_centred(rankdata(values)) for values in (first, second)]
    lengths = [float(np.linalg.norm(each)) for each in ranks]
    return float(ranks[0] @ ranks[1]) / (lengths[0] * lengths[1]) if all(lengths) else None


def _centred(values: NDArray[np.float64]) -> NDArray[np.float64]:
    centred: NDArray[np.float64] = values - values.mean()
    return centred


def _normal_tail(z: float) -> float:
    return max(erfc(z / sqrt(2)) / 2, 5e-324)
