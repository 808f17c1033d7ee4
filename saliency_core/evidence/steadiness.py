"""Whether a map stays as it is when the photo changes by less than one can see."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from saliency_core.checks import check_seed, number, whole_number
from saliency_core.evidence.controls import Values
from saliency_core.evidence.remaking import remake, with_pixels
from saliency_core.methods.method import DEFAULT_OPTIONS, Options
from saliency_core.methods.smoothing import SaliencyMap
from saliency_core.models.classifier import Classifier
from saliency_core.photos.frame import Frame, Preset

SAMPLES = 10
RADIUS = 0.02
"""Captum's own: how far each value of the normalised input may move."""


@dataclass(frozen=True, slots=True)
class Steadiness:
    """How much a map changes under tiny changes of its photo.

    sensitivity: the largest change of several, as a share of the map itself: the root of the sum of squared
        differences over that of squared values. 0 for a map that never changes; no unit, no upper bound.
    samples: how many changes were tried. radius: how far each value of the normalised input was moved at most;
        levels: the same in grey levels of 256, rounded down.
    others: how far other photos' maps lie from this one in the same measure, each brought to this map's size.
    """

    sensitivity: float
    samples: int
    radius: float
    levels: int
    others: tuple[float, ...] = ()


def steadiness_stages(
    classifier: Classifier,
    frame: Frame,
    saliency: SaliencyMap,
    options: Options = DEFAULT_OPTIONS,
    others: Sequence[Values] = (),
    samples: int = SAMPLES,
    radius: float = RADIUS,
    seed: int = 0,
) -> Iterator[float | Steadiness]:
    """Makes a map again of photos that are moved a little: yields the share done after each step that runs the model,
    and at last the max-sensitivity (Yeh et al. 2019, arXiv:1901.09392).

    It is that of captum.metrics.sensitivity_max for the map as it is shown, computed here because Captum's runs all
    samples at once and takes only what can be asked with tensors. The photo is moved by whole grey levels, so that it
    stays one: each colour of each pixel by as many as lie within the radius, uniformly.

    options: those that the map was made with; a method that draws at random draws the same each time.
    others: the same network's maps of other photos, f32 [side, side], smoothed alike.
    samples: how many changes, from 1. radius: in units of the normalised input. seed: of the changes.

    Raises RequestError and SaliencyError where explain() does.
    """
    samples, seed = whole_number(samples, "The number of samples", 1, 1000), check_seed(seed)
    own, levels = saliency.values.astype(np.float64), _levels(classifier.preset, radius)
    size = float(np.linalg.norm(own)) or 1.0  # as Captum does of a map of zeros
    largest = 0.0
    for place in range(samples):
        moved = move(frame, levels, seed + place)
        made = yield from remake(classifier, moved, saliency, options, None, place / samples, 1 / samples)
        largest = max(largest, float(np.linalg.norm(made.values - own)) / size)
    yield Steadiness(largest, samples, radius, levels, tuple(_apart(own, other, size) for other in others))


def move(frame: Frame, levels: int, seed: int) -> Frame:
    """The frame with each colour of each pixel moved by at most so many grey levels, uniformly, within 0 to 255."""
    moved = np.random.default_rng(seed).integers(-levels, levels, frame.pixels.shape, endpoint=True)
    return with_pixels(frame, frame.pixels + moved)


def _levels(preset: Preset, radius: float) -> int:
    """Grey levels within a radius of the normalised input, at least one."""
    radius = number(radius, "The radius", 0, 10, "of the normalised input")
    return max(1, int(255 * radius * min(preset.std)))


def _apart(own: np.ndarray, other: Values, size: float) -> float:
    scaled = other.astype(np.float64) * size / (float(np.linalg.norm(other)) or 1.0)
    return float(np.linalg.norm(scaled - own)) / size
