"""The masking experiment: hide regions, keep only them, and compare both with random places."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from saliency_core.checks import check_seed
from saliency_core.errors import RequestError
from saliency_core.masking.claims import Claim, find_claim, is_decided
from saliency_core.masking.controls import Ask, Controls, ControlsSoFar, Places, ask_controls, do_at_once
from saliency_core.masking.effects import Evidence
from saliency_core.masking.placements import N_CONTROLS, check_count, mean_overlap, photo_area, place_controls
from saliency_core.masking.sentences import Declared, Part, check_declared
from saliency_core.masking.verdict import Verdict, judge
from saliency_core.methods.attribution import Attribution, explain, fit_reduction, reduce_channels
from saliency_core.methods.measures import relevance_mass
from saliency_core.methods.method import Explanation
from saliency_core.models.classifier import Classifier, check_frame, classify, classify_all
from saliency_core.models.prediction import Prediction
from saliency_core.photos.fills import FILLS, Fill, check_fill, fill_pixels, hide, keep_only
from saliency_core.photos.frame import Frame
from saliency_core.photos.regions import Placement, Region, as_placement, covered
from saliency_core.text import cut, percent


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A frame, what the model says of it, and where the target's score reacts to it."""

    frame: Frame
    prediction: Prediction
    attribution: Attribution


@dataclass(frozen=True, slots=True, eq=False)
class Views:
    """The photo as it is, with the regions hidden, and with only the regions left; and what the model says of
    neither, a frame of nothing but the fill."""

    original: View
    hidden: View
    kept: View
    blank: Prediction


@dataclass(frozen=True, slots=True, eq=False)
class Experiment:
    """Everything a masking experiment found under one fill.

    declared: what the person says the regions are; from_map: whether they were taken from a map.
    target: index of the class in question, the same in every part.
    n_controls: how many random places were asked for.
    placements, controls: the random places, fewer where there is no room for them, and what the model says there.
    relevance_mass: of the original's map in the regions, by relevance_mass(); area_share: the share of the
        frame that the regions cover, which is what a map that is the same everywhere would score.
    """

    regions: tuple[Region, ...]
    declared: Declared
    from_map: bool
    fill: Fill
    seed: int
    target: int
    views: Views
    n_controls: int
    placements: tuple[Placement, ...]
    controls: Controls
    relevance_mass: float
    area_share: float
    verdict: Verdict

    @property
    def evidence(self) -> Evidence:
        """The numbers that the verdict rests on."""
        return _evidence(self.views, self.controls)


@dataclass(frozen=True, slots=True, eq=False)
class ComparedFill:
    """What the same experiment finds under another fill: the answers and the claim, without maps."""

    fill: Fill
    hidden: Prediction
    kept: Prediction
    claim: Claim


Stage = Views | ControlsSoFar | Experiment | ComparedFill
"""What experiment_stages() yields."""


def make_view(frame: Frame, explanation: Explanation) -> View:
    """A view of a frame that has been explained; channels by their largest magnitude, or with the method's sign."""
    return View(frame, explanation.prediction, reduce_channels(explanation, fit_reduction(explanation.method)))


def experiment_stages(
    classifier: Classifier,
    frame: Frame,
    regions: Iterable[Region] | Region,
    fill: Fill = "black",
    target: int | None = None,
    n_controls: int = N_CONTROLS,
    seed: int = 0,
    compared: Sequence[Fill] = (),
    declared: Declared = "other",
    from_map: bool = False,
    original: View | None = None,
    ask: Ask = do_at_once,  # type: ignore[type-arg]
    placements: Iterable[Placement] | None = None,
) -> Iterator[Stage]:
    """A masking experiment step by step: the Views; ControlsSoFar after each batch of random places; the
    Experiment with its verdict; then a ComparedFill for each other fill of `compared`.

    target: the class in question; None for the original's best guess.
    declared: what the regions are: "object", "part" (of it) or "other"; the verdict's sentence depends on it,
        the numbers do not. from_map: whether they were taken from a map.
    original: the view of the unchanged frame, where the caller has it already; it settles the target, and the method
        and options of the other views' maps.
    ask: how a step that runs the model is done.
    placements: the places to compare with, where they are known, as from a record; None to draw them from the seed.

    Under the fills that are only compared, random places are asked about only until the claim is settled: it
    may not depend on them, or so many may do as much that the rest cannot change it. The claim is that of
    all places (curtailed sampling, Besag & Clifford 1991, doi:10.1093/biomet/78.2.301).

    Raises RequestError if there is no region, or a region, fill, target, seed or number of controls is impossible.
    """
    check_frame(classifier, frame)
    regions = _check_placement(frame, regions)
    fill, compared = check_fill(fill), [check_fill(other) for other in compared]
    seed, n_controls, declared = check_seed(seed), check_count(n_controls), check_declared(declared)
    if placements is None:
        places: tuple[Placement, ...] = place_controls(frame.side, regions, n_controls, seed, photo_area(frame))
    else:
        places = tuple(_check_placement(frame, placement) for placement in placements)
    whole: View = original or ask("original", lambda: make_view(frame, explain(classifier, frame, target)))
    index, method, options = whole.attribution.target, whole.attribution.method, whole.attribution.options

    def see_hidden() -> Views:
        frames = hide(frame, regions, fill, seed), keep_only(frame, regions, fill, seed)
        hidden, kept = (make_view(each, explain(classifier, each, index, method, options)) for each in frames)
        blank = replace(frame, pixels=fill_pixels(frame, fill, seed))
        return Views(whole, hidden, kept, classify(classifier, blank))

    views: Views = ask(("views", fill), see_hidden)
    yield views

    asked = Places(classifier, frame, index, seed)
    controls = yield from ask_controls(asked, fill, places, ask)
    yield _conclude(regions, declared, from_map, fill, seed, views, n_controls, places, controls)

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

        def is_settled(found: Controls, shares: tuple[float, float, float] = shares) -> bool:
            return is_decided(_as_evidence(shares, found), len(places))

        controls = yield from ask_controls(asked, other, places, ask, is_settled)
        yield ComparedFill(other, hidden, kept, find_claim(_as_evidence(shares, controls)))


def _check_placement(frame: Frame, regions: Iterable[Region] | Region) -> Placement:
    placement = as_placement(regions)
    if not placement:
        raise RequestError("There is no region. Draw at least one.")
    covered(frame.side, placement)
    return placement


def _conclude(
    regions: tuple[Region, ...],
    declared: Declared,
    from_map: bool,
    fill: Fill,
    seed: int,
    views: Views,
    n_controls: int,
    placements: tuple[Placement, ...],
    controls: Controls,
) -> Experiment:
    saliency, side = views.original.attribution, views.original.frame.side
    area_share = float(covered(side, regions).mean())
    original = views.original.prediction
    label, (best,) = original.categories[saliency.target], original.top(1)
    said = "" if original.rank(saliency.target) == 1 else f"“{cut(best.label)}” ({percent(best.probability)})"
    overlap = mean_overlap(side, regions, placements)
    stays_best = all(view.prediction.rank(saliency.target) == 1 for view in (views.original, views.hidden))
    part = Part(cut(label), declared, area_share, overlap, from_map, stays_best, said)
    return Experiment(
        regions=regions,
        declared=declared,
        from_map=from_map,
        fill=fill,
        seed=seed,
        target=saliency.target,
        views=views,
        n_controls=n_controls,
        placements=placements,
        controls=controls,
        relevance_mass=relevance_mass(saliency.values, regions),
        area_share=area_share,
        verdict=judge(_evidence(views, controls), part),
    )


def _as_evidence(shares: tuple[float, float, float], controls: Controls) -> Evidence:
    return Evidence(*shares, controls.hidden.tolist(), controls.kept.tolist())


def _evidence(views: Views, controls: Controls) -> Evidence:
    target = views.original.attribution.target
    original, hidden, kept = (
        float(view.prediction.probabilities[target]) for view in (views.original, views.hidden, views.kept)
    )
    return _as_evidence((original, hidden, kept), controls)


def run_experiment(
    classifier: Classifier,
    frame: Frame,
    regions: Iterable[Region] | Region,
    fill: Fill = "black",
    target: int | None = None,
    n_controls: int = N_CONTROLS,
    seed: int = 0,
    progress: Callable[[float], object] | None = None,
    declared: Declared = "other",
) -> Experiment:
    """Hide the regions, keep only them, do the same to `n_controls` random places of their shapes, and judge.

    target: the class in question; None for the original's best guess.
    seed: of the noise fill and of the random places; the same seed gives the same result.
    progress: called with the share of the random places done, in [0, 1].
    declared: what the regions are, "object", "part" (of it) or "other"; only of a declared object does the
        verdict's sentence say "object" and "background".

    Raises RequestError where experiment_stages() does.
    """
    for stage in experiment_stages(classifier, frame, regions, fill, target, n_controls, seed, declared=declared):
        if isinstance(stage, ControlsSoFar) and progress is not None:
            progress(stage.share)
        if isinstance(stage, Experiment):
            return stage
    raise AssertionError("the stages end with an experiment")


def compare_fills(
    classifier: Classifier,
    frame: Frame,
    regions: Iterable[Region] | Region,
    target: int | None = None,
    n_controls: int = N_CONTROLS,
    seed: int = 0,
) -> dict[Fill, ComparedFill]:
    """The same experiment under every fill: a claim that changes with the fill is one about the fill, not
    about the region.

    Raises RequestError where run_experiment() does.
    """
    stages = experiment_stages(classifier, frame, regions, FILLS[0], target, n_controls, seed, compared=FILLS)
    found = [as_compared(stage) if isinstance(stage, Experiment) else stage for stage in stages]
    return {each.fill: each for each in found if isinstance(each, ComparedFill)}


def as_compared(experiment: Experiment) -> ComparedFill:
    """An experiment as a line of the comparison of fills."""
    views = experiment.views
    return ComparedFill(experiment.fill, views.hidden.prediction, views.kept.prediction, experiment.verdict.claim)
