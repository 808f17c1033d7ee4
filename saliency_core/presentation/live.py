"""What a browser needs to draw a map of any sigma by itself: the code, and the map as computed."""

import base64
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from saliency_core.methods.smoothing import CLIPPED_SHARE
from saliency_core.photos.frame import Frame
from saliency_core.presentation.colours import colourise


@cache
def read_script(name: str = "smoothing.js") -> str:
    """One of this package's scripts: plain functions without imports or exports, to stand before what uses them."""
    return (files("saliency_core.presentation") / "templates" / name).read_text(encoding="utf-8")


def pack_map(values: NDArray[np.float32], frame: Frame, colour_map: str) -> dict[str, Any]:
    """A map before smoothing, f32 [side, side], with where it lies on the photo and its colours, as plain data.

    raw: 16-bit shares of its peak, half the bytes and a hundredth of a colour's step off; table: 256 colours of 3
        bytes; both in base64.
    box: left, top, width and height of what the model sees, as shares of the photo's size.

    Raises RequestError for an unknown colour map.
    """
    peak = float(values.max())
    shares = values / peak if peak > 0 else values
    across, down = frame.photo_size
    box = frame.box
    return {
        "raw": base64.b64encode(np.rint(shares * 65535).astype("<u2").tobytes()).decode(),
        "peak": peak,
        "side": frame.side,
        "box": [box.left / across, box.top / down, (box.right - box.left) / across, (box.bottom - box.top) / down],
        "table": base64.b64encode(
            colourise(np.linspace(0, 1, 256, dtype=np.float32)[None], colour_map).tobytes()
        ).decode(),
        "clippedShare": CLIPPED_SHARE,
    }
