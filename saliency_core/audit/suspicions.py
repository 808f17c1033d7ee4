"""What a class may go by besides its object, looked for on one half of its photos: a place at which its maps agree, or
a small pattern that its photos have in common."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from saliency_core.audit.measure import DEFAULT_SETTINGS, Settings, photo_seed
from saliency_core.checks import check_seed
from saliency_core.methods.attribution import attribute, fit_reduction
from saliency_core.methods.smoothing import SaliencyMap, smooth
from saliency_core.models.classifier import Classifier
from saliency_core.photos.frame import Frame
from saliency_core.photos.looks import luma
from saliency_core.photos.regions import Region

Array = NDArray[np.float32]

MOST_PHOTOS = 80
"""Of a class no more photos are looked at and tested: what matters shows on fewer, and each takes as long."""
MOST_OF_A_KIND = 2
"""At most so many places, and so many patterns, are suspected of a class."""
WINDOW_SHARE, PATCH_SHARE = 1 / 7, 1 / 14
"""The sides of the square that is hidden, and of a pattern within it, as shares of the frame's: 32 and 16 pixels of
224. The square is larger since a pattern may be a piece of what it belongs to."""
PEAKS = 12
"""From a map's highest places so many patterns are taken; one photo that shows it there is enough to find one. With 4,
2 of 10 marks were not suspected."""
ALIKE = 0.8
"""The least correlation of a pattern with a place that counts as having it there."""
LEAST_SHARE = 0.5
"""A pattern is suspected if it is on at least this share of the class's photos more than of others' photos."""
LEAST_CONTRAST = 8.0
"""The least standard deviation of a pattern's brightness, of 255: what is plainer looks like anything plain."""
SHUFFLES, LEVEL = 199, 0.1
"""A place is suspected if among so many ways to share out the photos between the class and others, at most this share
has maps that agree as much anywhere."""


@dataclass(frozen=True, slots=True, eq=False)
class Suspicion:
    """What may matter to a class.

    region: where on the frame, the same square on each photo; of a pattern, where it was seen first.
    pattern: its brightness, f32 [side, side], 0 to 255, read-only; None where only the place is suspected.
    """

    region: Region
    pattern: Array | None = None

    def find_in(self, frame: Frame) -> Region | None:
        """The square to hide on a frame; None where the pattern is not on it."""
        if self.pattern is None:
            return self.region
        ((score, top, left),) = match(frame, [self.pattern])
        if score < ALIKE:
            return None
        patch = len(self.pattern)
        return _square(*_middle(Region(top, left, patch, patch)), self.region.height, frame.side)


def split(frames: Sequence[Frame], seed: int = 0) -> tuple[tuple[Frame, ...], tuple[Frame, ...]]:
    """Two halves of a class's photos: one to look at, one to test on. Which photo is in which depends on the photos'
    digests and the seed, not on their order or names; of photos of one file one is left, of many photos MOST_PHOTOS.

    Raises RequestError for an impossible seed.
    """
    own = {frame.photo_digest: frame for frame in frames}
    ordered = sorted(own, key=lambda digest: (photo_seed(seed, digest), digest))[:MOST_PHOTOS]
    return tuple(own[digest] for digest in ordered[::2]), tuple(own[digest] for digest in ordered[1::2])


def find_suspicions(
    classifier: Classifier,
    target: int,
    frames: Sequence[Frame],
    others: Sequence[Frame],
    settings: Settings = DEFAULT_SETTINGS,
    seed: int = 0,
) -> tuple[Suspicion, ...]:
    """At most MOST_OF_A_KIND places and as many patterns that the target may go by, places first.

    frames: photos of the class, at least one; others: photos of other classes, at least one. Of these the map is that
        of their best guess.
    seed: of the ways to share out the photos.

    Raises RequestError for an impossible target or seed.
    """
    maps = [look(classifier, frame, target, settings) for frame in frames]
    others_maps = [look(classifier, frame, None, settings) for frame in others]
    places = _find_places(maps, others_maps, check_seed(seed))
    return (*places, *_find_patterns(frames, maps, others))


def look(classifier: Classifier, frame: Frame, target: int | None, settings: Settings) -> Array:
    """The smoothed map of a class, or of the best guess, by the rank of its values: f32 [side, side], from 0 to 1.

    Raises RequestError for an impossible target.
    """
    return rank(draw_map(classifier, frame, target, settings).values)


def draw_map(classifier: Classifier, frame: Frame, target: int | None, settings: Settings) -> SaliencyMap:
    """The smoothed map of a class, or of the best guess. Raises RequestError for an impossible target."""
    attribution = attribute(classifier, frame, target, settings.method, fit_reduction(settings.method))
    return smooth(attribution, settings.sigma)


def rank(values: Array) -> Array:
    """The ranks of a map's values, from 0 for the lowest to 1."""
    from scipy.stats import rankdata  # lazy: takes most of a second to import

    ranks: Array = (rankdata(values).reshape(values.shape).astype(np.float32) - 1) / np.float32(values.size - 1)
    return ranks


def match(frame: Frame, patterns: Sequence[Array]) -> list[tuple[float, int, int]]:
    """Where a frame looks most like each pattern, f32 [patch, patch]: the normalised cross-correlation of their
    brightness, from -1 to 1, and the row and column of the first pixel there."""
    from scipy.ndimage import uniform_filter  # lazy: takes a third of a second to import

    seen, patch = luma(frame.pixels) - 128, len(patterns[0])
    mean, square = uniform_filter(seen, patch), uniform_filter(seen.astype(np.float64) ** 2, patch)
    start = patch // 2
    inside = np.s_[start : start + frame.side - patch + 1, start : start + frame.side - patch + 1]
    deviation = np.sqrt(np.maximum(square - mean**2, 1.0))[inside]  # below one step of 255 there is nothing to see
    units = np.stack([(each - each.mean()) / (each.std() * each.size) for each in patterns])
    with torch.no_grad():
        product = torch.conv2d(torch.from_numpy(seen)[None, None], torch.from_numpy(units)[:, None])[0].numpy()
    found = []
    for scores in product / deviation:
        top, left = np.unravel_index(scores.argmax(), scores.shape)
        found.append((float(scores[top, left]), int(top), int(left)))
    return found


def _find_places(maps: Sequence[Array], others: Sequence[Array], seed: int) -> list[Suspicion]:
    """Squares in which the maps of a class lie higher than others' do, the clearest first."""
    from scipy.ndimage import uniform_filter  # lazy, as above

    side = len(maps[0])
    window = round(side * WINDOW_SHARE)
    starts = np.unique([*range(0, side - window, max(1, window // 4)), side - window])
    middles = np.ix_(starts + window // 2, starts + window // 2)
    means = np.stack([uniform_filter(each, window)[middles].ravel() for each in (*maps, *others)])
    own = np.repeat([1 / len(maps), -1 / len(others)], [len(maps), len(others)])
    generator = np.random.default_rng(seed)
    by_chance = [float((generator.permutation(own) @ means).max()) for _ in range(SHUFFLES)]
    higher = own @ means
    found: list[Suspicion] = []
    for index in np.argsort(-higher):
        if len(found) == MOST_OF_A_KIND or np.mean(by_chance >= higher[index]) > LEVEL:
            break
        top, left = (int(starts[each]) for each in divmod(int(index), len(starts)))
        if all(max(abs(top - each.region.top), abs(left - each.region.left)) >= window for each in found):
            found.append(Suspicion(Region(top, left, window, window)))
    return found


def _find_patterns(frames: Sequence[Frame], maps: Sequence[Array], others: Sequence[Frame]) -> list[Suspicion]:
    """Patterns under the maps' peaks that are on many photos of the class and on few others, the clearest first."""
    cut = [_cut_out(frame, values) for frame, values in zip(frames, maps, strict=True)]
    candidates = [each for some in cut for each in some]
    if not candidates:
        return []
    own, other = (
        np.array([match(frame, [pattern for _, pattern in candidates]) for frame in some]) for some in (frames, others)
    )
    shares, others_shares = ((scores[..., 0] >= ALIKE).mean(axis=0) for scores in (own, other))
    more, alike = shares - others_shares, own[..., 0].mean(axis=0)
    origin = np.repeat(np.arange(len(cut)), [len(some) for some in cut])
    corners = np.array([(region.top, region.left) for region, _ in candidates])
    left_over, window = more >= LEAST_SHARE, round(frames[0].side * WINDOW_SHARE)
    found: list[Suspicion] = []
    while left_over.any() and len(found) < MOST_OF_A_KIND:
        best = max(np.flatnonzero(left_over), key=lambda index: (more[index], alike[index]))
        region, pattern = candidates[best]
        found.append(Suspicion(_square(*_middle(region), window, frames[0].side), pattern))
        left_over[best] = False
        # Others that lie where this one is found are pieces of the same.
        there = own[origin, best]
        same = (there[:, 0] >= ALIKE) & (np.abs(there[:, 1:] - corners).max(axis=1) < 2 * len(pattern))
        left_over &= ~same
    return found


def _cut_out(frame: Frame, values: Array) -> list[tuple[Region, Array]]:
    """The patterns at a map's highest places, that lie apart from each other, and where they are."""
    side, left_over = frame.side, values.copy()
    patch = max(2, round(side * PATCH_SHARE))
    grey = luma(frame.pixels)
    found = []
    for _ in range(PEAKS):
        row, column = (int(each) for each in np.unravel_index(left_over.argmax(), left_over.shape))
        left_over[max(0, row - patch) : row + patch + 1, max(0, column - patch) : column + patch + 1] = -1
        at = _square(row, column, patch, side)
        pattern = grey[at.top : at.top + patch, at.left : at.left + patch].copy()
        pattern.setflags(write=False)
        if pattern.std() >= LEAST_CONTRAST:
            found.append((at, pattern))
    return found


def _middle(region: Region) -> tuple[int, int]:
    return region.top + region.height // 2, region.left + region.width // 2


def _square(row: int, column: int, length: int, side: int) -> Region:
    """A square around a pixel, moved onto the frame where it would reach beyond it."""
    top, left = (min(max(0, each - length // 2), side - length) for each in (row, column))
    return Region(top, left, length, length)
