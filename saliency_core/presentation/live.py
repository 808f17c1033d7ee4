"""What a browser needs to draw a map of any sigma by itself: the code, the map, its place and its colours."""

import base64
from functools import cache
from importlib.resources import files

import numpy as np

from saliency_core.methods.attribution import Attribution
from saliency_core.methods.smoothing import SaliencyMap
from saliency_core.photos.frame import Frame
from saliency_core.presentation.colours import colourise


@cache
def read_script(name: str = "smoothing.js") -> str:
    """One of this package's scripts: plain functions without imports or exports, to stand before what calls them."""
    return (files("saliency_core.presentation") / "templates" / name).read_text(encoding="utf-8")


def pack_map(raw: Attribution | SaliencyMap) -> tuple[dict[str, object], bytes]:
    """A map before smoothing as 16-bit shares of its peak, the largest magnitude: half the bytes, and a hundredth of a
    colour's step off. Also what unpack() needs to know of it: its side, its peak, and whether its numbers have signs.
    """
    side, peak = raw.values.shape[0], float(np.abs(raw.values).max())
    shares = raw.values / peak if peak > 0 else raw.values
    kind, most = ("<i2", 32767) if raw.signed else ("<u2", 65535)
    about: dict[str, object] = {"side": side, "peak": peak, "signed": raw.signed}
    return about, np.rint(shares * most).astype(kind).tobytes()


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
