"""What a browser needs to draw a map of any sigma by itself: the code, the map, its place and its colours."""

import base64
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from saliency_core.photos.frame import Frame
from saliency_core.presentation.colours import colourise


@cache
def read_script(name: str = "smoothing.js") -> str:
    """One of this package's scripts: plain functions without imports or exports, to stand before what calls them."""
    return (files("saliency_core.presentation") / "templates" / name).read_text(encoding="utf-8")


def pack_map(values: NDArray[np.float32]) -> bytes:
    """A map before smoothing, f32 [side, side], as 16-bit shares of its peak: half the bytes, and a hundredth of a
    colour's step off."""
    peak = float(values.max())
    shares = values / peak if peak > 0 else values
    return np.rint(shares * 65535).astype("<u2").tobytes()


@cache
def pack_colours(colour_map: str) -> str:
    """The 256 colours of a colour map, three bytes each, in base64.

    Raises RequestError for an unknown colour map.
    """
    shades = colourise(np.linspace(0, 1, 256, dtype=np.float32)[None], colour_map)
    return base64.b64encode(shades.tobytes()).decode()


def place_frame(frame: Frame) -> list[float]:
    """Left, top, width and height of what the model sees, as shares of the photo; bars lie outside of it."""
    across, down = frame.photo_size
    box = frame.box
    return [box.left / across, box.top / down, (box.right - box.left) / across, (box.bottom - box.top) / down]
