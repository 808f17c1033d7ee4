"""The masking experiment: hide regions, keep only them, and compare with hiding random ones."""

from collections.abc import Callable, Generator, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from saliency_core.checks import check_seed
from saliency_core.engine.engine import HiddenFrames
from saliency_core.errors import RequestError
from saliency_core.masking.placements import check_count, photo_area, place_controls
from saliency_core.masking.verdict import Evidence, Finding, Verdict, is_decided, judge
from saliency_core.methods.attribution import Attribution, explain, reduce_channels
from saliency_core.methods.measures import relevance_mass
from saliency_core.methods.method import Explanation
from saliency_core.models.classifier import Classifier, check_frame, classify_all
from saliency_core.models.prediction import Prediction, check_target, make_prediction
from saliency_core.photos.fills import FILLS, Fill, check_fill, fill_pixels, hide, keep_only
from saliency_core.photos.frame import Frame
from saliency_core.photos.regions import Placement, Region, as_placement, covered

BATCH = 8
"""Hidden frames that go through the model at once. Of the sizes measured 16 gains little more, 4 takes a tenth
longer, and others wait for their turn meanwhile."""

Result = TypeVar("Result")
Ask = Callable[[Hashable, Callable[[], Result]], Result]
"""How a step that runs the model is done: from the step's name, unique within an experiment, and what makes its
result, to the result. A caller may wait for its turn, or return what it has kept under that name."""


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A frame, what the model says of it, and where the target's score reacts to it."""

    frame: Frame
    prediction: Prediction
    attribution: Attribution


@dataclass(frozen=True, slots=True, eq=False)
class Views:
    """The photo as it is, with the regions hidden, and with only the regions left."""

    original: View
    hidden: View
    kept: View


@dataclass(frozen=True, slots=True, eq=False)
class ControlsSoFar:
    """How far the random placements have been hidden.

    fill: what they are hidden with.
    probabilities: the target's, f32 [done].
    count: how many placements there are in all.
    """

    fill: Fill
    probabilities: NDArray[np.float32]
    count: int

    @property
    def share(self) -> float:
        """The share done, in [0, 1]."""
        return len(self.probabilities) / self.count if self.count else 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Experiment:
    """Everything a masking experiment found under one fill.

    target: index of the class in question, the same in every part.
    n_controls: how many random placements were asked for.
    placements, control_probabilities: the random regions hidden instead, fewer where there are no more to be
        found, and the target's probability under each, f32 [placements].
    relevance_mass: of the original's map in the regions, by relevance_mass(); area_share: the share of the
        frame that the regions cover, which is what a map that is the same everywhere would score.
    """

    regions: tuple[Region, ...]
    fill: Fill
    seed: int
    target: int
    views: Views
    n_controls: int
    placements: tuple[Placement, ...]
    control_probabilities: NDArray[np.float32]
    relevance_mass: float
    area_share: float
    verdict: Verdict


@dataclass(frozen=True, slots=True, eq=False)
class ComparedFill:
    """What the same experiment finds under another fill: the answers and the finding, without maps."""

    fill: Fill
    hidden: Prediction
    kept: Prediction
    finding: Finding


Stage = Views | ControlsSoFar | Experiment | ComparedFill
"""What experiment_stages() yields."""


class _Controls:
    """The target's probability with placements hidden in one frame; what all share is computed once, and only
    when it is asked for."""

    def __init__(self, classifier: Classifier, frame: Frame, target: int, seed: int) -> None:
        self._classifier, self._frame, self._target, self._seed = classifier, frame, target, seed

    @cached_property
    def _hidden(self) -> HiddenFrames:
        return self._classifier.engine.hide_in(self._frame.pixels)

    def probabilities(self, fill: Fill, placements: Sequence[Placement]) -> NDArray[np.float32]:
        """f32 [placements]."""
        logits = self._hidden.logits(fill_pixels(self._frame, fill, self._seed), placements)
        categories = self._classifier.categories
        return np.array([make_prediction(row, categories).probabilities[self._target] for row in logits], np.float32)


def _do(_step: Hashable, make: Callable[[], Result]) -> Result:
    return make()


def make_view(frame: Frame, explanation: Explanation) -> View:
    """A view of a frame that has been explained; channels by their largest magnitude."""
    return View(frame, explanation.prediction, reduce_channels(explanation))


def experiment_stages(
    classifier: Classifier,
    frame: Frame,
    regions: Iterable[Region] | Region,
    fill: Fill = "black",
    target: int | None = None,
    n_controls: int = 64,
    seed: int = 0,
    compared: Sequence[Fill] = (),
    original: View | None = None,
    ask: Ask = _do,  # type: ignore[type-arg]
    placements: Iterable[Placement] | None = None,
) -> Iterator[Stage]:
    """A masking experiment step by step: the Views; ControlsSoFar after each batch of random placements; the
    Experiment with its verdict; then a ComparedFill for each other fill of `compared`.

    target: the class in question; None for the original's best guess.
    original: the view of the unchanged frame, where the caller has it already; it settles the target.
    ask: how a step that runs the model is done.
    placements: the places to hide instead, where they are known, as from a record; None to draw them from the seed.

    Under the fills that are only compared, random placements are hidden only until the finding is settled: it
    may not depend on them, or so many may take as much that the rest cannot change it. The finding is that of
    all placements (curtailed sampling, Besag & Clifford 1991, doi:10.1093/biomet/78.2.301).

    Raises RequestError if there is no region, or a region, fill, target, seed or number of controls is impossible.
    """
    check_frame(classifier, frame)
    regions = _check_placement(frame, regions)
    fill, compared = check_fill(fill), [check_fill(other) for other in compared]
    seed, n_controls = check_seed(seed), check_count(n_controls)
    if placements is None:
        places: tuple[Placement, ...] = place_controls(frame.side, regions, n_controls, seed, photo_area(frame))
    else:
        places = tuple(_check_placement(frame, placement) for placement in placements)
    whole: View = original or ask("original", lambda: make_view(frame, explain(classifier, frame, target)))
    index, method = whole.attribution.target, whole.attribution.method

    def see_hidden() -> Views:
        frames = hide(frame, regions, fill, seed), keep_only(frame, regions, fill, seed)
        hidden, kept = (make_view(each, explain(classifier, each, index, method)) for each in frames)
        return Views(whole, hidden, kept)

    views: Views = ask(("views", fill), see_hidden)
    yield views

    controls = _Controls(classifier, frame, index, seed)
    probabilities = yield from _hide_controls(controls, fill, places, ask)
    yield _conclude(regions, fill, seed, views, n_controls, places, probabilities)

    others = tuple(other for other in compared if other != fill)
    if not others:
        return

    def answer_others() -> tuple[Prediction, ...]:
        frames = [change(frame, regions, other, seed) for other in others for change in (hide, keep_only)]
        return classify_all(classifier, frames)

    answers: tuple[Prediction, ...] = ask(("compared", others), answer_others)
    before = float(whole.prediction.probabilities[index])
    for other, hidden, kept in zip(others, answers[::2], answers[1::2], strict=True):
        shares = before, float(hidden.probabilities[index]), float(kept.probabilities[index])

        def is_settled(found: NDArray[np.float32], shares: tuple[float, float, float] = shares) -> bool:
            return is_decided(Evidence(*shares, found.tolist()), len(places))

        probabilities = yield from _hide_controls(controls, other, places, ask, is_settled)
        yield ComparedFill(other, hidden, kept, judge(Evidence(*shares, probabilities.tolist())).finding)


def _check_placement(frame: Frame, regions: Iterable[Region] | Region) -> Placement:
    placement = as_placement(regions)
    if not placement:
        raise RequestError("There is no region. Draw at least one.")
    covered(frame.side, placement)
    return placement


def _hide_controls(
    controls: _Controls,
    fill: Fill,
    placements: Sequence[Placement],
    ask: Ask,  # type: ignore[type-arg]
    is_settled: Callable[[NDArray[np.float32]], bool] = lambda _: False,
) -> Generator[ControlsSoFar, None, NDArray[np.float32]]:
    """Yields after each batch; returns the target's probability under each placement hidden until it is settled."""
    found = np.empty(0, np.float32)
    for start in range(0, len(placements), BATCH):
        if is_settled(found):
            break
        batch = tuple(placements[start : start + BATCH])
        more: NDArray[np.float32] = ask(("controls", fill, batch), partial(controls.probabilities, fill, batch))
        found = np.concatenate([found, more])
        yield ControlsSoFar(fill, found, len(placements))
    return found


def _conclude(
    regions: tuple[Region, ...],
    fill: Fill,
    seed: int,
    views: Views,
    n_controls: int,
    placements: tuple[Placement, ...],
    control_probabilities: NDArray[np.float32],
) -> Experiment:
    saliency = views.original.attribution
    return Experiment(
        regions=regions,
        fill=fill,
        seed=seed,
        target=saliency.target,
        views=views,
        n_controls=n_controls,
        placements=placements,
        control_probabilities=control_probabilities,
        relevance_mass=relevance_mass(saliency.values, regions),
        area_share=float(covered(views.original.frame.side, regions).mean()),
        verdict=judge(_evidence(views, control_probabilities)),
    )


def _evidence(views: Views, control_probabilities: NDArray[np.float32]) -> Evidence:
    target = views.original.attribution.target
    original, hidden, kept = (
        float(view.prediction.probabilities[target]) for view in (views.original, views.hidden, views.kept)
    )
    return Evidence(original, hidden, kept, control_probabilities.tolist())


def evidence(experiment: Experiment) -> Evidence:
    """The numbers that an experiment's verdict rests on."""
    return _evidence(experiment.views, experiment.control_probabilities)


def run_experiment(
    classifier: Classifier,
    frame: Frame,
    regions: Iterable[Region] | Region,
    fill: Fill = "black",
    target: int | None = None,
    n_controls: int = 64,
    seed: int = 0,
    progress: Callable[[float], object] | None = None,
) -> Experiment:
    """Hide the regions, keep only them, hide `n_controls` random ones instead, and judge.

    target: the class in question; None for the original's best guess.
    seed: of the noise fill and of the random placements; the same seed gives the same result.
    progress: called with the share of the controls done, in [0, 1].

    Raises RequestError where experiment_stages() does.
    """
    for stage in experiment_stages(classifier, frame, regions, fill, target, n_controls, seed):
        if isinstance(stage, ControlsSoFar) and progress is not None:
            progress(stage.share)
        if isinstance(stage, Experiment):
            return stage
    raise AssertionError("the stages end with an experiment")


def run_controls(
    classifier: Classifier,
    frame: Frame,
    placements: Sequence[Placement],
    fill: Fill,
    target: int,
    seed: int = 0,
) -> NDArray[np.float32]:
    """The target's probability with each placement hidden, f32 [placements].

    Raises RequestError for an unknown fill, or an impossible region, target or seed.
    """
    check_frame(classifier, frame)
    target = check_target(target, len(classifier.categories))
    found = np.empty(0, np.float32)
    for so_far in _hide_controls(_Controls(classifier, frame, target, seed), fill, placements, _do):
        found = so_far.probabilities
    return found


def compare_fills(
    classifier: Classifier,
    frame: Frame,
    regions: Iterable[Region] | Region,
    target: int | None = None,
    n_controls: int = 64,
    seed: int = 0,
) -> dict[Fill, ComparedFill]:
    """The same experiment under every fill: a finding that changes with the fill is one about the fill, not
    about the region.

    Raises RequestError where run_experiment() does.
    """
    stages = experiment_stages(classifier, frame, regions, FILLS[0], target, n_controls, seed, compared=FILLS)
    found = [as_compared(stage) if isinstance(stage, Experiment) else stage for stage in stages]
    return {each.fill: each for each in found if isinstance(each, ComparedFill)}


def as_compared(experiment: Experiment) -> ComparedFill:
    """An experiment as a line of the comparison of fills."""
    views = experiment.views
    return ComparedFill(experiment.fill, views.hidden.prediction, views.kept.prediction, experiment.verdict.finding)
