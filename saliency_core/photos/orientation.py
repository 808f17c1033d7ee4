"""Which way up a photo is."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image

from saliency_core.photos.opening import forget_xmp

_Pixels = NDArray[np.uint8]

_TURNS: dict[object, Image.Transpose] = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_TURNED: dict[Image.Transpose, Callable[[_Pixels], _Pixels]] = {
    Image.Transpose.FLIP_LEFT_RIGHT: lambda pixels: pixels[:, ::-1],
    Image.Transpose.ROTATE_180: lambda pixels: pixels[::-1, ::-1],
    Image.Transpose.FLIP_TOP_BOTTOM: lambda pixels: pixels[::-1],
    Image.Transpose.TRANSPOSE: lambda pixels: pixels.swapaxes(0, 1),
    Image.Transpose.ROTATE_270: lambda pixels: pixels[::-1].swapaxes(0, 1),
    Image.Transpose.TRANSVERSE: lambda pixels: pixels[::-1, ::-1].swapaxes(0, 1),
    Image.Transpose.ROTATE_90: lambda pixels: pixels[:, ::-1].swapaxes(0, 1),
}


def find_turn(picture: Image.Image) -> Image.Transpose | None:
    """What makes a picture upright, by its EXIF orientation; None for one that is, or whose EXIF data is damaged."""
    forget_xmp(picture)
    try:
        orientation = picture.getexif().get(ExifTags.Base.Orientation)
        # Some programs write a byte where the standard has a number of 16 bits.
        return _TURNS.get(orientation[0] if isinstance(orientation, bytes) else orientation)
    except Exception:
        return None


def turn_upright(pixels: _Pixels, turn: Image.Transpose | None) -> _Pixels:
    """_Pixels (u8 [height, width, 3]) turned as find_turn() tells.

    Pillow's own exif_transpose also writes the EXIF data anew, and refuses good pictures over it.
    """
    return pixels if turn is None else np.ascontiguousarray(_TURNED[turn](pixels))
