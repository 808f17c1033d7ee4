"""How alike two maps are, and how spread out one is."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from saliency_core.errors import RequestError
from saliency_core.evidence.controls import Values
from saliency_core.methods.smoothing import CLIPPED_SHARE

_BINS = 100
_WINDOW_SIGMA, _WINDOW_RADIUS = 1.5, 5
"""Of the window of SSIM, in pixels: 11 wide, as published."""


@dataclass(frozen=True, slots=True)
class Similarity:
    """How alike two maps are, by their magnitudes.

    spearman: correlation of the pixels' ranks, in [-1, 1]; ssim: structural similarity as the eye sees it, at most 1.
    """

    spearman: float
    ssim: float


def similarity(first: Values, second: Values) -> Similarity:
    """Both measures of two maps, f32 [side, side]. Raises RequestError if they are not of one size."""
    if first.shape != second.shape:
        raise RequestError(f"Maps of {first.shape} and {second.shape} pixels cannot be compared.")
    return Similarity(spearman(first, second), ssim(first, second))


def spearman(first: Values, second: Values) -> float:
    """Spearman's rank correlation of two maps' magnitudes, pixels of one value sharing their mean rank; in [-1, 1].
    A map of one value has no ranks: 1 beside its equal, 0 beside any other."""
    ranks = [_ranks(np.abs(values)) for values in (first, second)]
    centred = [each - each.mean() for each in ranks]
    length = math.sqrt(float((centred[0] ** 2).sum() * (centred[1] ** 2).sum()))
    if not length:
        return float(np.array_equal(np.abs(first), np.abs(second)))
    return max(-1.0, min(1.0, float((centred[0] * centred[1]).sum()) / length))


def _ranks(values: Values) -> NDArray[np.float64]:
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks: NDArray[np.float64] = (counts.cumsum() - (counts - 1) / 2)[place.ravel()]
    return ranks


def ssim(first: Values, second: Values) -> float:
    """Structural similarity of two maps' magnitudes, each on its own scale from 0 to 1 as it is shown (Wang, Bovik,
    Sheikh & Simoncelli 2004, doi:10.1109/TIP.2003.819861), the mean over all pixels; at most 1.

    Smooth maps are alike by it whatever they show: it says something only beside unrelated maps of one sigma.
    """
    from scipy.ndimage import gaussian_filter  # lazy: takes a third of a second to import

    def mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
        averaged: NDArray[np.float64] = gaussian_filter(values, _WINDOW_SIGMA, radius=_WINDOW_RADIUS)
        return averaged

    one, other = (_as_shown(np.abs(values)) for values in (first, second))
    one_mean, other_mean = mean(one), mean(other)
    one_spread, other_spread = mean(one**2) - one_mean**2, mean(other**2) - other_mean**2
    together = mean(one * other) - one_mean * other_mean
    small, smaller = 0.01**2, 0.03**2
    brightness = (2 * one_mean * other_mean + small) / (one_mean**2 + other_mean**2 + small)
    return float((brightness * (2 * together + smaller) / (one_spread + other_spread + smaller)).mean())


def _as_shown(values: Values) -> NDArray[np.float64]:
    """Values from 0 to 1, the few that lie above the top of a shown scale cut off; zeros where all are the same."""
    low, top = float(values.min()), float(np.quantile(values, 1 - CLIPPED_SHARE))
    span = top - low or float(values.max()) - low
    return np.clip((values.astype(np.float64) - low) / span, 0, 1) if span else np.zeros(values.shape)


def entropy(values: Values) -> float:
    """Entropy of the histogram of a map's values in 100 bins from its least to its largest, in nats, from 0 for a map
    of one value to log(100)."""
    counts, _ = np.histogram(values.astype(np.float64), bins=_BINS)
    shares = counts[counts > 0] / values.size
    return max(0.0, float(-(shares * np.log(shares)).sum()))


def relative_rise(trained: float, untrained: float) -> float:
    """By how much of itself a map's entropy rises as nothing learned is left: eMPRT (Hedström et al. 2024,
    arXiv:2401.06465). Positive where the untrained network's map is the less orderly one; infinite from nothing."""
    if trained:
        return (untrained - trained) / trained
    return math.inf if untrained else 0.0
