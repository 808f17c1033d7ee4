"""Greys of more than eight bits to u8."""

from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Scale:
    """How a picture's numbers become levels.

    top: the number that is 255, or 0 where white is zero; the other end is 0. is_wide: 32 bits without a sign, which
    Pillow reads as with one.
    """

    top: float
    white_is_zero: bool
    is_wide: bool

    def apply(self, picture: Image.Image) -> Image.Image:
        """A part of the picture as mode L. Numbers beyond the ends are at them, and what is no number is at 0."""
        values = _values(picture, self.is_wide).astype(np.float64)
        values[np.isnan(values)] = 0
        levels = np.rint(np.clip(values / self.top, 0, 1) * 255).astype(np.uint8)
        return Image.fromarray(255 - levels if self.white_is_zero else levels)


def find_scale(picture: Image.Image) -> Scale | None:
    """How a decoded grey picture of more than eight bits (mode I;16, I or F) is scaled; None for any other.

    The top is the largest number of the file's bits; of floats and of 32 bits, the smallest by convention (1, 255,
    65,535) that holds its numbers.
    """
    if not (picture.mode.startswith("I;16") or picture.mode in ("I", "F")):
        return None
    tags = picture.tag_v2 if isinstance(picture, TiffImagePlugin.TiffImageFile) else {}
    bits, kind = _first(tags.get(_BITS), 16), _first(tags.get(_SAMPLE_FORMAT), _UNSIGNED) if tags else None
    is_wide = picture.mode == "I" and kind == _UNSIGNED and bits == 32
    if picture.mode == "F":
        top = _top_of_floats(_values(picture))
    elif picture.mode == "I":
        top = 32767.0 if kind == _SIGNED and bits == 16 else _top_of_integers(_values(picture, is_wide))
    else:
        top = float(2**bits - 1)
    return Scale(top, tags.get(_PHOTOMETRIC) == _WHITE_IS_ZERO, is_wide)


def _values(picture: Image.Image, is_wide: bool = False) -> NDArray[np.generic]:
    values = np.asarray(picture)
    return values.view(np.uint32) if is_wide else values


def _top_of_integers(values: NDArray[np.generic]) -> float:
    """The level that is white in 32-bit integers, by what levels there are."""
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
