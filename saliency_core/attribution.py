"""Which pixels an answer depends on: the gradient of a class's logit, by Captum's Saliency."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from captum.attr import Saliency
from numpy.typing import NDArray

from saliency_core.classifier import Classifier, normalise
from saliency_core.errors import RequestError, SaliencyError
from saliency_core.frame import Frame
from saliency_core.prediction import check_target

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

    values: f32 [side, side], >= 0, in the frame's pixel grid, read-only: how far the class's logit
        moves per unit of normalised input, to first order.
    target: index of the class explained.
    reduction: how the three colour channels became one value.
    """

    values: NDArray[np.float32]
    target: int
    reduction: Reduction


def gradient(classifier: Classifier, frame: Frame, target: int) -> NDArray[np.float32]:
    """Gradient of the target's logit with respect to the normalised input: f32 [3, side, side].

    Signed; of the logit rather than the probability, so that other classes do not enter (Simonyan,
    Vedaldi & Zisserman 2013, arXiv:1312.6034, section 3).

    Raises RequestError for a target the model does not have, SaliencyError if the gradient is not finite.
    """
    check_target(target, len(classifier.categories))
    inputs = normalise(frame.pixels[None], classifier.preset).requires_grad_()
    slopes: torch.Tensor = Saliency(classifier.module).attribute(inputs, target=target, abs=False)
    values: NDArray[np.float32] = slopes[0].detach().numpy()
    if not np.isfinite(values).all():
        raise SaliencyError(
            f"{classifier.title} gives no finite gradient for this photo, so there is no map to show. "
            "Try another photo or model."
        )
    return values


def reduce_channels(slopes: NDArray[np.float32], target: int, reduction: Reduction = "max") -> Attribution:
    """One value per pixel from a gradient f32 [3, side, side]: of the channels' magnitudes, the
    largest ("max", as in the paper), the "mean", the Euclidean norm ("l2"), or one of them.

    Raises RequestError for any other reduction.
    """
    if reduction not in _REDUCE:
        raise RequestError(f"There is no channel reduction called {reduction!r}; use one of {', '.join(REDUCTIONS)}.")
    values = _REDUCE[reduction](np.abs(slopes))
    values.setflags(write=False)
    return Attribution(values, target, reduction)


def attribute(classifier: Classifier, frame: Frame, target: int, reduction: Reduction = "max") -> Attribution:
    """The saliency of a frame for a class: gradient() followed by reduce_channels()."""
    return reduce_channels(gradient(classifier, frame, target), target, reduction)
