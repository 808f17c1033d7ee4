"""Boxes that people drew, placed on the upright photo: whichever way up it was when they drew."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from saliency_core.photos.formats import FORMATS, MAX_PIXELS
from saliency_core.photos.opening import open_picture
from saliency_core.photos.orientation import find_turn
from saliency_core.photos.photo import read_photo
from saliency_core.text import cut

Edges = tuple[float, float, float, float]
"""Left, top, right and bottom."""
Size = tuple[float, float]
"""Width and height in pixels."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What is not used: a file, or of a photo that is used its label or boxes.

    name: the file's, as a path within the folder.
    reason: a sentence.
    """

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Box:
    """A thing on a photo; edges are shares of the upright photo's width and height, in [0, 1]."""

    what: str
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Drawn:
    """A box as an annotation has it.

    photo: the photo's name. what: the thing's.
    edges: finite numbers; shares of the photo where `shares` is true, else pixels.
    size: of the photo that it was drawn on, if the annotation says so.
    """

    photo: str
    what: str
    edges: Edges
    size: Size | None = None
    shares: bool = False


@dataclass(frozen=True, slots=True)
class Header:
    """What a photo's file says before its pixels.

    size: as stored, before it is turned.
    turn: what makes it upright; None for a photo that is.
    """

    size: Size
    turn: Image.Transpose | None

    @property
    def upright(self) -> Size:
        """The upright photo's size."""
        width, height = self.size
        return (height, width) if self.turn in _SIDEWAYS else (width, height)


_SIDEWAYS = (
    Image.Transpose.ROTATE_90,
    Image.Transpose.ROTATE_270,
    Image.Transpose.TRANSPOSE,
    Image.Transpose.TRANSVERSE,
)


def read_header(path: Path) -> Header:
    """A photo's size and turn; its pixels are not decoded, but for a PNG's, whose EXIF data may follow them.

    Raises PhotoError if it cannot be opened as a photo, or has more than MAX_PIXELS.
    """
    with (
        suppress(Exception),
        Image.open(path, formats=FORMATS) as picture,
    ):  # Pillow meets hostile bytes with many kinds
        if picture.width * picture.height <= MAX_PIXELS:
            return Header(picture.size, find_turn(picture))
    whole = open_picture(read_photo(path))  # passes over more, and tells what is wrong
    return Header(whole.size, find_turn(whole))


def place_boxes(drawn: Sequence[Drawn], header: Header) -> tuple[tuple[Box, ...], tuple[str, ...]]:
    """One photo's boxes on the upright photo, clipped to it and each once, and a sentence for what is left out.

    A photo that its EXIF data turns may have been shown upright to who drew the boxes, or as stored: the size that
    the annotation states decides, and where it cannot, the boxes are left out.
    """
    boxes: dict[Box, None] = {}
    reasons: dict[str, None] = {}
    for each in drawn:
        why_not = _doubt(each, header)
        box = None if why_not else _place(each, header)
        if box is None:
            reasons[why_not or f"A box of “{cut(each.what)}” has no area within the photo."] = None
        else:
            boxes[box] = None
    return tuple(boxes), tuple(reasons)


def _doubt(drawn: Drawn, header: Header) -> str:
    """Why it cannot be known where on the photo a box is; empty if it can."""
    size = drawn.size
    if size is not None and size not in (header.size, header.upright):
        width, height = header.upright
        return (
            f"Its boxes were drawn on a photo of {size[0]:g} x {size[1]:g} pixels, and it has {width:g} x {height:g}."
        )
    if header.turn is not None and (size is None or header.size == header.upright):
        return "Its EXIF data turns it, and the annotation does not say whether the boxes were drawn before that."
    return ""


def _place(drawn: Drawn, header: Header) -> Box | None:
    as_stored = header.turn is not None and drawn.size == header.size
    width, height = (1, 1) if drawn.shares else header.size if as_stored else header.upright
    left, top, right, bottom = drawn.edges
    edges = left / width, top / height, right / width, bottom / height
    left, top, right, bottom = (min(1.0, max(0.0, edge)) for edge in edges)
    if left >= right or top >= bottom:
        return None
    return Box(drawn.what, *_turned((left, top, right, bottom), header.turn if as_stored else None))


def _turned(edges: Edges, turn: Image.Transpose | None) -> Edges:
    left, top, right, bottom = edges
    turned: dict[Image.Transpose | None, Edges] = {
        Image.Transpose.FLIP_LEFT_RIGHT: (1 - right, top, 1 - left, bottom),
        Image.Transpose.FLIP_TOP_BOTTOM: (left, 1 - bottom, right, 1 - top),
        Image.Transpose.ROTATE_180: (1 - right, 1 - bottom, 1 - left, 1 - top),
        Image.Transpose.TRANSPOSE: (top, left, bottom, right),
        Image.Transpose.TRANSVERSE: (1 - bottom, 1 - right, 1 - top, 1 - left),
        Image.Transpose.ROTATE_270: (1 - bottom, left, 1 - top, right),
        Image.Transpose.ROTATE_90: (top, 1 - right, bottom, 1 - left),
    }
    return turned.get(turn, edges)
