"""The guided tour's steps: what each says and shows, computed with the model in use as it is shown.

The words follow the numbers: no sentence says that a number is large, small or changed before it has
been compared.
"""

from collections.abc import Callable
from dataclasses import dataclass

import saliency_core as core
from pages.ui import compute
from pages.ui.compute import Subject
from pages.ui.pictures import Picture
from pages.ui.samples import samples
from pages.ui.shapes import Rectangle, on_frame
from pages.ui.words import describe_sigma

CONTROLS = 32
"""Random regions that a hidden one is compared with: enough to tell one in twenty."""
SIGMA = 5.0
APART = 0.05
"""A region's own class must put so much more of its map there than another class does, to be told apart."""


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """A step as shown.

    headline: a few words; sentences: at most three.
    pictures: side by side; guesses: shown as bars beside them.
    """

    headline: str
    sentences: tuple[str, ...]
    pictures: tuple[Picture, ...]
    guesses: tuple[core.Guess, ...] = ()


def _tell_guess(classifier: core.Classifier) -> Scene:
    subject = _subject(classifier, "cat")
    prediction = compute.prediction(subject).prediction
    return Scene(
        "What does the machine see?",
        (
            core.tell_sureness(*prediction.top(2)),
            f"It has learnt {len(classifier.categories):,} kinds of things, and always names one of them.",
            "How sure it is, is its own estimate: it can be sure and wrong.",
        ),
        (_photo(subject),),
        prediction.top(5),
    )


def _show_map(classifier: core.Classifier) -> Scene:
    subject = _subject(classifier, "cat")
    target = _best(subject)
    face = _region(subject, "cat face")
    share, area = _inside(subject, target, face)
    return Scene(
        "Where does it look?",
        (
            "Bright: a small change of this pixel moves the score a lot. Dark: it hardly does.",
            "As computed, the map is a scatter of dots; smoothed, people can read it.",
            f"The cat's face holds {core.percent(share)} of the map on {core.percent(area)} of the photo.",
        ),
        (_photo(subject), _map(subject, target, 0.0, over=False), _map(subject, target, SIGMA)),
    )


def _ask_about_each(classifier: core.Classifier) -> Scene:
    subject = _subject(classifier, "guitar-drums")
    prediction = compute.explanation(subject, None)[0]
    names = list(classifier.categories)
    guitar, drum = (prediction.guess(names.index(name)) for name in ("electric guitar", "drum"))
    region = _region(subject, "guitar")
    shares = [_inside(subject, guess.index, region)[0] for guess in (guitar, drum)]
    best = prediction.top(1)[0]
    return Scene(
        "Two things in one photo: ask about each",
        (
            f"The best guess is “{best.label}”, {core.percent(best.probability)} sure; "
            + " and ".join(
                f"“{guess.label}” gets {core.percent(guess.probability)}"
                for guess in (guitar, drum)
                if guess.index != best.index
            )
            + ".",
            f"The guitar holds {core.percent(shares[0])} of the map for “{guitar.label}”, and "
            f"{core.percent(shares[1])} of the map for “{drum.label}”.",
            "Each class has a map of its own: the same photo, another question."
            if shares[0] - shares[1] >= APART
            else "So these maps do not tell the two apart: a map alone does not say which thing is meant.",
        ),
        (_photo(subject), _map(subject, guitar.index, SIGMA), _map(subject, drum.index, SIGMA)),
    )


def _hide_a_part(classifier: core.Classifier) -> Scene:
    subject = _subject(classifier, "cameraman")
    trials = [_try(subject, box, CONTROLS) for box in ("photographer", "tripod legs")]
    return Scene(
        "Hide a part, and ask again",
        (
            "A map shows what the score reacts to. To learn what the answer needs, take it away.",
            core.tell_hiding("the photographer", trials[0].evidence, trials[0].label),
            core.tell_hiding("the tripod's legs", trials[1].evidence, trials[1].label),
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
            f"Shown a rocket, its best guess is “{rocket.label}”, {core.percent(rocket.evidence.original)} sure.",
            core.tell_hiding("the rocket", rocket.evidence, rocket.label),
            core.tell_hiding("the koala's head", head.evidence, head.label),
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
            f"From the head alone, “{head.label}” gets {core.percent(head.evidence.kept)}; from the whole koala "
            f"alone, {core.percent(whole.evidence.kept)} (before: {core.percent(head.evidence.original)}).",
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
    best = compute.explanation(subject, None)[0].top(1)[0]
    return Scene(
        "What this tells, and what it does not",
        (
            f"This is a hedgehog, which the model has never learnt: it says “{best.label}”, "
            f"{core.percent(best.probability)} sure.",
            "A map shows what the score reacts to. Hiding shows what the answer needs, on this one photo.",
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
    views: core.Views
    evidence: core.Evidence

    @property
    def label(self) -> str:
        return self.subject.classifier.categories[self.views.original.attribution.target]

    def as_it_is(self, title: str) -> Picture:
        caption = f"{self._sure(self.evidence.original)}. {self.subject.source.credit}"
        return self._picture(self.views.original, title, caption)

    def hidden(self, title: str) -> Picture:
        caption = f"{self._sure(self.evidence.hidden)}. {core.tell_rarity(self.evidence)}"
        return self._picture(self.views.hidden, title, caption)

    def kept(self, title: str) -> Picture:
        return self._picture(self.views.kept, title, self._sure(self.evidence.kept))

    def _sure(self, share: float) -> str:
        return f"“{self.label}” {core.percent(share)}"

    def _picture(self, view: core.View, title: str, caption: str) -> Picture:
        pixels = core.draw_seen(compute.picture(self.subject.source), view.frame)
        return Picture(pixels, title, caption, f"{self.subject.source.title}. {title}: {caption}")


def _try(subject: Subject, box: str, controls: int = 0) -> _Trial:
    """Hide a sample's object in black, keep only it, and hide so many random regions of its size."""
    regions, target = (_region(subject, box),), _best(subject)
    views = compute.views(subject, regions, "black", target, 0)
    placements = core.place_controls(views.original.frame.side, regions, controls, 0)
    return _Trial(subject, views, core.evidence(views, compute.controls(subject, placements, "black", target, 0)))


def _subject(classifier: core.Classifier, sample: str) -> Subject:
    """A sample, all of it: what the tour points at must not be cropped away."""
    return Subject(samples()[sample], classifier, "squash")


def _best(subject: Subject) -> int:
    return compute.prediction(subject).prediction.top(1)[0].index


def _region(subject: Subject, what: str) -> core.Region:
    """A sample's named object on the frame."""
    box = next(box for box in subject.source.boxes if box.what == what)
    region = on_frame(Rectangle(box.left, box.top, box.right - box.left, box.bottom - box.top), compute.frame(subject))
    assert region is not None, "the manifest's boxes lie on their photos"
    return region


def _inside(subject: Subject, target: int, region: core.Region) -> tuple[float, float]:
    """The share of the raw map inside a region, and the region's share of the frame."""
    raw = compute.saliency(subject, target, "max", 0.0)
    area = core.covered(compute.frame(subject).side, [region]).mean()
    return core.share_inside(raw.values, [region]), float(area)


def _photo(subject: Subject) -> Picture:
    title = subject.source.title
    return Picture(compute.picture(subject.source), title, subject.source.credit, f"The photo “{title}”")


def _map(subject: Subject, target: int, sigma: float, over: bool = True) -> Picture:
    saliency = compute.saliency(subject, target, "max", sigma)
    scale = core.shared_scale([saliency])
    photo, frame = compute.picture(subject.source), compute.frame(subject)
    drawn = core.draw_overlay(photo, frame, saliency, scale) if over else core.draw_map(photo, frame, saliency, scale)
    label = subject.classifier.categories[target]
    caption = f"“{label}” · {subject.classifier.title} · gradient · {describe_sigma(sigma)}"
    return Picture(drawn, f"Map for “{label}”", caption, f"Saliency map: {caption}", scale)
