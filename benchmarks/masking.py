"""The masking experiment against bare forward passes, and whether both come to the same claim."""

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray

import saliency_core as core
from benchmarks.baselines import classify_barely, make_pass
from benchmarks.measure import Effort, Entry, Variant, compare, single
from benchmarks.models import ModelPair, load_pairs
from benchmarks.photos import HALF, REGION, read_sample
from saliency_core.masking.claims import find_claim
from saliency_core.masking.controls import run_controls
from saliency_core.masking.effects import Evidence
from saliency_core.masking.experiment import make_view
from saliency_core.masking.placements import place_controls
from saliency_core.photos.regions import Placement

CONTROLS = 59
QUICK_CONTROLS = 2
AT_ONCE = 8
"""Frames of a batch in the batched baseline."""


def measure_masking(effort: Effort) -> Iterator[Entry]:
    """59 random places hidden and kept, and a whole experiment, against bare passes over the same frames."""
    for pair in load_pairs():
        yield from _measure_masking(pair, effort.for_long(), QUICK_CONTROLS if effort.quick else CONTROLS)


def _measure_masking(pair: ModelPair, effort: Effort, count: int) -> Iterator[Entry]:
    classifier, stock = pair.ours, pair.stock
    frame = core.frame_photo(core.decode_photo(read_sample()), classifier)
    target = core.classify(classifier, frame).top(1)[0].index
    inputs = _change_controls(classifier, frame, REGION, count)[1]
    views = _normalise([frame, core.hide(frame, [REGION]), core.keep_only(frame, [REGION])], classifier)
    passes = [make_pass(stock, view[None], target) for view in views]

    def experiment_barely() -> None:
        classify_barely(stock, views, 1)
        for run in passes:
            run()
        classify_barely(stock, inputs, 1)

    for region, size in ((REGION, "a seventh"), (HALF, "half")):
        placements, changed = _change_controls(classifier, frame, region, count)
        yield from compare(
            "masking",
            f"{count} places of {size} of the frame, {pair.title}",
            {
                "ours": Variant(partial(run_controls, classifier, frame, placements, "black", target)),
                "floor, singly": Variant(
                    partial(classify_barely, stock, changed, 1),
                    "a bare forward pass of the stock model for each place hidden and for each kept",
                ),
                "floor, batched": Variant(
                    partial(classify_barely, stock, changed, AT_ONCE), f"the same, {AT_ONCE} frames at once"
                ),
            },
            effort,
        )
    whole = f"whole experiment, {count} places, {pair.title}"
    yield from compare(
        "masking",
        whole,
        {
            "ours": Variant(lambda: core.run_experiment(classifier, frame, [REGION], n_controls=count)),
            "floor, singly": Variant(
                experiment_barely, "bare passes of the stock model: 3 predictions, 3 gradients, 2 a place"
            ),
        },
        effort,
    )
    known = make_view(frame, core.explain(classifier, frame, target))

    def all_fills() -> None:
        for _ in core.experiment_stages(
            classifier, frame, [REGION], target=target, n_controls=count, compared=core.FILLS, original=known
        ):
            pass

    def all_fills_in_full() -> None:
        for fill in core.FILLS:
            core.run_experiment(classifier, frame, [REGION], fill, target, count)

    yield from compare(
        "masking",
        f"a new region under every fill, {count} places, {pair.title}",
        {
            "ours": Variant(all_fills),
            "in full": Variant(
                all_fills_in_full,
                "an experiment of its own under each fill: every view explained, every place hidden and kept",
            ),
        },
        effort,
    )
    experiment = core.run_experiment(classifier, frame, [REGION], n_controls=count)
    ours = experiment.evidence
    original, hidden, kept = _probabilities(stock, views, target).tolist()
    controls = _probabilities(stock, inputs, target).tolist()
    theirs = Evidence(original, hidden, kept, controls[:count], controls[count:])
    apart = np.abs(np.subtract(_numbers(ours), _numbers(theirs)))
    same = find_claim(ours) is find_claim(theirs)
    yield Entry(
        "masking",
        whole,
        "largest difference, probability",
        "",
        single(float(apart.max())),
        note=f"{'the same claim as' if same else 'ANOTHER claim than'} the stock model's: "
        f"{experiment.verdict.claim.value}",
    )


def _change_controls(
    classifier: core.Classifier, frame: core.Frame, region: core.Region, count: int
) -> tuple[Sequence[Placement], torch.Tensor]:
    """Random places for a region, and the model's input f32 [2 count, 3, side, side] with each hidden, then kept."""
    placements = place_controls(frame.side, [region], count)
    frames = [change(frame, placement) for change in (core.hide, core.keep_only) for placement in placements]
    return placements, _normalise(frames, classifier)


def _normalise(frames: list[core.Frame], classifier: core.Classifier) -> torch.Tensor:
    return classifier.engine.inputs(np.stack([frame.pixels for frame in frames])).contiguous()


def _probabilities(module: torch.nn.Module, inputs: torch.Tensor, target: int) -> NDArray[np.float64]:
    shares: NDArray[np.float64] = classify_barely(module, inputs, 1).double().softmax(dim=1)[:, target].numpy()
    return shares


def _numbers(evidence: Evidence) -> list[float]:
    return [evidence.original, evidence.hidden, evidence.kept, *evidence.controls_hidden, *evidence.controls_kept]
