"""Numbers that describe a map."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from saliency_core.photos.regions import Region, covered


def relevance_mass(values: NDArray[np.float32], regions: Sequence[Region]) -> float:
    """The share of a map, f32 [side, side], that lies inside regions, in [0, 1]; 0 for a map of zeros
    (the energy-based pointing game of Wang et al. 2020, arXiv:1910.01279)."""
    total = float(values.sum())
    return float(values[covered(values.shape[0], regions)].sum()) / total if total else 0.0


def half_share(values: NDArray[np.float32]) -> float:
    """The least share of pixels that together hold half of a map, in (0, 1]; 0.5 where it is flat."""
    falling = np.sort(values, axis=None)[::-1].astype(np.float64).cumsum()
    if falling[-1] <= 0:
        return 0.5
    return float(1 + np.searchsorted(falling, falling[-1] / 2)) / falling.size
