"""Numbers that describe a map."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from saliency_core.photos.regions import Region, covered


def relevance_mass(values: NDArray[np.float32], regions: Sequence[Region]) -> float:
    """The share of a map, f32 [side, side], that lies inside regions, in [0, 1]; 0 for a map of zeros; of magnitudes
    where it has signs (the energy-based pointing game of Wang et al. 2020, arXiv:1910.01279)."""
    magnitudes = np.abs(values)
    total = float(magnitudes.sum())
    return float(magnitudes[covered(values.shape[0], regions)].sum()) / total if total else 0.0


def half_share(values: NDArray[np.float32]) -> float:
    """The least share of pixels that together hold half of a map, in (0, 1]; 0.5 where it is flat. Of magnitudes where
    it has signs."""
    falling = np.sort(np.abs(values), axis=None)[::-1].astype(np.float64).cumsum()
    if falling[-1] <= 0:
        return 0.5
    return float(1 + np.searchsorted(falling, falling[-1] / 2)) / falling.size


def brightest_region(values: NDArray[np.float32], height: int, width: int, within: Region | None = None) -> Region:
    """Where a rectangle holds most of a map, f32 [side, side]; the first such place of several.

    height, width: its size in pixels, cut to that of `within`.
    within: where on the map it may lie; None for anywhere.

    Raises RequestError if it does not fit on the map.
    """
    side = values.shape[0]
    area = within or Region(0, 0, side, side)
    height, width = min(height, area.height), min(width, area.width)
    covered(side, (area, Region(area.top, area.left, height, width)))
    inside = values[area.top : area.top + area.height, area.left : area.left + area.width]
    table = np.pad(inside.astype(np.float64).cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    held = table[height:, width:] - table[:-height, width:] - table[height:, :-width] + table[:-height, :-width]
    top, left = np.unravel_index(int(held.argmax()), held.shape)
    return Region(area.top + int(top), area.left + int(left), height, width)
