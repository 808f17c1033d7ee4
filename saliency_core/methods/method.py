"""What a way to a saliency map is, and what it gives."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from saliency_core.models.classifier import Classifier
from saliency_core.models.prediction import Prediction
from saliency_core.photos.frame import Frame


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """What a method says of a frame, before channels become one value.

    prediction: the model's answer for the frame.
    values: f32 [3, side, side], signed, in the frame's pixel grid, read-only.
    target: index of the class explained.
    method: key of the method.
    """

    prediction: Prediction
    values: NDArray[np.float32]
    target: int
    method: str


@dataclass(frozen=True, slots=True)
class Method:
    """One way to a saliency map: a row of the registry.

    key: its short name, in links and records.
    title: its name as the field writes it, in lower case, to stand in a caption.
    sentence: one plain sentence on what its map shows.
    unit: what a value is measured in.
    reference, url: where it was published.
    signed: whether its sign has a meaning (evidence for the class, or against it) that a map should show.
    passes: forward and backward passes that one map takes.
    needs: what it needs of the module, in words: "gradients", "a convolution to watch".
    explain: explains a frame for the class with an index, or for the best guess if that is None.
    """

    key: str
    title: str
    sentence: str
    unit: str
    reference: str
    url: str
    signed: bool
    passes: int
    needs: str
    explain: Callable[[Classifier, Frame, int | None], Explanation]
