"""Which photos of an audit lend their backgrounds to which: by the plan alone, so that it does not matter where, when
and in which order photos are measured."""

import hashlib
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
_TRIES = 8
"""So many pairs of photos are tried, and the first that leaves enough background is taken."""
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
    """Pairs of photos to lend a photo their backgrounds, in the order to try them: one of its class, one of any other.

    The photos with boxes of one class alone are shuffled by the plan's seed. Each lends to the one before it of its
    class, and to one of every other class: were some drawn for several photos, their differences would not be
    independent, and the interval of the mean too short. A pair is passed over where the boxes of all three photos leave
    less than LEAST_BACKGROUND. There is none where the photo has no class or no boxes, where its class has no other
    photo with boxes, and where no other class has.

    plan: with all of its photos, also where only some are measured.
    """
    assert plan.photos  # without them, the rows would silently be others
    if target.target is None or not target.boxes:
        return
    donors, classes, places = _lenders(plan)
    own, others = np.flatnonzero(classes == target.target), np.flatnonzero(classes != target.target)
    if not len(own) or not len(others):
        return
    # One that does not lend itself borrows at a place of its own, too.
    at = places.get(photo.name, int(hashlib.sha256(photo.name.encode()).hexdigest(), 16) % len(donors))
    rank, kept = int(np.searchsorted(own, at)), _covered(target.boxes)
    for step in range(1, 1 + min(_TRIES, len(own))):
        pair = own[(rank + step) % len(own)], others[(own[0] + rank + step) % len(others)]
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
def _lenders(plan: Plan) -> tuple[list[Donor], NDArray[np.int64], dict[str, int]]:
    """All photos that may lend their backgrounds, shuffled, with their classes, and at which place each stands."""
    mixed = set(plan.mixed)
    found = [
        (target.target, Donor(photo.name, target.boxes))
        for photo in plan.photos
        for target in photo.targets
        if target.target is not None and target.boxes and len(photo.targets) == 1 and photo.name not in mixed
    ]
    shuffled = [found[place] for place in np.random.default_rng(plan.asked.seed).permutation(len(found))]
    donors = [donor for _, donor in shuffled]
    classes = np.array([index for index, _ in shuffled], np.int64)
    return donors, classes, {donor.name: place for place, donor in enumerate(donors)}


def _covered(boxes: Sequence[Edges]) -> NDArray[np.bool_]:
    """Where on a photo boxes lie, bool [_GRID, _GRID]."""
    middles = (np.arange(_GRID) + 0.5) / _GRID
    left, top, right, bottom = np.array(boxes).reshape(-1, 4).T[..., None]
    columns, rows = (left <= middles) & (middles < right), (top <= middles) & (middles < bottom)
    found: NDArray[np.bool_] = (rows[:, :, None] & columns[:, None, :]).any(axis=0)
    return found
