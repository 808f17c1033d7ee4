"""What hiding and keeping a part does to one class, beside the same at random places."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

LARGE_FACTOR = 8.0
"""A loss is large where the odds p / (1 - p) fall by this factor or more, and probabilities bear it out."""
HALF = 0.5
"""Probabilities bear it out where less than this share of the original one is left. What alone leaves as much is
enough: at a high probability this is far less of the odds."""
TIE = 0.01
"""Log-odds that differ by less are equal: the same picture's differ by rounding, as passes are done in other ways."""
_LEAST, _MOST = 1e-30, 1 - 1e-5
"""Probabilities are kept between these: odds are finite, and a step of single precision near 1 is well below TIE."""


@dataclass(frozen=True, eq=False)
class Evidence:
    """The numbers a verdict rests on: probabilities of one class, in [0, 1].

    original: with the photo as it is; hidden: with the part hidden; kept: with only the part left.
    controls_hidden, controls_kept: the same for each random place, in one order.
    """

    original: float
    hidden: float
    kept: float
    controls_hidden: Sequence[float]
    controls_kept: Sequence[float]

    @cached_property
    def loss(self) -> NDArray[np.float64]:
        """How far the class's log-odds fall when a place is hidden, f64 [1 + controls], the part first."""
        return log_odds([self.original]) - log_odds([self.hidden, *self.controls_hidden])

    @cached_property
    def gain(self) -> NDArray[np.float64]:
        """How far they rise from the photo as it is when only a place is left, mostly below 0; as loss()."""
        return log_odds([self.kept, *self.controls_kept]) - log_odds([self.original])

    @property
    def joint(self) -> NDArray[np.float64]:
        """Log-odds with only a place left, less those with it hidden; as loss()."""
        return self.loss + self.gain

    @cached_property
    def lost(self) -> NDArray[np.bool_]:
        """Where hiding a place takes the answer away: its odds fall to 1 / LARGE_FACTOR or less, and less than HALF
        of its probability is left; bool [1 + controls], the part first."""
        left = np.array([self.hidden, *self.controls_hidden])
        lost: NDArray[np.bool_] = (self.loss >= np.log(LARGE_FACTOR)) & (left < HALF * self.original)
        return lost

    @cached_property
    def enough(self) -> NDArray[np.bool_]:
        """Where a place alone gives the answer: at least HALF of its probability is left; as lost()."""
        alone = np.array([self.kept, *self.controls_kept])
        enough: NDArray[np.bool_] = alone >= HALF * self.original
        return enough


def log_odds(probabilities: Iterable[float]) -> NDArray[np.float64]:
    """log(p / (1 - p)), finite also for 0 and 1."""
    clipped = np.clip(np.array(list(probabilities), np.float64), _LEAST, _MOST)
    odds: NDArray[np.float64] = np.log(clipped) - np.log1p(-clipped)
    return odds


def count_as_large(effects: NDArray[np.float64]) -> int:
    """How many random places have as large an effect as the part, the first of them; ties count."""
    return int((effects[1:] >= effects[0] - TIE).sum())


def share_less(effects: NDArray[np.float64]) -> float:
    """The share of random places that have less of an effect than the part, the first of them, in [0, 1]; a tie counts
    half. Of a part placed at random like the others it is 0.5 on average.

    effects: [1 + controls], the part first; at least one control.
    """
    apart = effects[1:] - effects[0]
    return float((apart < -TIE).mean() + (np.abs(apart) <= TIE).mean() / 2)


def p_value(effects: NDArray[np.float64]) -> float:
    """The one-sided permutation p-value (1 + random places with as large an effect) / (1 + random places), in (0, 1].

    If the part were placed at random like the others, this would be at most p with probability at most p
    (Phipson & Smyth 2010, doi:10.2202/1544-6115.1585).

    effects: [1 + controls], the part first.
    """
    return (1 + count_as_large(effects)) / len(effects)
