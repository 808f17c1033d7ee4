"""Smoothing a map with a gaussian, and bringing maps onto a common scale."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from saliency_core.errors import RequestError
from saliency_core.together import together

if TYPE_CHECKING:  # attribution needs torch; smoothing must not
    from saliency_core.attribution import Attribution

CLIPPED_SHARE = 0.002
"""Share of a map's pixels that may lie above the top of its scale: single pixels of a raw gradient
stand so far above the rest that a scale up to the maximum would show a black square."""


@dataclass(frozen=True, slots=True, eq=False)
class SaliencyMap:
    """An attribution after smoothing.

    values: f32 [side, side], >= 0, in the frame's pixel grid, read-only.
    sigma: standard deviation of the gaussian, in frame pixels; 0 is no smoothing.
    target: index of the class explained.
    """

    values: NDArray[np.float32]
    sigma: float
    target: int


@dataclass(frozen=True, slots=True)
class Scale:
    """The values that the two ends of a colour bar stand for."""

    low: float
    high: float


def smooth(attribution: "Attribution", sigma: float = 5.0) -> SaliencyMap:
    """Blur the map (not the photo) with scipy.ndimage.gaussian_filter; sigma 0 changes nothing.

    Raises RequestError unless sigma is a finite number from 0 to the map's side.
    """
    side = attribution.values.shape[0]
    if not (np.isfinite(sigma) and 0 <= sigma <= side):
        raise RequestError(f"Sigma must be between 0 and {side} pixels, not {sigma}.")
    values = gaussian_filter(attribution.values, sigma) if sigma > 0 else attribution.values
    values.setflags(write=False)
    return SaliencyMap(values, float(sigma), attribution.target)


def smooth_all(attribution: "Attribution", sigmas: Sequence[float]) -> tuple[SaliencyMap, ...]:
    """The map that smooth() gives for each sigma.

    Raises RequestError where smooth() does.
    """
    longest_first = sorted(set(sigmas), reverse=True)
    maps = dict(zip(longest_first, together(lambda sigma: smooth(attribution, sigma), longest_first), strict=True))
    return tuple(maps[sigma] for sigma in sigmas)


def shared_scale(maps: Sequence[SaliencyMap]) -> Scale:
    """One scale for several maps: from the least value of all up to the largest of their tops,
    where a map's top leaves CLIPPED_SHARE of its pixels above it."""
    low = min(float(each.values.min()) for each in maps)
    high = max(_top(each.values) for each in maps)
    return Scale(low, high)


def _top(values: NDArray[np.float32]) -> float:
    """np.quantile(values, 1 - CLIPPED_SHARE), in a fifth of its time."""
    place = (values.size - 1) * (1 - CLIPPED_SHARE)
    whole = int(place)
    parted = np.partition(values, whole, axis=None)
    below, above = float(parted[whole]), float(parted[whole + 1 :].min(initial=np.inf))
    return below if place == whole else below + (place - whole) * (above - below)


def normalise_values(values: NDArray[np.float32], scale: Scale) -> NDArray[np.float32]:
    """Values as shares of the scale, f32 in [0, 1]; all zeros where the scale is flat."""
    span = scale.high - scale.low
    if span <= 0:
        return np.zeros_like(values)
    shares: NDArray[np.float32] = np.clip((values - scale.low) / span, 0, 1).astype(np.float32)
    return shares
