"""What a model says of a frame: scores, probabilities and the best guesses."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from saliency_core.checks import as_whole, show, whole_number
from saliency_core.errors import RequestError


@dataclass(frozen=True, slots=True)
class Guess:
    """One class with the probability that the model gives it, in [0, 1]."""

    index: int
    label: str
    probability: float


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Prediction:
    """A model's answer for one frame.

    logits: f32 [classes], the raw scores.
    probabilities: f32 [classes], softmax of the logits; they sum to 1.
    categories: the classes' names, in the same order.
    """

    logits: NDArray[np.float32]
    probabilities: NDArray[np.float32]
    categories: Sequence[str]

    def __repr__(self) -> str:
        best = ", ".join(f"{guess.label} {guess.probability:.3f}" for guess in self.top(3))
        return f"<Prediction: {best}, of {len(self.categories)} classes>"

    def top(self, k: int = 5) -> tuple[Guess, ...]:
        """The k most probable classes, best first; all of them if there are fewer.

        Raises RequestError unless k is a whole number from 0 up.
        """
        k = whole_number(k, "How many classes are asked for", 0)
        order = np.argsort(-self.probabilities, kind="stable")[:k]
        return tuple(self.guess(int(index)) for index in order)

    def guess(self, index: int) -> Guess:
        """The class at `index` with its probability.

        Raises RequestError for an index outside the model's classes.
        """
        index = check_target(index, len(self.categories))
        return Guess(index, self.categories[index], float(self.probabilities[index]))

    def best(self, asked: int | None = None) -> int:
        """The class asked for, or the index of the best guess if none is."""
        return int(self.probabilities.argmax()) if asked is None else asked

    def rank(self, index: int) -> int:
        """Place of a class among all, 1 for the most probable.

        Raises RequestError for an index outside the model's classes.
        """
        index = check_target(index, len(self.categories))
        return 1 + int(np.count_nonzero(self.probabilities > self.probabilities[index]))


def make_prediction(logits: NDArray[np.float32], categories: Sequence[str]) -> Prediction:
    """A prediction from one row of logits, f32 [classes]; softmax is taken in double precision."""
    shifted = logits.astype(np.float64) - float(logits.max())
    powers = np.exp(shifted)
    probabilities = (powers / powers.sum()).astype(np.float32)
    for array in (logits, probabilities):
        array.setflags(write=False)
    return Prediction(logits, probabilities, categories)


def check_target(target: int, classes: int) -> int:
    """A class's index as a plain int, NumPy's integers among what is taken.

    Raises RequestError unless it is the index of one of `classes` classes.
    """
    index = as_whole(target)
    if index is None:
        raise RequestError(
            f"A class is given by its index, a whole number, not by {show(target)}; "
            "it is the place of its name among the classifier's categories."
        )
    if not 0 <= index < classes:
        raise RequestError(f"There is no class {index}; the model has classes 0 to {classes - 1}.")
    return index
