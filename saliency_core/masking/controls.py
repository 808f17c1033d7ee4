"""What a model says of random places: each hidden, and only each left."""

from collections.abc import Callable, Generator, Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from saliency_core.engine.engine import HiddenFrames
from saliency_core.models.classifier import Classifier, check_frame
from saliency_core.models.prediction import Prediction, check_target, make_prediction
from saliency_core.photos.fills import Fill, fill_pixels
from saliency_core.photos.frame import Frame
from saliency_core.photos.regions import Placement

BATCH = 8
"""Hidden frames that go through the model at once. Of the sizes measured 16 gains little more, 4 takes a tenth
longer, and others wait for their turn meanwhile."""

Result = TypeVar("Result")
Ask = Callable[[Hashable, Callable[[], Result]], Result]
"""How a step that runs the model is done: from the step's name, unique within an experiment, and what makes its
result, to the result. A caller may wait for its turn, or return what it has kept under that name."""


@dataclass(frozen=True, slots=True, eq=False)
class Controls:
    """The target's probability at random places, f32 [places], in their order: each hidden, and only each left."""

    hidden: NDArray[np.float32]
    kept: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.hidden)

    def __add__(self, more: "Controls") -> "Controls":
        return Controls(np.concatenate([self.hidden, more.hidden]), np.concatenate([self.kept, more.kept]))


NO_CONTROLS = Controls(np.empty(0, np.float32), np.empty(0, np.float32))


@dataclass(frozen=True, slots=True, eq=False)
class ControlsSoFar:
    """How far the random places have been hidden and kept.

    fill: what hidden pixels become.
    controls: those done; count: how many places there are in all.
    """

    fill: Fill
    controls: Controls
    count: int

    @property
    def share(self) -> float:
        """The share done, in [0, 1]."""
        return len(self.controls) / self.count if self.count else 1.0


class Places:
    """What the model says of one frame with places hidden, and with only places left; what all passes share is
    computed once, and only when it is asked for."""

    def __init__(self, classifier: Classifier, frame: Frame, target: int, seed: int) -> None:
        self._classifier, self._frame, self._target, self._seed = classifier, frame, target, seed
        self._blank: tuple[Fill, HiddenFrames] | None = None

    @cached_property
    def _photo(self) -> HiddenFrames:
        return self._classifier.engine.hide_in(self._frame.pixels)

    def _fill(self, fill: Fill) -> HiddenFrames:
        if self._blank is None or self._blank[0] != fill:
            self._blank = fill, self._classifier.engine.hide_in(fill_pixels(self._frame, fill, self._seed))
        return self._blank[1]

    def ask(self, fill: Fill, placements: Sequence[Placement]) -> Controls:
        """The target's probability for each placement."""
        return Controls(*(self._probabilities(answers) for answers in self.answers(fill, placements)))

    def answers(
        self, fill: Fill, placements: Sequence[Placement]
    ) -> tuple[tuple[Prediction, ...], tuple[Prediction, ...]]:
        """What the model says with each placement hidden, and with only each left."""
        hidden = self._photo.logits(fill_pixels(self._frame, fill, self._seed), placements)
        # To keep only a place is to put it, out of the photo, into a frame of nothing but the fill.
        kept = self._fill(fill).logits(self._frame.pixels, placements)
        return self._predictions(hidden), self._predictions(kept)

    def _predictions(self, logits: NDArray[np.float32]) -> tuple[Prediction, ...]:
        return tuple(make_prediction(row, self._classifier.categories) for row in logits)

    def _probabilities(self, answers: Sequence[Prediction]) -> NDArray[np.float32]:
        return np.array([answer.probabilities[self._target] for answer in answers], np.float32)


def do_at_once(_step: Hashable, make: Callable[[], Result]) -> Result:
    """The plainest way to do a step."""
    return make()


def ask_controls(
    places: Places,
    fill: Fill,
    placements: Sequence[Placement],
    ask: Ask,  # type: ignore[type-arg]
    is_settled: Callable[[Controls], bool] = lambda _: False,
) -> Generator[ControlsSoFar, None, Controls]:
    """Yields after each batch; returns what the model says of each place asked about until it is settled."""
    found = NO_CONTROLS
    for start in range(0, len(placements), BATCH):
        if is_settled(found):
            break
        batch = tuple(placements[start : start + BATCH])
        more: Controls = ask(("controls", fill, batch), partial(places.ask, fill, batch))
        found += more
        yield ControlsSoFar(fill, found, len(placements))
    return found


def run_controls(
    classifier: Classifier,
    frame: Frame,
    placements: Sequence[Placement],
    fill: Fill,
    target: int,
    seed: int = 0,
) -> Controls:
    """The target's probability with each placement hidden, and with only each left.

    Raises RequestError for an unknown fill, or an impossible region, target or seed.
    """
    check_frame(classifier, frame)
    target = check_target(target, len(classifier.categories))
    found = NO_CONTROLS
    for so_far in ask_controls(Places(classifier, frame, target, seed), fill, placements, do_at_once):
        found = so_far.controls
    return found
