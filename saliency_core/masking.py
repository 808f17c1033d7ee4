"""Hiding regions of a frame, or everything but them, before a model sees it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from saliency_core.errors import RequestError
from saliency_core.frame import Frame
from saliency_core.photo import Pixels

Fill = Literal["black", "grey", "blur", "noise"]

GREY = (124, 116, 104)
"""The mean colour of ImageNet, on which the models were trained: what carries least evidence."""
BLUR_SHARE = 1 / 14
"""The blur's sigma as a share of the frame's side (16 pixels of 224): no object survives it."""


@dataclass(frozen=True, slots=True)
class Region:
    """A rectangle on a frame's pixel grid: rows top to top + height, columns left to left + width."""

    top: int
    left: int
    height: int
    width: int


def _flat(colour: tuple[int, int, int]) -> Callable[[Pixels, int], Pixels]:
    return lambda pixels, _seed: np.broadcast_to(np.array(colour, np.uint8), pixels.shape)


def _blurred(pixels: Pixels, _seed: int) -> Pixels:
    sigma = pixels.shape[0] * BLUR_SHARE
    blurred = gaussian_filter(pixels.astype(np.float32), (sigma, sigma, 0))
    return np.rint(blurred).astype(np.uint8)


def _noise(pixels: Pixels, seed: int) -> Pixels:
    return np.random.default_rng(seed).integers(0, 256, pixels.shape, dtype=np.uint8)


_FILLS: dict[Fill, Callable[[Pixels, int], Pixels]] = {
    "black": _flat((0, 0, 0)),
    "grey": _flat(GREY),
    "blur": _blurred,
    "noise": _noise,
}
FILLS: tuple[Fill, ...] = tuple(_FILLS)


def covered(side: int, regions: Sequence[Region]) -> NDArray[np.bool_]:
    """Which pixels of a frame the regions cover, together: bool [side, side].

    Raises RequestError if a region is empty or reaches beyond the frame.
    """
    inside = np.zeros((side, side), bool)
    for region in regions:
        bottom, right = region.top + region.height, region.left + region.width
        if region.height < 1 or region.width < 1:
            raise RequestError(f"A region must be at least 1 x 1 pixel, not {region.height} x {region.width}.")
        if region.top < 0 or region.left < 0 or bottom > side or right > side:
            raise RequestError(
                f"The region of rows {region.top} to {bottom} and columns {region.left} to {right} "
                f"reaches beyond the {side} x {side} pixels that the model sees."
            )
        inside[region.top : bottom, region.left : right] = True
    return inside


def surround(regions: Sequence[Region]) -> Region:
    """The smallest region around at least one region."""
    top, left = min(region.top for region in regions), min(region.left for region in regions)
    bottom = max(region.top + region.height for region in regions)
    right = max(region.left + region.width for region in regions)
    return Region(top, left, bottom - top, right - left)


@lru_cache(maxsize=32)  # a frame's blur takes as long as two passes of a small model, and each batch asks for it
def fill_pixels(frame: Frame, fill: Fill, seed: int = 0) -> Pixels:
    """A whole frame of what hidden pixels become, u8 [side, side, 3], read-only: "black", "grey" (ImageNet's
    mean colour), "blur" (the frame itself, blurred beyond recognition) or "noise" (uniform, seeded).

    Raises RequestError for an unknown fill.
    """
    if fill not in _FILLS:
        raise RequestError(f"There is no fill called {fill!r}; use one of {', '.join(FILLS)}.")
    pixels = _FILLS[fill](frame.pixels, seed)
    pixels.setflags(write=False)
    return pixels


def hide(frame: Frame, regions: Sequence[Region], fill: Fill = "black", seed: int = 0) -> Frame:
    """The frame with the regions filled, see fill_pixels().

    Raises RequestError for an unknown fill or an impossible region.
    """
    return _painted(frame, covered(frame.side, regions), fill_pixels(frame, fill, seed))


def keep_only(frame: Frame, regions: Sequence[Region], fill: Fill = "black", seed: int = 0) -> Frame:
    """The frame with everything but the regions filled; the counterpart of hide().

    Raises RequestError for an unknown fill or an impossible region.
    """
    return _painted(frame, ~covered(frame.side, regions), fill_pixels(frame, fill, seed))


def _painted(frame: Frame, where: NDArray[np.bool_], paint: Pixels) -> Frame:
    pixels = np.where(where[..., None], paint, frame.pixels)
    pixels.setflags(write=False)
    return replace(frame, pixels=pixels)
