"""Smoothing a map with a gaussian, and bringing maps onto a common scale."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import floor

import numpy as np
from numpy.typing import NDArray

from saliency_core.checks import number, show
from saliency_core.errors import RequestError
from saliency_core.methods.attribution import Attribution, Reduction
from saliency_core.methods.method import DEFAULT_OPTIONS, Options
from saliency_core.methods.registry import DEFAULT_METHOD
from saliency_core.threads import together

CLIPPED_SHARE = 0.002
"""Share of a map's pixels that may lie above the top of its scale: single pixels of a raw gradient
stand so far above the rest that a scale up to the maximum would show a black square."""

MAX_SIGMA, SIGMA_STEP = 20.0, 0.5
"""The end and the steps of a scale of sigmas, in frame pixels."""


@dataclass(frozen=True, slots=True, eq=False)
class SaliencyMap:
    """An attribution after smoothing.

    values: f32 [side, side], in the frame's pixel grid, read-only; >= 0 unless `signed`.
    sigma: standard deviation of the gaussian, in frame pixels; 0 is no smoothing.
    target, reduction, method, detail, options, share, against: as in the attribution.
    """

    values: NDArray[np.float32]
    sigma: float
    target: int
    reduction: Reduction = "max"
    method: str = DEFAULT_METHOD
    detail: str = ""
    options: Options = DEFAULT_OPTIONS
    share: float = 1.0
    against: int | None = None

    @property
    def signed(self) -> bool:
        """Whether values below zero have a meaning: they speak against the class, or for the one taken away."""
        return self.reduction == "signed" or self.against is not None


@dataclass(frozen=True, slots=True)
class Scale:
    """The values that the two ends of a colour bar stand for."""

    low: float
    high: float

    @property
    def signed(self) -> bool:
        """Whether it has a zero in its middle."""
        return self.low < 0


def largest_sigma(side: int) -> float:
    """The end of a frame's scale of sigmas, in pixels: one as wide as the frame leaves nothing to see."""
    return min(MAX_SIGMA, float(side))


def share_sigma(sigma: float, side: int, other: int) -> float:
    """The sigma that is the same share of another frame's side, in that frame's pixels, to a hundredth.

    A sigma of as many pixels would blur a photo more where a model sees it smaller. Rounded as the browser does, so
    that what is told of a map is what was done to it.
    """
    return floor(100 * sigma * other / side + 0.5) / 100


def smooth(attribution: Attribution, sigma: float = 5.0) -> SaliencyMap:
    """Blur the map (not the photo) with scipy.ndimage.gaussian_filter; sigma 0 changes nothing.

    Raises RequestError unless sigma is a finite number from 0 to the map's side, or for what is no Attribution.
    """
    from scipy.ndimage import gaussian_filter  # lazy: takes a third of a second to import

    sigma = _check_sigma(attribution, sigma)
    values = gaussian_filter(attribution.values, sigma) if sigma > 0 else attribution.values
    values.setflags(write=False)
    raw = attribution
    return SaliencyMap(
        values,
        sigma,
        raw.target,
        raw.reduction,
        raw.method,
        raw.detail,
        raw.options,
        raw.share,
        raw.against,
    )


def smooth_all(attribution: Attribution, sigmas: Iterable[float]) -> tuple[SaliencyMap, ...]:
    """The map that smooth() gives for each sigma.

    Raises RequestError where smooth() does, or if there is one sigma instead of several.
    """
    if not isinstance(sigmas, Iterable):
        raise RequestError(f"smooth_all() takes several sigmas, such as [2, 5], not {show(sigmas)}.")
    sigmas = [_check_sigma(attribution, sigma) for sigma in sigmas]
    longest_first = sorted(set(sigmas), reverse=True)
    maps = dict(zip(longest_first, together(lambda sigma: smooth(attribution, sigma), longest_first), strict=True))
    return tuple(maps[sigma] for sigma in sigmas)


def _check_sigma(attribution: Attribution, sigma: float) -> float:
    """The sigma as a plain float, if the attribution is one and can be smoothed by it."""
    if not isinstance(attribution, Attribution):  # a SaliencyMap either: its sigma would not be what is told
        raise RequestError(
            f"Only an Attribution can be smoothed, not a {type(attribution).__name__}; attribute() makes one."
        )
    return number(sigma, "Sigma", 0, attribution.values.shape[0], "pixels")


def shared_scale(maps: Sequence[SaliencyMap]) -> Scale:
    """One scale for several maps: from the least value of all up to the largest of their tops,
    where a map's top leaves CLIPPED_SHARE of its pixels above it. Where a map is signed, from the negative of that up
    to it, of magnitudes, so that zero lies in the middle; a map of zeros alone has the ends -1 and 1.

    Raises RequestError if there is no map.
    """
    if not maps:
        raise RequestError("There is no map to make a scale for. Give at least one.")
    if any(each.signed for each in maps):
        end = max(_top(np.abs(each.values)) for each in maps) or 1.0
        return Scale(-end, end)
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
