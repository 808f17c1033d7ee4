"""What is found of a class when its objects are cropped away, and when they are put on other backgrounds."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from saliency_core.audit.rates import Rate, bounded_mean, wilson
from saliency_core.audit.rows import Row


@dataclass(frozen=True, slots=True)
class CropSummary:
    """What is said of parts of photos that hold nothing of the object. Shares in [0, 1], with 95% intervals.

    photos: how many named photos have such a part; size: the mean share of the photo's area that it has.
    named: the share of them of which the class is said on that part alone; random_named: on a part of the same size
        anywhere, which may hold the object; difference: the first less the second, photo by photo, from -1 to 1.
    """

    photos: int
    size: float
    named: Rate
    random_named: Rate
    difference: Rate


@dataclass(frozen=True, slots=True)
class SwapSummary:
    """What is said of objects on other backgrounds. Shares in [0, 1], with 95% intervals.

    photos: how many named photos were put on both; size: the mean share of the photo that is background there.
    own, other: the share of them of which the class is said on the background of another photo of the class, and on
        that of another class's photo; difference: the first less the second, photo by photo, from -1 to 1.
    """

    photos: int
    size: float
    own: Rate
    other: Rate
    difference: Rate


def summarize_crops(rows: Sequence[Row]) -> CropSummary | None:
    """Of one class's photos; None where none that is named so has a part without the object."""
    found = [row for row in rows if row.named and row.cropped_size is not None]
    if not found:
        return None
    named = [row.cropped_named is True for row in found]
    by_chance = [row.random_cropped_named is True for row in found]
    return CropSummary(
        photos=len(found),
        size=float(np.mean([row.cropped_size or 0.0 for row in found])),
        named=wilson(sum(named), len(found)),
        random_named=wilson(sum(by_chance), len(found)),
        difference=_compare(named, by_chance),
    )


def summarize_swaps(rows: Sequence[Row]) -> SwapSummary | None:
    """Of one class's photos; None where no object of one that is named so was put on other backgrounds."""
    found = [row for row in rows if row.named and row.background_size is not None]
    if not found:
        return None
    own = [row.own_background_named is True for row in found]
    other = [row.other_background_named is True for row in found]
    return SwapSummary(
        photos=len(found),
        size=float(np.mean([row.background_size or 0.0 for row in found])),
        own=wilson(sum(own), len(found)),
        other=wilson(sum(other), len(found)),
        difference=_compare(own, other),
    )


def _compare(first: Sequence[bool], second: Sequence[bool]) -> Rate:
    return bounded_mean([float(one) - two for one, two in zip(first, second, strict=True)], (-1.0, 1.0))
