"""Rectangles on a photo, and what they are on the frame that a model sees of it."""

from dataclasses import dataclass

from pages.ui.samples import ObjectBox
from saliency_core import Frame, Region

DIGITS = 5
"""Of a share of the photo: on a frame of 600 pixels, and of a strip of twenty photos in a row, less than a tenth of a
pixel."""


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A rectangle on a photo; position and size as shares of its width and height, in [0, 1].

    They are rounded to DIGITS: a link that states so many is then all of it.
    """

    left: float
    top: float
    width: float
    height: float

    def __post_init__(self) -> None:
        for name in ("left", "top", "width", "height"):
            object.__setattr__(self, name, round(getattr(self, name), DIGITS))


def make_rectangle(left: float, top: float, width: float, height: float) -> Rectangle | None:
    """A rectangle from numbers that may be anything; None if it is empty, or lies beyond any photo."""
    rectangle = Rectangle(left, top, width, height)
    inside = 0 <= rectangle.left <= 1 and 0 <= rectangle.top <= 1
    return rectangle if inside and 0 < rectangle.width <= 1 and 0 < rectangle.height <= 1 else None


def rectangle_of(box: ObjectBox) -> Rectangle:
    """Where a named thing lies."""
    return Rectangle(box.left, box.top, box.right - box.left, box.bottom - box.top)


def shared_part(first: Rectangle, second: Rectangle) -> float:
    """Intersection over union, in [0, 1]."""
    across = min(first.left + first.width, second.left + second.width) - max(first.left, second.left)
    down = min(first.top + first.height, second.top + second.height) - max(first.top, second.top)
    shared = max(across, 0) * max(down, 0)
    return shared / (first.width * first.height + second.width * second.height - shared)


def on_frame(rectangle: Rectangle, frame: Frame) -> Region | None:
    """The pixels of the frame that a rectangle on its photo covers; None where it covers none."""
    width, height = frame.photo_size
    box, side = frame.box, frame.side

    def across(share: float) -> int:
        return _between(round((share * width - box.left) / (box.right - box.left) * side), side)

    def down(share: float) -> int:
        return _between(round((share * height - box.top) / (box.bottom - box.top) * side), side)

    left, right = across(rectangle.left), across(rectangle.left + rectangle.width)
    top, bottom = down(rectangle.top), down(rectangle.top + rectangle.height)
    if left >= right or top >= bottom:
        return None
    return Region(top, left, bottom - top, right - left)


def on_photo(region: Region, frame: Frame) -> Rectangle:
    """The rectangle on the photo that a region of its frame covers; on_frame() takes it back, but for what lies on
    bars beside the photo."""
    width, height = frame.photo_size
    across = (frame.box.right - frame.box.left) / frame.side / width
    down = (frame.box.bottom - frame.box.top) / frame.side / height
    left, top = frame.box.left / width + region.left * across, frame.box.top / height + region.top * down
    right, bottom = (_on_photo(edge) for edge in (left + region.width * across, top + region.height * down))
    left, top = _on_photo(left), _on_photo(top)
    return Rectangle(left, top, right - left, bottom - top)


def _on_photo(share: float) -> float:
    return min(max(share, 0.0), 1.0)


def _between(value: int, side: int) -> int:
    return min(max(value, 0), side)
