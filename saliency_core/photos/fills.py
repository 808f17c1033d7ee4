"""Hiding regions of a frame, or everything but them, before a model sees it."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from saliency_core.checks import check_seed, one_of
from saliency_core.photos.frame import Colour, Frame, require_frame
from saliency_core.photos.photo import Pixels
from saliency_core.photos.regions import Region, covered

Fill = Literal["black", "grey", "blur", "noise"]

BLUR_SHARE = 1 / 14
"""The blur's sigma as a share of the frame's side (16 pixels of 224): no object survives it."""


def _flat(frame: Frame, colour: Colour) -> Pixels:
    return np.broadcast_to(np.array(colour, np.uint8), frame.pixels.shape)


def _blurred(frame: Frame) -> Pixels:
    from scipy.ndimage import gaussian_filter  # lazy: takes a third of a second to import

    sigma = frame.side * BLUR_SHARE
    blurred = gaussian_filter(frame.pixels.astype(np.float32), (sigma, sigma, 0))
    return np.rint(blurred).astype(np.uint8)


def _noise(frame: Frame, seed: int) -> Pixels:
    return np.random.default_rng(seed).integers(0, 256, frame.pixels.shape, dtype=np.uint8)


_FILLS: dict[Fill, Callable[[Frame, int], Pixels]] = {
    "black": lambda frame, _seed: _flat(frame, (0, 0, 0)),
    "grey": lambda frame, _seed: _flat(frame, frame.mean_colour),
    "blur": lambda frame, _seed: _blurred(frame),
    "noise": _noise,
}
FILLS: tuple[Fill, ...] = tuple(_FILLS)


def check_fill(fill: Fill) -> Fill:
    """One of FILLS.

    Raises RequestError for any other.
    """
    return one_of(fill, "fill", FILLS)


def fill_pixels(frame: Frame, fill: Fill, seed: int = 0) -> Pixels:
    """A whole frame of what hidden pixels become, u8 [side, side, 3], read-only: "black", "grey" (the
    model's own mean colour), "blur" (the frame itself, blurred beyond recognition) or "noise" (uniform, seeded).

    Raises RequestError for an unknown fill, an impossible seed, or what is no Frame.
    """
    require_frame(frame)
    return _fill_pixels(frame, check_fill(fill), check_seed(seed))


@lru_cache(maxsize=32)  # a frame's blur takes as long as two passes of a small model, and each batch asks for it
def _fill_pixels(frame: Frame, fill: Fill, seed: int) -> Pixels:
    pixels = _FILLS[fill](frame, seed)
    pixels.setflags(write=False)
    return pixels


def hide(frame: Frame, regions: Iterable[Region] | Region, fill: Fill = "black", seed: int = 0) -> Frame:
    """The frame with the regions filled, see fill_pixels().

    Raises RequestError for an unknown fill, an impossible region or seed, or what is no Frame.
    """
    paint = fill_pixels(frame, fill, seed)
    return paint_over(frame, covered(frame.side, regions), paint)


def keep_only(frame: Frame, regions: Iterable[Region] | Region, fill: Fill = "black", seed: int = 0) -> Frame:
    """The frame with everything but the regions filled; the counterpart of hide().

    Raises RequestError where hide() does.
    """
    paint = fill_pixels(frame, fill, seed)
    return paint_over(frame, ~covered(frame.side, regions), paint)


def paint_over(frame: Frame, where: NDArray[np.bool_], paint: Pixels) -> Frame:
    """The frame with the pixels of another, u8 [side, side, 3], where a mask, bool [side, side], is true."""
    pixels = np.where(where[..., None], paint, frame.pixels)
    pixels.setflags(write=False)
    return replace(frame, pixels=pixels)
