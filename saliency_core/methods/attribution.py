"""Explaining a frame by a method, and one value per pixel from three channels."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from saliency_core.checks import one_of
from saliency_core.errors import SaliencyError
from saliency_core.methods.method import DEFAULT_OPTIONS, Explanation, Options
from saliency_core.methods.registry import DEFAULT_METHOD, find_method
from saliency_core.models.classifier import Classifier, check_frame
from saliency_core.models.prediction import check_target
from saliency_core.photos.frame import Frame

Reduction = Literal["max", "mean", "l2", "red", "green", "blue", "signed"]

_REDUCE: dict[Reduction, Callable[[NDArray[np.float32]], NDArray[np.float32]]] = {
    "max": lambda values: np.abs(values).max(axis=0),
    "mean": lambda values: np.abs(values).mean(axis=0),
    "l2": lambda values: np.sqrt(np.square(values).sum(axis=0)),
    "red": lambda values: np.abs(values[0]),
    "green": lambda values: np.abs(values[len(values) // 2]),
    "blue": lambda values: np.abs(values[-1]),
    "signed": lambda values: values.sum(axis=0),
}
REDUCTIONS: tuple[Reduction, ...] = tuple(_REDUCE)
MAGNITUDES: tuple[Reduction, ...] = tuple(each for each in REDUCTIONS if each != "signed")
"""Reductions that leave no sign."""


@dataclass(frozen=True, slots=True, eq=False)
class Attribution:
    """How much each pixel of a frame matters to a class, before any smoothing.

    values: f32 [side, side], in the frame's pixel grid, read-only; in the method's unit; >= 0 unless `signed`.
    target: index of the class explained.
    reduction: how the colour channels became one value.
    method: key of the method that made it.
    detail, options, share: what a caption has to say of how it was made, the options that the method read, and how
        much of its work is done, as in the explanation.
    against: index of the class whose map was taken away, see contrast(); None for a map of one class.
    """

    values: NDArray[np.float32]
    target: int
    reduction: Reduction
    method: str = DEFAULT_METHOD
    detail: str = ""
    options: Options = DEFAULT_OPTIONS
    share: float = 1.0
    against: int | None = None

    @property
    def signed(self) -> bool:
        """Whether values below zero have a meaning: they speak against the class, or for the one taken away."""
        return self.reduction == "signed" or self.against is not None


def explain(
    classifier: Classifier,
    frame: Frame,
    target: int | None = None,
    method: str = DEFAULT_METHOD,
    options: Options = DEFAULT_OPTIONS,
) -> Explanation:
    """What the classifier says of a frame, and what a method says of why.

    target: index of a class; None for the best guess.

    Raises RequestError for what is no frame of the classifier's size, a target the model does not have, an unknown
    method or one that this model has nothing for, SaliencyError where the method gives no finite values.
    """
    *_, whole = explanation_stages(classifier, frame, target, method, options)
    return whole


def explanation_stages(
    classifier: Classifier,
    frame: Frame,
    target: int | None = None,
    method: str = DEFAULT_METHOD,
    options: Options = DEFAULT_OPTIONS,
) -> Iterator[Explanation]:
    """explain() step by step: what there is so far, and at last the whole; of a short method, only that.

    Raises RequestError and SaliencyError where explain() does.
    """
    check_frame(classifier, frame)
    if target is not None:
        target = check_target(target, len(classifier.categories))
    chosen = find_method(method)
    own = chosen.own(options)
    for stage in chosen.explain(classifier, frame, target, own):
        if not np.isfinite(stage.values).all():
            raise SaliencyError(
                f"{classifier.title} gives no finite values for this photo by the method {chosen.title}, "
                "so there is no map to show. Try another photo, method or model."
            )
        stage.values.setflags(write=False)
        yield replace(stage, options=own)


def reduce_channels(explanation: Explanation, reduction: Reduction = "max") -> Attribution:
    """One value per pixel from an explanation: of the channels' magnitudes, the largest ("max", as in the
    gradient's paper), the "mean", the Euclidean norm ("l2"), or one of them; or the channels' sum with its sign
    ("signed"), for methods whose sign has a meaning. Of a single channel, all but the last give its magnitude.

    Raises RequestError for any other reduction.
    """
    reduction = one_of(reduction, "channel reduction", REDUCTIONS)
    values = _REDUCE[reduction](explanation.values)
    values.setflags(write=False)
    return Attribution(
        values,
        explanation.target,
        reduction,
        explanation.method,
        explanation.detail,
        explanation.options,
        explanation.share,
    )


def fit_reduction(method: str, chosen: Reduction = "max") -> Reduction:
    """The reduction that suits a method: with its sign where that has a meaning; the chosen one where it tells colours
    apart; else "max", since of a single channel there is nothing to choose.

    Raises RequestError if there is no such method.
    """
    found = find_method(method)
    if found.signed:
        return "signed"
    return chosen if found.per_channel else "max"


def attribute(
    classifier: Classifier,
    frame: Frame,
    target: int | None = None,
    method: str = DEFAULT_METHOD,
    reduction: Reduction = "max",
    options: Options = DEFAULT_OPTIONS,
) -> Attribution:
    """How much each pixel of a frame matters to a class: explain() followed by reduce_channels().

    Raises RequestError and SaliencyError where they do.
    """
    return reduce_channels(explain(classifier, frame, target, method, options), reduction)
