"""Which photos of an audit lend their backgrounds to which: by the plan alone, so that it does not matter where, when
and in which order photos are measured."""

import hashlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from saliency_core.audit.plan import Plan, Planned, Target
from saliency_core.audit.swaps import Background, Backgrounds
from saliency_core.errors import PhotoError
from saliency_core.masking.placements import Edges
from saliency_core.photos.frame import HasPreset, frame_photo
from saliency_core.photos.photo import Photo, open_photo

LEAST_BACKGROUND = 1 / 4
"""The least share of a photo that must be background once all three objects are hidden or kept."""
_DRAWN = 8
"""So many pairs of photos are drawn, and the first that leaves enough background is taken."""
_GRID = 64
"""Shares are taken on a grid of so many points a side."""


@dataclass(frozen=True, slots=True)
class Donor:
    """A photo that may lend its background.

    name: its path within the folder; boxes: of all that is boxed on it.
    """

    name: str
    boxes: tuple[Edges, ...]


def find_donors(plan: Plan, photo: Planned, target: Target) -> Iterator[tuple[Donor, Donor]]:
    """Pairs of photos to lend a photo their backgrounds, the best first: one of its class and one of any other.

    Both are drawn at random, by the photo's name and the plan's seed, among the photos with boxes of one class alone.
    There are none where the photo has no class or no boxes, where the boxes of all three leave too little, or where
    there is no other photo of its class or none of another.
    """
    if target.target is None or not target.boxes:
        return
    donors, classes = _lenders(plan)
    first, last = bisect_left(classes, target.target), bisect_right(classes, target.target)
    generator = np.random.default_rng([plan.asked.seed, *hashlib.sha256(photo.name.encode()).digest()])
    if last - first < 1 or len(donors) == last - first:
        return
    own = generator.integers(first, last, _DRAWN)
    other = generator.integers(0, len(donors) - (last - first), _DRAWN)
    other += np.where(other >= first, last - first, 0)
    kept = _covered(target.boxes)
    for pair in zip(own.tolist(), other.tolist(), strict=True):
        lent = donors[pair[0]], donors[pair[1]]
        covered = kept | _covered([box for donor in lent for box in donor.boxes])
        if lent[0].name != photo.name and 1 - covered.mean() >= LEAST_BACKGROUND:
            yield lent


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """A photo, and for each of its targets the backgrounds to put its object on; None where there are none."""

    photo: Photo
    backgrounds: tuple[Backgrounds | None, ...]


def open_planned(plan: Plan, classifier: HasPreset, planned: Planned) -> Opened:
    """A photo of a plan with what is lent to it. One that cannot be opened lends nothing, nor does a copy of it.

    Raises PhotoError if the photo itself cannot be opened.
    """
    photo = open_photo(Path(plan.folder) / planned.name)
    return Opened(photo, tuple(_open_first(plan, classifier, planned, target, photo) for target in planned.targets))


def _open_first(
    plan: Plan, classifier: HasPreset, planned: Planned, target: Target, photo: Photo
) -> Backgrounds | None:
    for pair in find_donors(plan, planned, target):
        try:
            own, other = (_open(plan, classifier, donor) for donor in pair)
        except PhotoError:
            continue
        if photo.digest not in (own.frame.photo_digest, other.frame.photo_digest):
            return Backgrounds(own, other)
    return None


def _open(plan: Plan, classifier: HasPreset, donor: Donor) -> Background:
    photo = open_photo(Path(plan.folder) / donor.name)
    return Background(frame_photo(photo, classifier, plan.asked.settings.crop_mode), donor.boxes)


@lru_cache(maxsize=2)  # once a plan, not once a photo
def _lenders(plan: Plan) -> tuple[list[Donor], list[int]]:
    """All photos that may lend their backgrounds, in the order of their classes, and these classes."""
    mixed = set(plan.mixed)
    found = [
        (target.target, Donor(photo.name, target.boxes))
        for photo in plan.photos
        for target in photo.targets
        if target.target is not None and target.boxes and len(photo.targets) == 1 and photo.name not in mixed
    ]
    found.sort(key=lambda each: (each[0], each[1].name))
    return [donor for _, donor in found], [index for index, _ in found]


def _covered(boxes: Sequence[Edges]) -> NDArray[np.bool_]:
    """Where on a photo boxes lie, bool [_GRID, _GRID]."""
    middles = (np.arange(_GRID) + 0.5) / _GRID
    left, top, right, bottom = np.array(boxes).reshape(-1, 4).T[..., None]
    columns, rows = (left <= middles) & (middles < right), (top <= middles) & (middles < bottom)
    found: NDArray[np.bool_] = (rows[:, :, None] & columns[:, None, :]).any(axis=0)
    return found
