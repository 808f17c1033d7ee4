"""The masking experiment: hide regions, keep only them, and compare with hiding random ones."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from saliency_core.attribution import Attribution, explain, reduce_channels
from saliency_core.classifier import Classifier, normalise
from saliency_core.controls import place_controls
from saliency_core.errors import RequestError
from saliency_core.frame import Frame
from saliency_core.incremental import IncrementalPass
from saliency_core.masking import FILLS, Fill, Region, covered, fill_pixels, hide, keep_only, surround
from saliency_core.prediction import Prediction, make_prediction
from saliency_core.verdict import Evidence, Verdict, judge

BATCH = 8
"""Hidden frames that go through the model at once. Of the sizes measured 16 gains little more, 4 takes a tenth
longer, and others wait for their turn meanwhile."""

Placement = tuple[Region, ...]


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A frame, what the model says of it, and where the target's score depends on it."""

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
class Experiment:
    """Everything a masking experiment found.

    target: index of the class in question, the same in every part.
    placements, controls: the random regions hidden instead, and the target's probability under
        each, f32 [placements].
    saliency_share: of the original, by share_inside(); area_share: the share of the frame that the
        regions cover, which is what a map that knows nothing would score.
    """

    regions: tuple[Region, ...]
    fill: Fill
    seed: int
    target: int
    views: Views
    placements: tuple[Placement, ...]
    controls: NDArray[np.float32]
    saliency_share: float
    area_share: float
    verdict: Verdict


def run_views(
    classifier: Classifier,
    frame: Frame,
    regions: Sequence[Region],
    fill: Fill = "black",
    target: int | None = None,
    seed: int = 0,
) -> Views:
    """The quick part of an experiment: the three frames, their predictions and attributions.

    target: the class in question; None for the original's best guess.

    Raises RequestError if there is no region, or a region, fill or target is impossible.
    """
    if not regions:
        raise RequestError("There is no region. Draw at least one.")

    def view(seen: Frame, index: int | None) -> View:
        prediction, slopes, explained = explain(classifier, seen, index)
        return View(seen, prediction, reduce_channels(slopes, explained))

    original = view(frame, target)
    index = original.attribution.target
    return Views(
        original,
        view(hide(frame, regions, fill, seed), index),
        view(keep_only(frame, regions, fill, seed), index),
    )


class HiddenPasses:
    """What a classifier says of one frame with random regions hidden; what all passes share is computed once.

    Raises RequestError for an unknown fill.
    """

    def __init__(self, classifier: Classifier, frame: Frame, fill: Fill, seed: int = 0) -> None:
        # Normalising goes pixel by pixel, so hiding after it is the same as hiding before it.
        pixels = np.stack([frame.pixels, fill_pixels(frame, fill, seed)])
        self._shown, self._paint = normalise(pixels, classifier.preset)
        self._categories = classifier.categories
        self._pass = IncrementalPass(classifier.module, self._shown[None])

    def probabilities(
        self, placements: Sequence[Placement], target: int, progress: Callable[[float], object] | None = None
    ) -> NDArray[np.float32]:
        """The target's probability with each placement hidden, f32 [placements], in batches of BATCH.

        progress: called after each batch with the share done, in [0, 1].

        Raises RequestError for an impossible region.
        """
        found: list[float] = []
        for start in range(0, len(placements), BATCH):
            logits = self._ask(placements[start : start + BATCH]).numpy()
            found += [make_prediction(each, self._categories).probabilities[target] for each in logits]
            if progress is not None:
                progress(len(found) / len(placements))
        return np.array(found, np.float32)

    def _ask(self, placements: Sequence[Placement]) -> torch.Tensor:
        """Logits f32 [placements, classes], of passes through windows as large as the largest of them needs."""
        side = self._shown.shape[1]
        boxes = [surround(placement) for placement in placements]
        height, width = max(box.height for box in boxes), max(box.width for box in boxes)
        corners = [(min(box.top, side - height), min(box.left, side - width)) for box in boxes]
        patches = []
        for placement, (top, left) in zip(placements, corners, strict=True):
            window = np.s_[..., top : top + height, left : left + width]
            inside = torch.from_numpy(covered(side, placement)[window])
            patches.append(torch.where(inside, self._paint[window], self._shown[window]))
        return self._pass(torch.stack(patches), corners)


def run_controls(
    classifier: Classifier,
    frame: Frame,
    placements: Sequence[Placement],
    fill: Fill,
    target: int,
    seed: int = 0,
) -> NDArray[np.float32]:
    """The target's probability with each placement hidden, f32 [placements].

    Raises RequestError for an unknown fill or an impossible region.
    """
    return HiddenPasses(classifier, frame, fill, seed).probabilities(placements, target)


def conclude(
    regions: Sequence[Region],
    fill: Fill,
    seed: int,
    views: Views,
    placements: Sequence[Placement],
    controls: NDArray[np.float32],
) -> Experiment:
    """An experiment from its parts, with its verdict."""
    saliency = views.original.attribution
    return Experiment(
        regions=tuple(regions),
        fill=fill,
        seed=seed,
        target=saliency.target,
        views=views,
        placements=tuple(placements),
        controls=controls,
        saliency_share=share_inside(saliency.values, regions),
        area_share=float(covered(views.original.frame.side, regions).mean()),
        verdict=judge(evidence(views, controls)),
    )


def share_inside(values: NDArray[np.float32], regions: Sequence[Region]) -> float:
    """The share of a map, f32 [side, side], that lies inside regions, in [0, 1]; 0 for a map of zeros
    (the energy-based pointing game of Wang et al. 2020, arXiv:1910.01279)."""
    total = float(values.sum())
    return float(values[covered(values.shape[0], regions)].sum()) / total if total else 0.0


def evidence(views: Views, controls: NDArray[np.float32]) -> Evidence:
    """The numbers that a verdict rests on."""
    target = views.original.attribution.target
    original, hidden, kept = (
        float(view.prediction.probabilities[target]) for view in (views.original, views.hidden, views.kept)
    )
    return Evidence(original, hidden, kept, controls.tolist())


def run_experiment(
    classifier: Classifier,
    frame: Frame,
    regions: Sequence[Region],
    fill: Fill = "black",
    target: int | None = None,
    controls: int = 64,
    seed: int = 0,
    progress: Callable[[float], object] | None = None,
) -> Experiment:
    """Hide the regions, keep only them, hide `controls` random ones instead, and judge.

    target: the class in question; None for the original's best guess.
    seed: of the noise fill and of the random placements; the same seed gives the same result.
    progress: called with the share of the controls done, in [0, 1].

    Raises RequestError if there is no region, or a region, fill or target is impossible.
    """
    views = run_views(classifier, frame, regions, fill, target, seed)
    index = views.original.attribution.target
    placements = place_controls(frame.side, regions, controls, seed)
    probabilities = HiddenPasses(classifier, frame, fill, seed).probabilities(placements, index, progress)
    return conclude(regions, fill, seed, views, placements, probabilities)


def compare_fills(
    classifier: Classifier,
    frame: Frame,
    regions: Sequence[Region],
    target: int | None = None,
    controls: int = 64,
    seed: int = 0,
) -> dict[Fill, Experiment]:
    """The same experiment under every fill: a verdict that changes with the fill is one about the
    fill, not about the region."""
    return {fill: run_experiment(classifier, frame, regions, fill, target, controls, seed) for fill in FILLS}
