"""Maps that know nothing of the model, or nothing of the photo, for a map to be compared with."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from saliency_core.checks import check_seed, number, whole_number
from saliency_core.errors import RequestError
from saliency_core.photos.frame import Frame
from saliency_core.photos.looks import luma

Values = NDArray[np.float32]
"""A map: f32 [side, side]."""

CENTRE_SHARE = 1 / 4
"""Standard deviation of the centred gaussian, as a share of the side (56 pixels of 224): a guess at where people put
what they photograph, not fitted to any photos."""


@dataclass(frozen=True, slots=True, eq=False)
class Control:
    """A map to compare with.

    key: its short name, unique among the controls of a map.
    title: its name in a sentence.
    values: f32 [side, side], smoothed as the map is that is compared with it.
    """

    key: str
    title: str
    values: Values


def centred_gaussian(side: int) -> Values:
    """A gaussian in the middle of the frame, CENTRE_SHARE of the side wide: f32 [side, side], at most 1."""
    across = (np.arange(side) - (side - 1) / 2) / (CENTRE_SHARE * side)
    row = np.exp(-(across**2) / 2)
    return np.outer(row, row).astype(np.float32)


def sobel_edges(frame: Frame) -> Values:
    """Where a photo has edges: the magnitude of its brightness' gradient by Sobel, f32 [side, side], >= 0."""
    from scipy.ndimage import sobel  # lazy: takes a third of a second to import

    grey = luma(frame.pixels)
    return np.hypot(sobel(grey, axis=0), sobel(grey, axis=1)).astype(np.float32)


def smoothed_noise(side: int, seed: int, sigma: float = 0.0) -> Values:
    """A gaussian random number for each pixel, smoothed: f32 [side, side]."""
    return smoothed(np.random.default_rng(seed).standard_normal((side, side), np.float32), sigma)


def make_controls(
    frame: Frame, sigma: float, others: Sequence[Values], noises: int = 4, seed: int = 0
) -> tuple[Control, ...]:
    """What a map of this frame is compared with: a centred gaussian, the photo's edges, `noises` maps of noise, and
    maps of other photos; all but the first smoothed by `sigma`, as the map is.

    others: maps of other photos by the same method, before smoothing, f32 [side, side].
    seed: of the noise.

    Raises RequestError for an impossible sigma, number or seed, or a map of another size.
    """
    sigma = number(sigma, "Sigma", 0, frame.side, "pixels")
    noises, seed = whole_number(noises, "The number of noise maps", 0, 100), check_seed(seed)
    if any(values.shape != (frame.side, frame.side) for values in others):
        raise RequestError(f"The other photos' maps must be of {frame.side} x {frame.side} pixels, as the frame is.")
    return (
        Control("centre", "a spot in the middle", centred_gaussian(frame.side)),
        Control("edges", "the photo’s edges", smoothed(sobel_edges(frame), sigma)),
        *(
            Control(f"noise {place + 1}", "noise", smoothed_noise(frame.side, seed + place, sigma))
            for place in range(noises)
        ),
        *(
            Control(f"{_OTHER}{place + 1}", "another photo’s map", smoothed(values, sigma))
            for place, values in enumerate(others)
        ),
    )


_OTHER = "other "


def other_maps(controls: Sequence[Control]) -> tuple[Values, ...]:
    """The maps of other photos among controls, smoothed."""
    return tuple(control.values for control in controls if control.key.startswith(_OTHER))


def smoothed(values: Values, sigma: float) -> Values:
    """A map blurred as saliency maps are, read-only; by sigma 0, a copy."""
    from scipy.ndimage import gaussian_filter  # lazy, as above

    smoothed: Values = gaussian_filter(values, sigma) if sigma else values.copy()
    smoothed.setflags(write=False)
    return smoothed
