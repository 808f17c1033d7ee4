"""Rectangles on a frame's pixel grid."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from saliency_core.checks import as_whole, show
from saliency_core.errors import RequestError


@dataclass(frozen=True, slots=True)
class Region:
    """A rectangle on a frame's pixel grid: rows top to top + height, columns left to left + width.

    Whole numbers of any kind are taken, NumPy's too, and kept as plain ints.

    Raises RequestError for other kinds. Whether it lies on a frame, covered() tells.
    """

    top: int
    left: int
    height: int
    width: int

    def __post_init__(self) -> None:
        for name in ("top", "left", "height", "width"):
            value = getattr(self, name)
            whole = as_whole(value)
            if whole is None:
                raise RequestError(f"A region's {name} must be a whole number of pixels, not {show(value)}.")
            object.__setattr__(self, name, whole)


Placement = tuple[Region, ...]
"""Several regions together, such as one place of a region's shapes."""


def as_placement(regions: Iterable[Region] | Region) -> Placement:
    """Regions as a tuple; a single one counts as one of several.

    Raises RequestError for anything that is not a Region.
    """
    if isinstance(regions, Region):
        return (regions,)
    found = tuple(regions) if isinstance(regions, Iterable) else (regions,)
    for each in found:
        if not isinstance(each, Region):
            raise RequestError(f"A region is given as Region(top, left, height, width), not as {show(each)}.")
    return found


def covered(side: int, regions: Iterable[Region] | Region) -> NDArray[np.bool_]:
    """Which pixels of a frame the regions cover, together: bool [side, side].

    Raises RequestError if a region is empty or reaches beyond the frame, or is no Region.
    """
    inside = np.zeros((side, side), bool)
    for region in as_placement(regions):
        bottom, right = region.top + region.height, region.left + region.width
        if region.height < 1 or region.width < 1:
            raise RequestError(f"A region must be at least 1 x 1 pixel, not {region.height} x {region.width}.")
        if region.top < 0 or region.left < 0 or bottom > side or right > side:
            raise RequestError(
                f"The region of rows {region.top} to {bottom} and columns {region.left} to {right} "
                f"reaches beyond the {side} x {side} pixels that the model sees."
            )
        inside[region.top : bottom, region.left : right] = True
    return inside


def surround(regions: Sequence[Region]) -> Region:
    """The smallest region around at least one region."""
    top, left = min(region.top for region in regions), min(region.left for region in regions)
    bottom = max(region.top + region.height for region in regions)
    right = max(region.left + region.width for region in regions)
    return Region(top, left, bottom - top, right - left)
