"""A part of a photo that holds nothing of an object, and a part of the same size anywhere, to compare it with."""

from collections.abc import Sequence
from dataclasses import replace
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

from saliency_core.audit.rows import Row
from saliency_core.masking.placements import Edges
from saliency_core.models.classifier import Classifier, classify_all
from saliency_core.photos.frame import CropMode, frame_photo
from saliency_core.photos.photo import Photo
from saliency_core.photos.regions import Region

LEAST_SHARE = 1 / 4
"""The least share of the photo's area that a part must have: a smaller one would have its area enlarged more than
fourfold, and be a detail rather than a scene."""
MOST_ASPECT = 3.0
"""A part's longer side is at most so many times the other: what is narrower is hardly a photo, and is distorted where
the crop mode squashes it. Of 82 photos of kangaroos 53 have such a part of a quarter at least, with 2 instead 39."""


def crop_object(
    row: Row, classifier: Classifier, photo: Photo, objects: Sequence[Edges], crop_mode: CropMode, seed: int
) -> Row:
    """The row with what the model says of a part of the photo without the object, and of a random one of its size; the
    row itself where there is no such part."""
    part = find_part(photo.width, photo.height, objects)
    if part is None:
        return row
    parts = part, random_part(photo.width, photo.height, part, seed)
    frames = [frame_photo(cut_out(photo, each), classifier, crop_mode) for each in parts]
    cropped, by_chance = classify_all(classifier, frames)
    return replace(
        row,
        cropped_size=part.width * part.height / (photo.width * photo.height),
        cropped_probability=float(cropped.probabilities[row.target]),
        cropped_named=cropped.best() == row.target,
        random_cropped_named=by_chance.best() == row.target,
    )


def find_part(width: int, height: int, boxes: Sequence[Edges]) -> Region | None:
    """The largest part of a photo, in its pixels, that holds nothing of any box, and is bounded by boxes and the
    photo's edges; None where none has LEAST_SHARE of the area and is no narrower than MOST_ASPECT.

    width, height: the photo's.
    """
    lefts, tops, rights, bottoms = _outer_pixels(width, height, boxes)
    best, largest = None, 0
    for top in sorted({0, *bottoms.tolist()}):
        for bottom in sorted({height, *tops.tolist()}, reverse=True):
            tall = bottom - top
            if tall <= 0 or tall * width <= largest:
                break  # what comes is lower still
            between = (tops < bottom) & (bottoms > top)
            starts = np.maximum.accumulate(np.array([0, *rights[between]]))
            wide = np.array([*lefts[between], width]) - starts
            fits = (wide * tall >= LEAST_SHARE * width * height) & (np.maximum(wide, tall) <= MOST_ASPECT * wide)
            fits &= wide <= MOST_ASPECT * tall
            at = int(np.where(fits, wide, 0).argmax())
            if fits[at] and wide[at] * tall > largest:
                best, largest = Region(top, int(starts[at]), tall, int(wide[at])), int(wide[at]) * tall
    return best


def random_part(width: int, height: int, part: Region, seed: int) -> Region:
    """A part of the same size at a random place on the photo, which may hold the object or some of it."""
    generator = np.random.default_rng(seed)
    top, left = (int(generator.integers(room + 1)) for room in (height - part.height, width - part.width))
    return Region(top, left, part.height, part.width)


def cut_out(photo: Photo, part: Region) -> Photo:
    """A part of a photo, in its pixels, as a photo of its own."""
    pixels = photo.pixels[part.top : part.top + part.height, part.left : part.left + part.width]
    return Photo(pixels, photo.digest)


def _outer_pixels(width: int, height: int, boxes: Sequence[Edges]) -> tuple[NDArray[np.int64], ...]:
    """Left, top, right and bottom pixel edges around each box, in the order of the lefts."""
    outer = sorted(
        (floor(left * width), floor(top * height), ceil(right * width), ceil(bottom * height))
        for left, top, right, bottom in boxes
    )
    found = np.array(outer, np.int64).reshape(-1, 4)
    return tuple(found[:, each] for each in range(4))
