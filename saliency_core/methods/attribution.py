"""Explaining a frame by a method, and one value per pixel from three channels."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from saliency_core.checks import one_of
from saliency_core.methods.method import Explanation
from saliency_core.methods.registry import DEFAULT_METHOD, find_method
from saliency_core.models.classifier import Classifier, check_frame
from saliency_core.models.prediction import check_target
from saliency_core.photos.frame import Frame

Reduction = Literal["max", "mean", "l2", "red", "green", "blue"]

_REDUCE: dict[Reduction, Callable[[NDArray[np.float32]], NDArray[np.float32]]] = {
    "max": lambda magnitude: magnitude.max(axis=0),
    "mean": lambda magnitude: magnitude.mean(axis=0),
    "l2": lambda magnitude: np.sqrt(np.square(magnitude).sum(axis=0)),
    "red": lambda magnitude: magnitude[0].copy(),
    "green": lambda magnitude: magnitude[1].copy(),
    "blue": lambda magnitude: magnitude[2].copy(),
}
REDUCTIONS: tuple[Reduction, ...] = tuple(_REDUCE)


@dataclass(frozen=True, slots=True, eq=False)
class Attribution:
    """How much each pixel of a frame matters to a class, before any smoothing.

    values: f32 [side, side], >= 0, in the frame's pixel grid, read-only; in the method's unit.
    target: index of the class explained.
    reduction: how the three colour channels became one value.
    method: key of the method that made it.
    """

    values: NDArray[np.float32]
    target: int
    reduction: Reduction
    method: str = DEFAULT_METHOD


def explain(
    classifier: Classifier, frame: Frame, target: int | None = None, method: str = DEFAULT_METHOD
) -> Explanation:
    """What the classifier says of a frame, and what a method says of why.

    target: index of a class; None for the best guess.

    Raises RequestError for what is no frame of the classifier's size, a target the model does not have or an
    unknown method, SaliencyError where the method gives no finite values.
    """
    check_frame(classifier, frame)
    if target is not None:
        target = check_target(target, len(classifier.categories))
    return find_method(method).explain(classifier, frame, target)


def reduce_channels(explanation: Explanation, reduction: Reduction = "max") -> Attribution:
    """One value per pixel from an explanation: of the channels' magnitudes, the largest ("max", as in the
    gradient's paper), the "mean", the Euclidean norm ("l2"), or one of them.

    Raises RequestError for any other reduction.
    """
    reduction = one_of(reduction, "channel reduction", REDUCTIONS)
    values = _REDUCE[reduction](np.abs(explanation.values))
    values.setflags(write=False)
    return Attribution(values, explanation.target, reduction, explanation.method)


def attribute(
    classifier: Classifier,
    frame: Frame,
    target: int | None = None,
    method: str = DEFAULT_METHOD,
    reduction: Reduction = "max",
) -> Attribution:
    """How much each pixel of a frame matters to a class: explain() followed by reduce_channels().

    Raises RequestError and SaliencyError where they do.
    """
    return reduce_channels(explain(classifier, frame, target, method), reduction)
