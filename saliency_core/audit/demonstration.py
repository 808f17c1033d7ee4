"""One mark shown on a few photos: what a model that is made to read it says, where its map lies, and what hiding it
takes."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np

from saliency_core.audit.confirm import confirm
from saliency_core.audit.measure import DEFAULT_SETTINGS, Settings
from saliency_core.audit.planted import Mark, make_mark, mark_side, plant, stamp, wander
from saliency_core.audit.self_test import shows
from saliency_core.audit.suspicions import Suspicion, draw_map, rank
from saliency_core.errors import RequestError
from saliency_core.methods.smoothing import SaliencyMap
from saliency_core.models.classifier import Classifier, classify_all
from saliency_core.models.prediction import Prediction, check_target
from saliency_core.photos.fills import hide
from saliency_core.photos.frame import Frame
from saliency_core.photos.regions import Region

MARGIN = 2.0
"""By so many logits the class is ahead of all others, at least, on each photo that bears the mark."""


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """A photo with or without the mark, as the model that reads it sees it.

    frame: the picture; prediction: what the model says of it; map: of the class.
    hidden: what it says with the mark's place hidden.
    need: on the mark's place: the share of random places of its size whose hiding takes less from the class, in [0, 1];
        of a place at random it is 0.5 on average.
    shown: whether the map shows the place, as a self-test counts it.
    """

    frame: Frame
    prediction: Prediction
    hidden: Prediction
    map: SaliencyMap
    need: float
    shown: bool


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """A photo twice. place: where the mark lies, and on the clean one would."""

    place: Region
    clean: Side
    marked: Side


@dataclass(frozen=True, slots=True, eq=False)
class Demonstration:
    """A mark on some photos.

    classifier: the one that is made to read it; target: the class that it speaks for; strength: what it adds, in
    logits. On each photo that bears it the class is the best guess.
    """

    classifier: Classifier
    target: int
    mark: Mark
    strength: float
    pairs: tuple[Pair, ...]


def show_mark(
    classifier: Classifier,
    frames: Sequence[Frame],
    target: int,
    settings: Settings = DEFAULT_SETTINGS,
    seed: int = 0,
) -> Demonstration:
    """Make the model read a mark that decides on each of the photos, and look at them with and without it.

    The strength is the least whole number of logits with which it does, by MARGIN. The model is asked about
    2 + 2 * settings.n_controls pictures of each photo and for two maps.

    frames: at least one; the mark lies at another place on each.
    seed: of the mark, its places and the random places.

    Raises RequestError for an impossible target or seed, without frames, or where one has no room for the mark.
    """
    if not frames:
        raise RequestError("Give at least one photo to put the mark on.")
    target = check_target(target, len(classifier.categories))
    mark = make_mark(seed, mark_side(classifier.preset.crop))
    places = [wander(frame, mark, seed) for frame in frames]
    marked = [stamp(frame, mark, place) for frame, place in zip(frames, places, strict=True)]
    unread = classify_all(classifier, marked)
    lead = max(float(np.delete(each.logits, target).max() - each.logits[target]) for each in unread)
    strength = float(max(1, ceil(lead + MARGIN)))
    planted = plant(classifier, target, mark, strength)

    def look_at(frame: Frame, place: Region) -> Side:
        hidden = hide(frame, place, settings.fills[0], seed)
        as_is, without = classify_all(planted, [frame, hidden])
        seen = draw_map(planted, frame, target, settings)
        (finding,) = confirm(planted, target, [frame], [], [Suspicion(place)], settings, seed)
        return Side(frame, as_is, without, seen, finding.need, shows(rank(seen.values), place))

    pairs = (
        Pair(place, look_at(clean, place), look_at(bearing, place))
        for clean, bearing, place in zip(frames, marked, places, strict=True)
    )
    return Demonstration(planted, target, mark, strength, tuple(pairs))
