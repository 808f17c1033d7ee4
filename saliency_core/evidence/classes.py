"""Whether a map depends on the class that it is of."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from saliency_core.checks import check_seed, whole_number
from saliency_core.errors import RequestError
from saliency_core.evidence.remaking import add_noise, remake
from saliency_core.evidence.similarity import Similarity, similarity
from saliency_core.methods.method import DEFAULT_OPTIONS, Options
from saliency_core.methods.smoothing import SaliencyMap
from saliency_core.models.classifier import Classifier, classify
from saliency_core.photos.frame import Frame

NOISES = 3
"""Noisy copies of the photo."""


@dataclass(frozen=True, slots=True, eq=False)
class OtherClass:
    """Another class's map, made in the same way, and how alike it is."""

    target: int
    saliency: SaliencyMap
    similarity: Similarity


@dataclass(frozen=True, slots=True, eq=False)
class ClassEvidence:
    """A map beside those of other classes, and beside what slight noise on the photo does to it.

    second: of the class that the model finds most likely besides the map's own.
    random: of a class drawn at random from the others; None of a model with two classes.
    noisy: how alike the same class's maps are on the photo with slight noise, each.
    """

    second: OtherClass
    random: OtherClass | None
    noisy: tuple[Similarity, ...]


def class_stages(
    classifier: Classifier,
    frame: Frame,
    saliency: SaliencyMap,
    options: Options = DEFAULT_OPTIONS,
    noises: int = NOISES,
    seed: int = 0,
) -> Iterator[float | ClassEvidence]:
    """Makes a map again for two other classes, and for its own on noisy copies of the photo (for classes, Sixt et al.
    2020, arXiv:1912.09818): yields the share done after each step that runs the model, and at last the evidence.

    options: those that the map was made with.
    noises: noisy copies, from 1. seed: of the random class and the noise.

    Raises RequestError and SaliencyError where explain() does, or for a model of one class.
    """
    noises, seed = whole_number(noises, "The number of noisy copies", 1, 50), check_seed(seed)
    classes = len(classifier.categories)
    if classes < 2:
        raise RequestError(f"{classifier.title} has one class, so there is no other to compare with.")
    order = np.argsort(-classify(classifier, frame).logits, kind="stable")
    second, *rest = (int(index) for index in order if index != saliency.target)
    others = [second, *([int(np.random.default_rng(seed).choice(rest))] if rest else [])]
    span = 1 / (len(others) + noises)
    made: list[SaliencyMap] = []
    for target in others:
        made.append((yield from remake(classifier, frame, saliency, options, target, len(made) * span, span)))
    for place in range(noises):
        noisy = add_noise(frame, seed + place)
        made.append((yield from remake(classifier, noisy, saliency, options, None, len(made) * span, span)))
    alike = [similarity(saliency.values, each.values) for each in made]
    compared = [OtherClass(*each) for each in zip(others, made, alike, strict=False)]
    yield ClassEvidence(compared[0], compared[1] if rest else None, tuple(alike[len(others) :]))
