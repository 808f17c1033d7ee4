"""What a step of the tour shows, and the pictures it is made of.

Pictures come at once and stay; words are told as far as they are known, so that nothing moves when the rest comes.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import saliency_core as core
from pages.ui import compute, session
from pages.ui.compute import Subject, case_of
from pages.ui.samples import samples
from pages.ui.tour.guesses import Question
from saliency_core.masking.experiment import View
from saliency_core.presentation.captions import describe_class
from saliency_core.presentation.figures import outline_region
from saliency_core.presentation.masking_pictures import seen_picture
from saliency_core.presentation.pictures import Picture
from saliency_core.presentation.saliency_pictures import map_picture, overlay_pictures, photo_picture
from saliency_core.text import cut, percent

SIGMA = 5.0


@dataclass(frozen=True, slots=True)
class Note:
    """What stands small below the pictures: a finding as the masking page tells it.

    heading: a few words; text: the rest.
    """

    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class Words:
    """What a step says.

    sentences: at most three, in large type, as many from the first time on.
    final: whether nothing more is being computed.
    """

    sentences: tuple[str, ...]
    notes: tuple[Note, ...] = ()
    final: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """A step as shown.

    headline: a few words; pictures: side by side; subjects: whose photos they show.
    words: what is said, told anew as more is known.
    prediction: its best classes are shown as bars beside the pictures, with the class `target` marked.
    question: what the room is asked here, if anything.
    """

    headline: str
    pictures: tuple[Picture, ...]
    subjects: tuple[Subject, ...]
    words: Iterator[Words]
    prediction: core.Prediction | None = None
    target: int = 0
    question: Question | None = None

    @property
    def credits(self) -> str:
        """Who made the photos."""
        made = dict.fromkeys(f"{each.source.title}: {each.source.credit.rstrip('.')}" for each in self.subjects)
        return f"{'Photo' if len(made) == 1 else 'Photos'}: {'; '.join(made)}."


def subject_of(classifier: core.Classifier, sample: str) -> Subject:
    """A sample as the pages show it."""
    return Subject(samples()[sample], classifier, session.crop_mode())


def best_guess(subject: Subject) -> int:
    """The class that the model names."""
    return compute.prediction(subject).prediction.best()


def tell_class(subject: Subject, prediction: core.Prediction, target: int) -> str:
    """A class with its probability; and the best guess, where that is another."""
    best = prediction.top(1)[0]
    told = describe_class(case_of(subject), target, prediction)
    return told if best.index == target else f"{told}; best guess: “{cut(best.label)}”, {percent(best.probability)}"


def as_it_is(subject: Subject, title: str, region: core.Region | None = None) -> Picture:
    """The photo, with what the model sees of it, and a region outlined."""
    case, prediction = case_of(subject), compute.prediction(subject).prediction
    picture = replace(photo_picture(case, title), caption=f"{tell_class(subject, prediction, best_guess(subject))}.")
    if region is None:
        return picture
    alt = f"{picture.alt} A part of it is outlined."
    return replace(picture, pixels=outline_region(picture.pixels, case.frame, region), alt=alt)


def seen(subject: Subject, view: View, title: str, target: int) -> Picture:
    """What the model saw in a view, and what it said of a class."""
    return seen_picture(case_of(subject), view, title, f"{tell_class(subject, view.prediction, target)}.")


def map_of(subject: Subject, target: int, sigma: float, title: str, over: bool = True) -> Picture:
    """The map of a class, over the photo or alone; its caption has the class, probability, model, method and sigma."""
    saliency = compute.saliency(subject, target, "max", sigma)
    case, prediction = case_of(subject), compute.explanation(subject, target).prediction
    if over:
        (picture,) = overlay_pictures(case, [saliency], prediction=prediction)
    else:
        picture = map_picture(case, saliency, prediction=prediction)
    return replace(picture, title=title)
