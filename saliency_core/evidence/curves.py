"""What becomes of an answer as a photo's pixels are removed in the order that a map gives them."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from saliency_core.checks import check_seed, number, whole_number
from saliency_core.errors import RequestError
from saliency_core.masking.controls import Ask, do_at_once
from saliency_core.models.classifier import Classifier, check_frame
from saliency_core.models.prediction import check_target, make_prediction
from saliency_core.photos.fills import Fill, check_fill, fill_pixels, paint_over
from saliency_core.photos.frame import Frame

STEPS = 14
"""Steps from the whole photo to nothing but the fill."""
BATCH = 16
"""Frames that go through the model at once."""


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """A map's pixels in two orders, i64 [side * side] each, as places in the flattened map.

    most_first: from the most to the least relevant; least_first: the other way round, but for pixels of one value:
        they are in the same random order in both, so that a map that is the same everywhere says nothing.
    """

    most_first: NDArray[np.int64]
    least_first: NDArray[np.int64]


def ranking(values: NDArray[np.float32], seed: int = 0) -> Ranking:
    """The pixels of a map, f32 [side, side], by their values; signs count.

    seed: of the order of pixels that have the same value.

    Raises RequestError for values that are not finite, or a map that is not square.
    """
    if values.ndim != 2 or values.shape[0] != values.shape[1] or not np.isfinite(values).all():
        raise RequestError("Pixels are ranked by a square map of finite values.")
    shuffled = np.random.default_rng(check_seed(seed)).permutation(values.size)
    drawn = values.ravel()[shuffled]
    rising, falling = (shuffled[np.argsort(each, kind="stable")] for each in (drawn, -drawn))
    return Ranking(falling, rising)


@dataclass(frozen=True, slots=True, eq=False)
class Curves:
    """What the model says as pixels are removed.

    shares: of the pixels removed, f64 [steps + 1], from 0 to 1.
    most_first, least_first: the target's probability, f64 [steps + 1], as the most or the least relevant pixels are
        removed first; both begin with the photo and end with nothing but the fill.
    """

    shares: NDArray[np.float64]
    most_first: NDArray[np.float64]
    least_first: NDArray[np.float64]

    @property
    def most_area(self) -> float:
        """Area below `most_first`, by the trapezoid rule, in [0, 1]."""
        return float(np.trapezoid(self.most_first, self.shares))

    @property
    def least_area(self) -> float:
        """Area below `least_first`, as `most_area`."""
        return float(np.trapezoid(self.least_first, self.shares))

    @property
    def srg(self) -> float:
        """Symmetric relevance gain, in [-1, 1]: how much longer the answer stays when the least relevant pixels go
        first than when the most relevant do (Bluecher, Vielhaben & Strodthoff 2024, arXiv:2401.06654). A map of one
        value has exactly 0, and a map's negative the negative of its gain."""
        return self.least_area - self.most_area


def removed(frame: Frame, ranked: Ranking, share: float, fill: Fill, most_first: bool = True, seed: int = 0) -> Frame:
    """The frame with a share of its pixels, in [0, 1], replaced by the fill, in the order of a ranking.

    Raises RequestError for an impossible share, fill or seed, or a ranking of another size.
    """
    order = ranked.most_first if most_first else ranked.least_first
    if order.size != frame.side**2:
        raise RequestError(f"The ranking is of {order.size} pixels, but the frame has {frame.side**2}.")
    gone = np.zeros(order.size, bool)
    gone[order[: round(number(share, "The share removed", 0, 1, "of the pixels") * order.size)]] = True
    paint = fill_pixels(frame, fill, seed)
    return paint_over(frame, gone.reshape(frame.side, frame.side), paint)


class Remover:
    """One frame whose pixels are removed under one fill. What all curves share, both ends, is asked about once.

    target: index of the class whose probability is followed.
    seed: of the noise fill.
    ask: how a step that runs the model, on at most BATCH frames, is done.

    Raises RequestError for a frame of another size, an unknown fill, or an impossible target or seed.
    """

    def __init__(
        self,
        classifier: Classifier,
        frame: Frame,
        target: int,
        fill: Fill,
        seed: int = 0,
        ask: Ask = do_at_once,  # type: ignore[type-arg]
    ) -> None:
        check_frame(classifier, frame)
        self._classifier, self._frame = classifier, frame
        self._target = check_target(target, len(classifier.categories))
        self._fill, self._seed, self._ask = check_fill(fill), check_seed(seed), ask

    @cached_property
    def ends(self) -> tuple[float, float]:
        """The target's probability for the whole photo, and for nothing but the fill."""
        blank = replace(self._frame, pixels=fill_pixels(self._frame, self._fill, self._seed))
        shown, nothing = self._do("ends", lambda: self._probabilities([self._frame, blank]))
        return float(shown), float(nothing)

    def batches(self, steps: int = STEPS) -> int:
        """How many steps that run the model one ranking's curves take, besides the ends."""
        return 2 * -(-(whole_number(steps, "The number of steps", 2, 200) - 1) // BATCH)

    def batch(self, ranked: Ranking, steps: int, place: int, name: Hashable) -> NDArray[np.float32]:
        """The target's probability at some of a ranking's steps, the `place`-th of batches(): first all of the most
        relevant first, then those of the least relevant first, without the ends.

        name: of the ranking, by which a caller's `ask` may keep the result.
        """
        each = self.batches(steps) // 2
        most_first = place < each
        shares = _shares(steps)[1:-1][place % each * BATCH :][:BATCH]

        def make() -> NDArray[np.float32]:
            return self._probabilities(
                [removed(self._frame, ranked, share, self._fill, most_first, self._seed) for share in shares.tolist()]
            )

        return self._do(("removed", name, steps, place), make)

    def join(self, batches: list[NDArray[np.float32]], steps: int) -> Curves:
        """The curves that all batches of a ranking make."""
        first, last = self.ends
        most, least = np.split(np.concatenate(batches).astype(np.float64), 2)
        return Curves(_shares(steps), *(np.array([first, *half, last]) for half in (most, least)))

    def curves(self, ranked: Ranking, steps: int = STEPS, name: Hashable = "") -> Curves:
        """Both curves of a ranking, at once."""
        return self.join([self.batch(ranked, steps, place, name) for place in range(self.batches(steps))], steps)

    def _do(self, step: Hashable, make: Callable[[], NDArray[np.float32]]) -> NDArray[np.float32]:
        found: NDArray[np.float32] = self._ask((self._fill, step), make)
        return found

    def _probabilities(self, frames: list[Frame]) -> NDArray[np.float32]:
        logits = self._classifier.engine.logits(np.stack([frame.pixels for frame in frames]))
        answer = partial(make_prediction, categories=self._classifier.categories)
        return np.array([answer(row).probabilities[self._target] for row in logits], np.float32)


def removal_curve(
    classifier: Classifier,
    frame: Frame,
    ranked: Ranking,
    fill: Fill,
    target: int,
    steps: int = STEPS,
    seed: int = 0,
) -> Curves:
    """What the model says of a class as pixels are removed in a ranking's two orders. Of several rankings of one
    frame, a Remover's curves() asks about the ends once.

    Raises RequestError where Remover does, or for an impossible number of steps.
    """
    return Remover(classifier, frame, target, fill, seed).curves(ranked, steps)


def _shares(steps: int) -> NDArray[np.float64]:
    return np.linspace(0, 1, steps + 1)
