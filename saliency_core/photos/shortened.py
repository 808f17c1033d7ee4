"""JPEG files that lack their last bytes: what of the picture is there."""

import io

import numpy as np
from PIL import Image, ImageChops

_END = b"\xff\xd9"
_FILLER = np.random.default_rng(0).integers(0, 255, 4096, np.uint8).tobytes()
"""Stands for pixels; has no byte 255, which would be a marker."""
MOST_MISSING = 0.05
"""A picture that lacks more of its rows is damaged."""


def complete_jpeg(data: bytes) -> tuple[Image.Image, float]:
    """A JPEG that ends too early, decoded, and the share of its rows that is missing (0 to MOST_MISSING).

    Missing rows have a flat colour. What is missing is found by decoding the file twice, with different bytes after
    its end: rows that come out equal were in the file.

    Raises ValueError if more is missing, and what Pillow raises.
    """
    ended, filled = (_decode(data + more + _END) for more in (b"", _FILLER))
    differs = ImageChops.difference(ended, filled).getbbox()
    missing = 1 - differs[1] / ended.height if differs else 0.0
    if missing > MOST_MISSING:
        raise ValueError
    return ended, missing


def _decode(data: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(data), formats=("JPEG",))
    picture.load()
    return picture
