"""The parts that the tour hides, each tried as on the masking page: the same regions, random places and words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import saliency_core as core
from pages.ui import compute, masking
from pages.ui.compute import Subject
from pages.ui.regions import brightest_square
from pages.ui.shapes import on_frame, rectangle_of
from pages.ui.tour.scenes import Note, best_guess, seen, subject_of
from saliency_core.masking.claims import Claim
from saliency_core.masking.controls import ControlsSoFar
from saliency_core.masking.effects import Evidence
from saliency_core.masking.experiment import Views
from saliency_core.masking.placements import N_CONTROLS
from saliency_core.masking.sentences import Declared
from saliency_core.presentation.pictures import Picture
from saliency_core.text import begin, cut


@dataclass(frozen=True, slots=True)
class Part:
    """Something on a sample.

    box: its name in the manifest; empty for the brightest square of the map.
    name: as it stands within a sentence.
    """

    sample: str
    box: str
    name: str


BRIGHTEST = Part("cat", "", "the brightest square of the cat's map")
GUITAR = Part("guitar-drums", "guitar", "the guitar")
LEGS = Part("cameraman", "tripod legs", "the tripod's legs")
HEAD = Part("koala", "head", "the koala's head")
COFFEE = Part("espresso", "the coffee itself", "the coffee")
CUP = Part("espresso", "whole cup", "the cup")
ROCKET = Part("rocket-pad", "rocket", "the rocket")
PARTS = (BRIGHTEST, GUITAR, LEGS, HEAD, COFFEE, CUP, ROCKET)
"""All that the tour hides, in its order."""


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """A part hidden, and kept, with what the model then says.

    done: how many random places have been hidden and kept so far; experiment: the whole, once all have.
    """

    part: Part
    subject: Subject
    region: core.Region
    views: Views
    done: int = 0
    experiment: core.Experiment | None = None

    @property
    def target(self) -> int:
        """The class in question: the best guess for the photo as it is."""
        return self.views.original.attribution.target

    @property
    def label(self) -> str:
        """What it is called, as in the masking page's sentences."""
        return cut(self.subject.classifier.categories[self.target])

    @property
    def evidence(self) -> Evidence:
        """The numbers found so far; without random places until the experiment is over."""
        return self.experiment.evidence if self.experiment else evidence_of(self.views, self.target)

    @property
    def stays(self) -> bool:
        """Whether the class is still the best guess with the part hidden."""
        return self.views.hidden.prediction.rank(self.target) == 1

    @property
    def over(self) -> bool:
        """Whether all random places have been hidden and kept."""
        return self.experiment is not None

    @property
    def claim(self) -> Claim | None:
        """What was found; None before the trial is over."""
        return None if self.experiment is None else self.experiment.verdict.claim

    def hidden(self, title: str) -> Picture:
        """The photo with the part hidden."""
        return seen(self.subject, self.views.hidden, title, self.target)

    def kept(self, title: str) -> Picture:
        """Nothing but the part."""
        return seen(self.subject, self.views.kept, title, self.target)

    def note(self) -> tuple[Note, ...]:
        """The finding as the masking page tells it; none before the experiment is over."""
        if self.experiment is None:
            return ()
        verdict = self.experiment.verdict
        text = " ".join((verdict.sentence, *verdict.limits))
        return (Note(f"{begin(self.part.name)}: {verdict.claim.value}.", text),)

    def tell_progress(self) -> str:
        """How far the comparison with random places has come."""
        return f"Comparing with random places: {self.done} of {N_CONTROLS} …"


Trials = tuple[Trial | None, ...]


def region_of(subject: Subject, part: Part) -> core.Region | None:
    """Where a part lies on the frame; None where it is cropped away."""
    if not part.box:
        return brightest_square(subject, best_guess(subject))
    return on_frame(
        rectangle_of(next(box for box in subject.source.boxes if box.what == part.box)), compute.frame(subject)
    )


def follow(classifier: core.Classifier, parts: Sequence[Part]) -> Iterator[Trials]:
    """Trials of some parts: first with their views alone, then as random places are hidden and kept, then with their
    experiments. None for a part that the model does not see."""
    running = [_try(subject_of(classifier, part.sample), part) for part in parts]
    trials = [next(each) for each in running]
    yield tuple(trials)
    for index, each in enumerate(running):
        for trials[index] in each:
            yield tuple(trials)


def evidence_of(views: Views, target: int) -> Evidence:
    """A class's probabilities in the three views, not compared with random places."""
    original, hidden, kept = (
        float(view.prediction.probabilities[target]) for view in (views.original, views.hidden, views.kept)
    )
    return Evidence(original, hidden, kept, (), ())


def tell_cropped(part: Part) -> str:
    """Why a part cannot be hidden."""
    return f"The model does not see {part.name} here: it is cropped away. Fit the photo another way to try it."


def _try(subject: Subject, part: Part) -> Iterator[Trial | None]:
    region = region_of(subject, part)
    if region is None:
        yield None
        return
    boxes = subject.source.boxes
    declared: Declared = next((box.declared for box in boxes if box.what == part.box), "other")
    stages = masking.experiment(
        subject,
        (region,),
        "black",
        best_guess(subject),
        0,
        N_CONTROLS,
        declared=declared,
        from_map=not part.box,
    )
    trial = None
    for stage in stages:
        if isinstance(stage, Views):
            trial = Trial(part, subject, region, stage)
        elif trial is not None and isinstance(stage, ControlsSoFar):
            trial = replace(trial, done=len(stage.controls))
        elif trial is not None and isinstance(stage, core.Experiment):
            trial = replace(trial, experiment=stage)
        yield trial
