"""Greys of more than eight bits to u8."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, TiffImagePlugin

_BITS, _PHOTOMETRIC, _SAMPLE_FORMAT = 258, 262, 339
_UNSIGNED, _SIGNED, _WHITE_IS_ZERO = 1, 2, 0
_TOPS = (1.0, 255.0, 65535.0)
"""Largest levels by convention: of floats, and of integers of 8 and 16 bits, which wider numbers may hold as well."""
_BEYOND = 1.5
"""So many times its convention's largest level a float may be: resizing overshoots, and lights are brighter."""
_MOST = 0.99
"""Of the floats; single ones may have any value."""
_ROWS = 256
"""Converted at a time, so that a large picture is not held several times over as floats."""


def is_deep(picture: Image.Image) -> bool:
    """Whether a picture is grey and of more than eight bits."""
    return picture.mode.startswith("I;16") or picture.mode in ("I", "F")


def to_eight_bits(picture: Image.Image) -> Image.Image:
    """A deep grey picture (any sizes, mode I;16, I or F) as mode L: 0 is black, the largest level 255.

    The largest level is that of the file's bits; of floats and of 32 bits, the smallest by convention (1, 255, 65,535)
    that holds them. Levels beyond are white, negative ones and what is no number black.
    """
    values = np.asarray(picture)
    tags = picture.tag_v2 if isinstance(picture, TiffImagePlugin.TiffImageFile) else {}
    bits, kind = _first(tags.get(_BITS), 16), _first(tags.get(_SAMPLE_FORMAT), _UNSIGNED) if tags else None
    if values.dtype == np.int32 and kind == _UNSIGNED and bits == 32:
        values = values.view(np.uint32)
    if values.dtype.kind == "f":
        top = _top_of_floats(values)
    elif values.dtype.kind == "u" and values.dtype.itemsize == 2:
        top = float(2**bits - 1)
    else:
        top = _top_of_integers(values, bits if kind == _SIGNED else 32)
    levels = np.empty(values.shape, np.uint8)
    for start in range(0, len(values), _ROWS):
        rows = values[start : start + _ROWS].astype(np.float64)
        rows[np.isnan(rows)] = 0
        levels[start : start + _ROWS] = np.rint(np.clip(rows / top, 0, 1) * 255)
    if tags.get(_PHOTOMETRIC) == _WHITE_IS_ZERO:
        np.subtract(255, levels, out=levels)
    return Image.fromarray(levels)


def _top_of_integers(values: NDArray[np.generic], bits: int) -> float:
    """The level that is white in signed or in 32-bit integers, by what levels there are."""
    if bits == 16:
        return 32767.0
    largest = float(values.max(initial=0))
    return next((top for top in _TOPS[1:] if largest <= top), 2.0**32 - 1 if values.dtype.kind == "u" else 2.0**31 - 1)


def _top_of_floats(values: NDArray[np.generic]) -> float:
    """The level that is white in floats, by what levels there are."""
    finite = values[np.isfinite(values)]
    if not finite.size:
        return 1.0
    usual, largest = float(np.quantile(finite, _MOST)), float(finite.max())
    return next((top for top in _TOPS if usual <= _BEYOND * top), largest)


def _first(tag: object, otherwise: int) -> int:
    found = tag[0] if isinstance(tag, tuple) and tag else tag
    return found if isinstance(found, int) else otherwise
