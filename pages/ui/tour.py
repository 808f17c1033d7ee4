"""The guided tour's steps: what each says and shows, computed with the model in use as it is shown.

Sentences are chosen from computed values: none says that a number is large, small or changed before it has
been compared.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import saliency_core as core
from pages.ui import compute
from pages.ui.compute import Subject
from pages.ui.downloads import case_of
from pages.ui.samples import samples
from pages.ui.shapes import on_frame, rectangle_of
from saliency_core.masking.effects import Evidence
from saliency_core.masking.experiment import View, Views
from saliency_core.masking.sentences import tell_hiding, tell_hiding_by_chance
from saliency_core.methods.measures import relevance_mass
from saliency_core.models.prediction import Guess
from saliency_core.photos.regions import covered
from saliency_core.presentation.captions import CROP_MODE_CAPTIONS
from saliency_core.presentation.masking_pictures import seen_picture
from saliency_core.presentation.pictures import Picture
from saliency_core.presentation.saliency_pictures import map_picture, overlay_pictures
from saliency_core.presentation.words import tell_sureness
from saliency_core.text import percent

CONTROLS = 39
"""Random places that a hidden part is compared with."""
SIGMA = 5.0
APART = 0.05
"""A region's own class must put so much more of its map there than another class does, to be told apart."""


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """A step as shown.

    headline: a few words; sentences: at most three.
    pictures: side by side; prediction: its best classes are shown as bars beside them.
    """

    headline: str
    sentences: tuple[str, ...]
    pictures: tuple[Picture, ...]
    prediction: core.Prediction | None = None


def _tell_guess(classifier: core.Classifier) -> Scene:
    subject = _subject(classifier, "cat")
    prediction = compute.prediction(subject).prediction
    return Scene(
        "What does the machine see?",
        (
            tell_sureness(*prediction.top(2)),
            f"It has learnt {_count(len(classifier.categories))}, and always names one of them.",
            "How sure it is, is its own estimate: it can be sure and wrong.",
        ),
        (_photo(subject),),
        prediction,
    )


def _show_map(classifier: core.Classifier) -> Scene:
    subject = _subject(classifier, "cat")
    target = _best(subject)
    return Scene(
        "Where does it look?",
        (
            "Bright: a small change of this pixel moves the score a lot. Dark: it hardly does.",
            "As computed, the map is a scatter of dots; smoothed, people can read it.",
            "It does not say that these pixels are needed, nor that the model knows a cat's face: that takes a test.",
        ),
        (_photo(subject), _map(subject, target, 0.0, over=False), _map(subject, target, SIGMA)),
    )


def _ask_about_each(classifier: core.Classifier) -> Scene:
    subject = _subject(classifier, "guitar-drums")
    prediction = compute.explanation(subject, None).prediction
    best = prediction.top(1)[0]
    asked = _guesses(prediction, ("electric guitar", "drum"))
    region = _region(subject, "guitar")
    shares = [_inside(subject, guess.index, region)[0] for guess in asked]
    others = [f"“{each.label}” gets {percent(each.probability)}" for each in asked if each.index != best.index]
    of_each = [f"{percent(share)} of the map for “{each.label}”" for share, each in zip(shares, asked, strict=True)]
    if len(asked) == 1:
        conclusion = "A model of one class has one map: there is nothing else to ask about."
    elif shares[0] - shares[1] >= APART:
        conclusion = "The same photo, another question: here the maps differ by more than a little."
    else:
        conclusion = "So these maps do not tell the two apart: a map alone does not say which thing is meant."
    return Scene(
        "Two things in one photo: ask about each",
        (
            f"The best guess is “{best.label}”, {percent(best.probability)} sure"
            + (f"; {' and '.join(others)}." if others else "."),
            f"The guitar holds {', and '.join(of_each)}.",
            conclusion,
        ),
        (_photo(subject), *(_map(subject, guess.index, SIGMA) for guess in asked)),
    )


def _hide_a_part(classifier: core.Classifier) -> Scene:
    subject = _subject(classifier, "cameraman")
    trials = [_try(subject, box, CONTROLS) for box in ("photographer", "tripod legs")]
    return Scene(
        "Hide a part, and ask again",
        (
            "A map shows what the score reacts to. To learn what a part does for the answer, take it away.",
            tell_hiding("the photographer", trials[0].evidence, trials[0].label),
            tell_hiding("the tripod's legs", trials[1].evidence, trials[1].label),
        ),
        (
            trials[0].as_it_is("The photo as it is"),
            trials[0].hidden("Photographer hidden"),
            trials[1].hidden("Legs hidden"),
        ),
    )


def _distract(classifier: core.Classifier) -> Scene:
    rocket = _try(_subject(classifier, "rocket-pad"), "rocket", CONTROLS)
    head = _try(_subject(classifier, "koala"), "head", CONTROLS)
    return Scene(
        "Is it looking at the right thing?",
        (
            f"Shown a rocket, its best guess is “{rocket.label}”, {percent(rocket.evidence.original)} sure.",
            tell_hiding("the rocket", rocket.evidence, rocket.label),
            tell_hiding("the koala's head", head.evidence, head.label),
        ),
        (
            rocket.as_it_is("A rocket"),
            rocket.hidden("Rocket hidden"),
            head.as_it_is("A koala"),
            head.hidden("Head hidden"),
        ),
    )


def _keep_only(classifier: core.Classifier) -> Scene:
    subject = _subject(classifier, "koala")
    head, whole = (_try(subject, box) for box in ("head", "whole koala"))
    return Scene(
        "Is the object alone enough?",
        (
            f"From the head alone, “{head.label}” gets {percent(head.evidence.kept)}; from the whole koala "
            f"alone, {percent(whole.evidence.kept)} (before: {percent(head.evidence.original)}).",
            "The rest is black here. The model has never learnt from such photos, so part of any change is due "
            "to the black itself.",
        ),
        (
            head.as_it_is("The photo as it is"),
            head.kept("Only the head"),
            whole.kept("Only the koala"),
        ),
    )


def _conclude(classifier: core.Classifier) -> Scene:
    subject = _subject(classifier, "hedgehog")
    best = compute.explanation(subject, None).prediction.top(1)[0]
    learnt = any("hedgehog" in label.lower() for label in classifier.categories)
    return Scene(
        "What this tells, and what it does not",
        (
            f"This is a hedgehog{'' if learnt else ', which the model has never learnt'}: it says “{best.label}”, "
            f"{percent(best.probability)} sure.",
            "A map shows what the score reacts to. Hiding shows what the answer loses, on this one photo.",
            "Neither says that the answer is right. Now try your own photo:",
        ),
        (_photo(subject), _map(subject, best.index, SIGMA)),
    )


STEPS: tuple[Callable[[core.Classifier], Scene], ...] = (
    _tell_guess,
    _show_map,
    _ask_about_each,
    _hide_a_part,
    _distract,
    _keep_only,
    _conclude,
)
"""Each makes its scene with the classifier in use."""


@dataclass(frozen=True, slots=True, eq=False)
class _Trial:
    """A region hidden, and kept, with what the model then says."""

    subject: Subject
    views: Views
    evidence: Evidence

    @property
    def label(self) -> str:
        return self.subject.classifier.categories[self.views.original.attribution.target]

    def as_it_is(self, title: str) -> Picture:
        caption = f"{self._sure(self.evidence.original)}. {self.subject.source.credit}"
        return self._picture(self.views.original, title, caption)

    def hidden(self, title: str) -> Picture:
        caption = f"{self._sure(self.evidence.hidden)}. {tell_hiding_by_chance(self.evidence)}"
        return self._picture(self.views.hidden, title, caption)

    def kept(self, title: str) -> Picture:
        return self._picture(self.views.kept, title, self._sure(self.evidence.kept))

    def _sure(self, share: float) -> str:
        return f"“{self.label}” {percent(share)}"

    def _picture(self, view: View, title: str, caption: str) -> Picture:
        return seen_picture(case_of(self.subject), view, title, caption)


def _try(subject: Subject, box: str, controls: int = 0) -> _Trial:
    """Hide a sample's object in black, keep only it, and hide so many random regions of its size."""
    regions, target = (_region(subject, box),), _best(subject)
    stages = compute.experiment(subject, regions, "black", target, 0, controls)
    experiment = next(stage for stage in stages if isinstance(stage, core.Experiment))
    return _Trial(subject, experiment.views, experiment.evidence)


def _subject(classifier: core.Classifier, sample: str) -> Subject:
    """A sample, all of it: what the tour points at must not be cropped away."""
    return Subject(samples()[sample], classifier, "squash")


def _guesses(prediction: core.Prediction, labels: tuple[str, str]) -> tuple[Guess, ...]:
    """What the model says of two classes; of its best guesses, if it does not know both."""
    names = list(prediction.categories)
    if all(label in names for label in labels):
        return tuple(prediction.guess(names.index(label)) for label in labels)
    return prediction.top(2)


def _count(classes: int) -> str:
    return "one kind of thing" if classes == 1 else f"{classes:,} kinds of things"


def _best(subject: Subject) -> int:
    return compute.prediction(subject).prediction.top(1)[0].index


def _region(subject: Subject, what: str) -> core.Region:
    """A sample's named object on the frame."""
    box = next(box for box in subject.source.boxes if box.what == what)
    region = on_frame(rectangle_of(box), compute.frame(subject))
    assert region is not None, "the manifest's boxes lie on their photos"
    return region


def _inside(subject: Subject, target: int, region: core.Region) -> tuple[float, float]:
    """The share of the raw map inside a region, and the region's share of the frame."""
    raw = compute.attribution(subject, target, "max")
    area = covered(compute.frame(subject).side, [region]).mean()
    return relevance_mass(raw.values, [region]), float(area)


def _photo(subject: Subject) -> Picture:
    title = subject.source.title
    caption = f"{CROP_MODE_CAPTIONS[subject.crop_mode]} {subject.source.credit}"
    return Picture(compute.picture(subject.source), title, caption, f"The photo “{title}”")


def _map(subject: Subject, target: int, sigma: float, over: bool = True) -> Picture:
    saliency = compute.saliency(subject, target, "max", sigma)
    case, prediction = case_of(subject), compute.explanation(subject, target).prediction
    if over:
        (picture,) = overlay_pictures(case, [saliency], prediction=prediction)
    else:
        picture = map_picture(case, saliency, prediction=prediction)
    return replace(picture, title=f"Map for “{case.label(target)}”")
