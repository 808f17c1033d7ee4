"""What a picture shows where its file is transparent: white."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import GifImagePlugin, Image, PngImagePlugin

from saliency_core.photos.formats import open_picture

Mask = NDArray[np.bool_]

_DEPTH = 24
"""Where a PNG file tells the bits of a sample."""


def find_frame(picture: Image.Image) -> tuple[int, int, int, int] | None:
    """The part (left, top, right, bottom) of a GIF's screen that its first frame fills; None if it is all of it.

    picture: not decoded yet.
    """
    if not isinstance(picture, GifImagePlugin.GifImageFile) or not picture.tile:
        return None
    extents = picture.tile[0].extents
    return None if extents is None or extents == (0, 0, *picture.size) else extents


def find_clear_colour(picture: Image.Image, data: bytes) -> Mask | None:
    """Where a PNG has the one colour (bool [height, width]) that it calls transparent, compared in all of its bits.

    picture: decoded, in the mode of its file; forgets the colour, which Pillow would compare in eight bits only.
    """
    if not isinstance(picture, PngImagePlugin.PngImageFile) or picture.mode == "P":
        return None
    colour = picture.info.pop("transparency", None)
    depth = data[_DEPTH]
    most = 2**depth - 1
    if isinstance(colour, int):
        value = colour & most
        level = value if depth >= 8 else bool(value) if picture.mode == "1" else value * 255 // most
        found: Mask = np.asarray(picture) == level
        return found
    if not isinstance(colour, tuple) or picture.mode != "RGB":
        return None
    if depth == 8:
        return _is_colour(picture, [part & most for part in colour])
    return _is_colour(picture, [part >> 8 for part in colour]) & _is_colour(
        _low_bytes(data), [part & 255 for part in colour]
    )


def lay_over_white(picture: Image.Image) -> Image.Image:
    """A picture of any mode as RGB."""
    if picture.has_transparency_data:
        layer = picture.convert("RGBA")
        paper = Image.new("RGBA", layer.size, "white")
        return Image.alpha_composite(paper, layer).convert("RGB")
    # Not even a copy where it is RGB already: on a large photo that would take half as long as decoding.
    return picture if picture.mode == "RGB" else picture.convert("RGB")


def _is_colour(picture: Image.Image, colour: Sequence[int]) -> Mask:
    found: Mask = (np.asarray(picture) == np.array(colour)).all(axis=-1)
    return found


def _low_bytes(data: bytes) -> Image.Image:
    """The lower halves of a PNG's 16-bit colours, of which Pillow keeps the upper ones."""
    picture = open_picture(data)
    assert isinstance(picture, PngImagePlugin.PngImageFile)
    picture.tile = [tile._replace(args="RGB;16L") for tile in picture.tile]  # takes the other byte for the upper one
    picture.load()
    return picture
