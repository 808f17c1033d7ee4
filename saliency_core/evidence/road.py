"""ROAD: pixels removed by a map and painted over from their neighbours, over a set of photos."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from saliency_core.checks import check_seed, number
from saliency_core.errors import RequestError
from saliency_core.evidence.curves import Ranking
from saliency_core.evidence.remaking import with_pixels
from saliency_core.models.classifier import Classifier, classify_all
from saliency_core.models.prediction import check_target
from saliency_core.photos.frame import Frame

SHARES = (0.01, 0.03, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
"""Of the pixels removed."""
NOISE = 0.01
"""Standard deviation of the noise on imputed pixels, as a share of the range of pixels."""
_DIRECT, _DIAGONAL = 1 / 6, 1 / 12
_NEIGHBOURS = [
    (down, right, _DIAGONAL if down and right else _DIRECT)
    for down in (-1, 0, 1)
    for right in (-1, 0, 1)
    if down or right
]


@dataclass(frozen=True, slots=True, eq=False)
class Road:
    """What the model says of one frame with pixels imputed in the order of a map.

    shares: of the pixels removed.
    most_first, least_first: whether the target is still the best guess, bool [shares], as the most or the least
        relevant pixels are removed first. Of one photo this says next to nothing: the score is the mean over a set.
    most_probability, least_probability: the target's probability, f32 [shares].
    """

    shares: tuple[float, ...]
    most_first: NDArray[np.bool_]
    least_first: NDArray[np.bool_]
    most_probability: NDArray[np.float32]
    least_probability: NDArray[np.float32]


def impute(frame: Frame, gone: NDArray[np.bool_], seed: int = 0, noise: float = NOISE) -> Frame:
    """The frame with some of its pixels replaced by the noisy linear imputation of ROAD (Rong et al. 2022,
    arXiv:2202.00449): each is the weighted mean of its eight neighbours, 1/6 for those beside, above and below it and
    1/12 for the others, all at once; of those at the edge, of the neighbours there are. Then noise is added.

    gone: bool [side, side], the pixels to replace, not all of them.
    noise: standard deviation, as a share of the range of pixels, in [0, 1].

    Raises RequestError where there is nothing left to impute from, or for a mask of another size.
    """
    if gone.shape != (frame.side, frame.side) or gone.all():
        raise RequestError("Imputing takes a mask of the frame's size that leaves at least one pixel.")
    deviation = number(noise, "The noise", 0, 1, "of the pixels' range")
    generator = np.random.default_rng(check_seed(seed))
    pixels = frame.pixels.astype(np.float64)
    pixels[gone] = _solve(pixels, gone) + generator.normal(0, 255 * deviation, (int(gone.sum()), 3))
    return with_pixels(frame, pixels)


def _solve(pixels: NDArray[np.float64], gone: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The values of the pixels that are gone, f64 [gone, 3], from a sparse system of one equation for each."""
    from scipy.sparse import coo_array, diags_array  # lazy: takes a third of a second to import
    from scipy.sparse.linalg import spsolve

    side, count = len(gone), int(gone.sum())
    if not count:
        return np.empty((0, 3))
    rows, columns = np.nonzero(gone)
    places = np.full(gone.shape, -1)
    places[gone] = np.arange(count)
    weights, known = np.zeros(count), np.zeros((count, 3))
    entries: list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]] = []
    for down, right, weight in _NEIGHBOURS:
        row, column = rows + down, columns + right
        inside = np.flatnonzero((row >= 0) & (row < side) & (column >= 0) & (column < side))
        row, column = row[inside], column[inside]
        weights[inside] += weight
        there = ~gone[row, column]
        known[inside[there]] += weight * pixels[row[there], column[there]]
        unknown = inside[~there]
        entries.append((unknown, places[row[~there], column[~there]], np.full(len(unknown), -weight)))
    equation, place, value = (np.concatenate(each) for each in zip(*entries, strict=True))
    system = coo_array((value, (equation, place)), shape=(count, count)) + diags_array(weights)
    return np.asarray(spsolve(system.tocsc(), known)).reshape(count, 3)


def road_stages(
    classifier: Classifier,
    frame: Frame,
    ranked: Ranking,
    target: int,
    shares: Sequence[float] = SHARES,
    seed: int = 0,
) -> Iterator[float | Road]:
    """Imputes more and more of a frame in a ranking's two orders and asks the model: yields the share of the work done
    after each step, and at last what was found. Averaging over photos is the caller's.

    target: index of the class that is right, or that the model named.

    Raises RequestError for a frame or ranking of another size, or an impossible target, share or seed.
    """
    target = check_target(target, len(classifier.categories))
    if ranked.most_first.size != frame.side**2:
        raise RequestError(f"The ranking is of {ranked.most_first.size} pixels, but the frame has {frame.side**2}.")
    right: list[tuple[bool, bool]] = []
    probabilities: list[tuple[float, float]] = []
    for place, share in enumerate(shares):
        frames = [_imputed(frame, order, share, seed) for order in (ranked.most_first, ranked.least_first)]
        most, least = classify_all(classifier, frames)
        right.append((most.best() == target, least.best() == target))
        probabilities.append((float(most.probabilities[target]), float(least.probabilities[target])))
        yield (place + 1) / len(shares)
    most_right, least_right = np.array(right, bool).T
    most_left, least_left = np.array(probabilities, np.float32).T
    yield Road(tuple(shares), most_right, least_right, most_left, least_left)


def _imputed(frame: Frame, order: NDArray[np.int64], share: float, seed: int) -> Frame:
    gone = np.zeros(order.size, bool)
    gone[order[: round(number(share, "The share removed", 0, 0.999, "of the pixels") * order.size)]] = True
    return impute(frame, gone.reshape(frame.side, frame.side), seed)
