"""What a picture shows where its file is transparent: white."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import GifImagePlugin, Image, PngImagePlugin

from saliency_core.photos.opening import open_picture

Mask = NDArray[np.bool_]
Box = tuple[int, int, int, int]
"""Left, top, right and bottom."""

_DEPTH = 24
"""Where a PNG file tells the bits of a sample."""


@dataclass(frozen=True, slots=True, eq=False)
class ClearColour:
    """The one colour, or level, that a PNG calls transparent.

    colour: as Pillow decodes it. lower, of: the lower bytes of a colour of 16 bits, and of the whole picture.
    """

    colour: bool | int | Sequence[int]
    lower: Sequence[int] = ()
    of: Image.Image | None = None

    def find(self, part: Image.Image, box: Box) -> Mask:
        """Where a part of the picture, that lies at a box, has the colour: bool [height, width]."""
        found = _is_colour(part, self.colour)
        return found if self.of is None else found & _is_colour(self.of.crop(box), self.lower)


def find_frame(picture: Image.Image) -> Box | None:
    """The part of a GIF's screen that its first frame fills; None if it is all of it.

    picture: not decoded yet.
    """
    if not isinstance(picture, GifImagePlugin.GifImageFile) or not picture.tile:
        return None
    extents = picture.tile[0].extents
    return None if extents is None or extents == (0, 0, *picture.size) else extents


def find_clear_colour(picture: Image.Image, data: bytes) -> ClearColour | None:
    """The colour that a PNG calls transparent, in all of its bits.

    picture: decoded, in the mode of its file; forgets the colour, which Pillow would compare in eight bits only.
    """
    if not isinstance(picture, PngImagePlugin.PngImageFile) or picture.mode == "P":
        return None
    colour = picture.info.pop("transparency", None)
    depth = data[_DEPTH]
    most = 2**depth - 1
    if isinstance(colour, int):
        level = colour & most
        if picture.mode == "1":
            return ClearColour(bool(level))
        return ClearColour(level if depth >= 8 else level * 255 // most)
    if not isinstance(colour, tuple) or picture.mode != "RGB":
        return None
    if depth == 8:
        return ClearColour([part & most for part in colour])
    return ClearColour([part >> 8 for part in colour], [part & 255 for part in colour], _lower_bytes(data))


def lay_over_white(picture: Image.Image) -> Image.Image:
    """A picture of any mode as RGB."""
    if picture.has_transparency_data:
        layer = picture.convert("RGBA")
        paper = Image.new("RGBA", layer.size, "white")
        return Image.alpha_composite(paper, layer).convert("RGB")
    return picture if picture.mode == "RGB" else picture.convert("RGB")


def _is_colour(picture: Image.Image, colour: bool | int | Sequence[int]) -> Mask:
    same = np.atleast_2d(np.asarray(picture) == np.array(colour))
    return same if same.ndim == 2 else np.logical_and.reduce(same, axis=-1)


def _lower_bytes(data: bytes) -> Image.Image:
    """The lower halves of a PNG's 16-bit colours, of which Pillow keeps the upper ones."""
    picture = open_picture(data)
    assert isinstance(picture, PngImagePlugin.PngImageFile)
    picture.tile = [tile._replace(args="RGB;16L") for tile in picture.tile]  # takes the other byte for the upper one
    picture.load()
    return picture
