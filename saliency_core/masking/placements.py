"""Random places of the same shapes: what hiding and keeping a region is compared with."""

from collections.abc import Iterable
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

from saliency_core.checks import check_seed, whole_number
from saliency_core.photos.frame import Frame
from saliency_core.photos.regions import Placement, Region, as_placement, covered

N_CONTROLS = 59
"""How many random places are compared with, unless asked otherwise."""
CONTROL_COUNTS = (19, 39, 59, 99)
"""Counts that a level of 5% divides without a rest: 20 k - 1, the part itself being one more."""

MOST_CONTROLS = 10_000
"""More would tell chances apart that no verdict asks about, and take hours."""

_TRIES_PER_CONTROL = 200

Edges = tuple[float, float, float, float]
"""A box on a photo: left, top, right and bottom, as shares of its width and height, in [0, 1]."""


def check_count(count: int) -> int:
    """How many controls are asked for, as a plain int.

    Raises RequestError unless it is a whole number from 0 to MOST_CONTROLS.
    """
    return whole_number(count, "The number of random placements, n_controls,", 0, MOST_CONTROLS)


def place_controls(
    side: int, regions: Iterable[Region] | Region, count: int, seed: int = 0, within: Region | None = None
) -> tuple[Placement, ...]:
    """`count` placements of the regions' shapes on a frame, uniformly at random, with replacement.

    within: where on the frame they may lie; None for anywhere. See photo_area().

    They may overlap the regions, and be the regions: a region placed at random is then one among equals, which is
    what a permutation test rests on. Kept off the regions, they would be kept off an object that the regions
    lie on, and chance would look rarer than it is. Several shapes move each on its own, but overlap each
    other no more than the regions do: regions that do not overlap are then one among equals, too; those that do hide
    less than most of their placements, so that the test errs on the side of silence. Fewer than `count`, down to
    none, come back where there is no room for the shapes. The same seed gives the same placements.

    Raises RequestError for an impossible region, seed or count, see check_count().
    """
    regions, seed, count = as_placement(regions), check_seed(seed), check_count(count)
    if not regions:
        return ()
    covered(side, regions)
    generator = np.random.default_rng(seed)
    heights = np.array([region.height for region in regions])
    widths = np.array([region.width for region in regions])
    area = within or Region(0, 0, side, side)
    if (heights > area.height).any() or (widths > area.width).any():
        return ()
    tries = count * (1 if len(regions) == 1 else _TRIES_PER_CONTROL)
    tops = area.top + generator.integers(0, area.height - heights + 1, (tries, len(regions)))
    lefts = area.left + generator.integers(0, area.width - widths + 1, (tries, len(regions)))
    own_tops = np.array([[region.top for region in regions]])
    own_lefts = np.array([[region.left for region in regions]])
    crowding = _mutual_overlap(tops, lefts, heights, widths)
    fits = crowding <= _mutual_overlap(own_tops, own_lefts, heights, widths)[0]
    return tuple(
        tuple(
            Region(top, left, region.height, region.width)
            for top, left, region in zip(tops[index].tolist(), lefts[index].tolist(), regions, strict=True)
        )
        for index in np.flatnonzero(fits)[:count]
    )


def mean_overlap(side: int, regions: Iterable[Region] | Region, placements: Iterable[Placement]) -> float:
    """The share of the regions' area that a placement covers, on average, in [0, 1]; 0 without placements.

    Raises RequestError for an impossible region.
    """
    inside = covered(side, regions)
    shares = [float((inside & covered(side, placement)).sum() / inside.sum()) for placement in placements]
    return float(np.mean(shares)) if shares else 0.0


def photo_area(frame: Frame) -> Region:
    """The part of a frame that shows its photo. Random regions lie there: on a border's bars they would hide
    nothing, and make chance look weaker than it is."""
    left, top, right, bottom = frame.photo_part
    first_row, first_column = ceil(top - 1e-6), ceil(left - 1e-6)
    return Region(first_row, first_column, floor(bottom + 1e-6) - first_row, floor(right + 1e-6) - first_column)


def box_regions(frame: Frame, boxes: Iterable[Edges]) -> Placement:
    """Boxes on a photo as regions of a frame, without those, and those parts, that the frame does not show."""
    box, (width, height) = frame.box, frame.photo_size
    across, down = frame.side / (box.right - box.left), frame.side / (box.bottom - box.top)
    first, upper, last, lower = frame.photo_part
    regions = []
    for edges in boxes:
        left, right = (round(min(last, max(first, (x * width - box.left) * across))) for x in (edges[0], edges[2]))
        top, bottom = (round(min(lower, max(upper, (y * height - box.top) * down))) for y in (edges[1], edges[3]))
        if bottom > top and right > left:
            regions.append(Region(top, left, bottom - top, right - left))
    return tuple(regions)


Integers = NDArray[np.int64]


def _mutual_overlap(tops: Integers, lefts: Integers, heights: Integers, widths: Integers) -> Integers:
    """Pixels that the rectangles of each placement share with each other, pair by pair."""
    total = np.zeros(len(tops), np.int64)
    for first in range(len(heights)):
        for second in range(first + 1, len(heights)):
            rows = np.minimum(tops[:, first] + heights[first], tops[:, second] + heights[second])
            rows = rows - np.maximum(tops[:, first], tops[:, second])
            columns = np.minimum(lefts[:, first] + widths[first], lefts[:, second] + widths[second])
            columns = columns - np.maximum(lefts[:, first], lefts[:, second])
            total += np.maximum(rows, 0) * np.maximum(columns, 0)
    return total
