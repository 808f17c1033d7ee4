"""Which pixels an answer depends on: the gradient of a class's logit, by Captum's Saliency."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray

from saliency_core.classifier import Classifier, normalise
from saliency_core.errors import RequestError, SaliencyError
from saliency_core.frame import Frame
from saliency_core.prediction import Prediction, check_target, make_prediction

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


def explain(
    classifier: Classifier, frame: Frame, target: int | None = None
) -> tuple[Prediction, NDArray[np.float32], int]:
    """What the classifier says of a frame, the gradient of the target's logit, and the target: one pass
    forward and one back for all of it.

    target: index of a class; None for the best guess.

    The gradient is with respect to the normalised input: f32 [3, side, side], signed. It is of the
    logit rather than the probability, so that other classes do not enter (Simonyan, Vedaldi &
    Zisserman 2013, arXiv:1312.6034, section 3).

    Raises RequestError for a target the model does not have, SaliencyError if the gradient is not finite.
    """
    from captum.attr import Saliency  # takes most of a second, which who asks for no map is spared

    if target is not None:
        check_target(target, len(classifier.categories))
    passes: list[torch.Tensor] = []

    def forward(inputs: torch.Tensor) -> torch.Tensor:
        """The target's logit; Captum asks for it once, and the other logits are kept."""
        logits: torch.Tensor = classifier.module(inputs)
        passes.append(logits.detach())
        index = int(logits[0].argmax()) if target is None else target
        return logits[:, index]

    inputs = normalise(frame.pixels[None], classifier.preset).requires_grad_()
    slopes: torch.Tensor = Saliency(forward).attribute(inputs, abs=False)
    values: NDArray[np.float32] = slopes[0].detach().contiguous().numpy()
    if not np.isfinite(values).all():
        raise SaliencyError(
            f"{classifier.title} gives no finite gradient for this photo, so there is no map to show. "
            "Try another photo or model."
        )
    prediction = make_prediction(passes[0][0].numpy(), classifier.categories)
    return prediction, values, prediction.top(1)[0].index if target is None else target


def gradient(classifier: Classifier, frame: Frame, target: int) -> NDArray[np.float32]:
    """The gradient that explain() gives: f32 [3, side, side]."""
    return explain(classifier, frame, target)[1]


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
