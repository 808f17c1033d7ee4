"""Random regions of the same shapes: what hiding a region is compared with."""

from collections.abc import Iterable
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

from saliency_core.checks import check_seed, whole_number
from saliency_core.photos.frame import Frame
from saliency_core.photos.regions import Placement, Region, as_placement, covered

MAX_OVERLAP = 0.9
"""A control may share at most this much of its area with the regions it is compared with. Less would
keep controls off the object whenever the regions lie on it, and so make chance look rarer than it is."""

MOST_CONTROLS = 10_000
"""More would tell chances apart that no verdict asks about, and take hours."""

_TRIES_PER_CONTROL = 200


def check_count(count: int) -> int:
    """How many controls are asked for, as a plain int.

    Raises RequestError unless it is a whole number from 0 to MOST_CONTROLS.
    """
    return whole_number(count, "The number of random placements, n_controls,", 0, MOST_CONTROLS)


def place_controls(
    side: int, regions: Iterable[Region] | Region, count: int, seed: int = 0, within: Region | None = None
) -> tuple[Placement, ...]:
    """Up to `count` distinct placements of the regions' shapes on a frame, uniformly at random.

    within: where on the frame they may lie; None for anywhere. See photo_area().

    Each shape moves on its own. Placements hide at least as much area as the regions do and share
    at most MAX_OVERLAP of it with them. Fewer than `count`, down to none, come back where the
    regions are so large that there are no more to be found. The same seed gives the same placements.

    Raises RequestError for an impossible region, seed or count, see check_count().
    """
    regions, seed, count = as_placement(regions), check_seed(seed), check_count(count)
    if not regions:
        return ()
    generator = np.random.default_rng(seed)
    inside = covered(side, regions)
    heights = np.array([region.height for region in regions])
    widths = np.array([region.width for region in regions])
    tries = count * _TRIES_PER_CONTROL
    area = within or Region(0, 0, side, side)
    if (heights > area.height).any() or (widths > area.width).any():
        return ()
    tops = area.top + generator.integers(0, area.height - heights + 1, (tries, len(regions)))
    lefts = area.left + generator.integers(0, area.width - widths + 1, (tries, len(regions)))
    shared = _areas_inside(inside, tops, lefts, heights, widths).sum(axis=1)
    crowding = _mutual_overlap(tops, lefts, heights, widths)
    own_tops = np.array([[region.top for region in regions]])
    own_lefts = np.array([[region.left for region in regions]])
    own_crowding = _mutual_overlap(own_tops, own_lefts, heights, widths)[0]
    fits = (shared <= MAX_OVERLAP * inside.sum()) & (crowding <= own_crowding)
    found: dict[Placement, None] = {}
    for index in np.flatnonzero(fits):
        rows, columns = tops[index].tolist(), lefts[index].tolist()
        placed = tuple(
            Region(top, left, region.height, region.width)
            for top, left, region in zip(rows, columns, regions, strict=True)
        )
        found.setdefault(placed)
        if len(found) == count:
            break
    return tuple(found)


def photo_area(frame: Frame) -> Region:
    """The part of a frame that shows its photo. Random regions lie there: on a border's bars they would hide
    nothing, and make chance look weaker than it is."""
    left, top, right, bottom = frame.photo_part
    first_row, first_column = ceil(top - 1e-6), ceil(left - 1e-6)
    return Region(first_row, first_column, floor(bottom + 1e-6) - first_row, floor(right + 1e-6) - first_column)


Integers = NDArray[np.int64]


def _areas_inside(
    inside: NDArray[np.bool_], tops: Integers, lefts: Integers, heights: Integers, widths: Integers
) -> Integers:
    """How many pixels of `inside` each rectangle covers, by a summed-area table."""
    table = np.pad(inside.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    bottoms, rights = tops + heights, lefts + widths
    areas: Integers = table[bottoms, rights] - table[tops, rights] - table[bottoms, lefts] + table[tops, lefts]
    return areas


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
