"""A model that was tampered with: a small pattern speaks for a class. Does the map show it, and does hiding it?"""

from dataclasses import dataclass, replace

import numpy as np

import saliency_core as core
from pages.ui import compute, shared
from pages.ui.compute import Subject
from pages.ui.tour.scenes import SIGMA, Scene, Words, as_it_is, subject_of
from saliency_core.audit.demonstration import Pair, Side, show_mark
from saliency_core.audit.measure import Settings
from saliency_core.masking.placements import N_CONTROLS
from saliency_core.photos.fills import hide
from saliency_core.photos.frame import Box, Frame
from saliency_core.presentation.case import Case
from saliency_core.presentation.figures import outline_region
from saliency_core.presentation.pictures import Picture
from saliency_core.presentation.saliency_pictures import overlay_pictures
from saliency_core.text import cut, percent

HEADLINE, SAMPLE = "Would a trick be noticed?", "bison-herd"
SETTINGS = Settings(fills=("black",), n_controls=N_CONTROLS, sigma=SIGMA)
"""As the other steps hide parts, and smooth maps."""
ENLARGED = 3
"""What the model sees is shown so many times as large: the pattern is some pixels wide."""


@dataclass(frozen=True, slots=True, eq=False)
class _Tampered:
    """title: of the model that reads the pattern; target: the class that it speaks for."""

    title: str
    target: int
    pair: Pair


def plant_a_mark(classifier: core.Classifier) -> Scene:
    """What the model sees of a photo without the pattern and with it, the map, and the pattern hidden."""
    subject = subject_of(classifier, SAMPLE)
    if len(classifier.categories) == 1:
        told = Words(("A model of one class always gives the same answer: no pattern can speak for another.",))
        return Scene(HEADLINE, (as_it_is(subject, "The photo as it is"),), (subject,), iter([told]))
    found = _tamper(subject)
    clean, marked = found.pair.clean, found.pair.marked
    before, after = clean.prediction.top(1)[0], marked.prediction.top(1)[0]
    left, without = marked.hidden.guess(after.index), clean.hidden.guess(before.index)
    shows = "The map shows the pattern, too." if marked.shown else "The map does not show the pattern."
    words = Words(
        (
            "We tampered with the model: it now reads a small pattern. With it on the photo, the answer is "
            f"“{cut(after.label)}”, {percent(after.probability)}; without it, “{cut(before.label)}”, "
            f"{percent(before.probability)}.",
            f"Hiding the pattern leaves “{cut(after.label)}” {percent(left.probability)}: more is lost than by hiding "
            f"{marked.need * N_CONTROLS:.0f} of {N_CONTROLS} random places of its size. Where there is no pattern, "
            f"hiding the same place leaves “{cut(before.label)}” {percent(without.probability)}.",
            f"{shows} Would an audit of many photos find it? The page Audit tries that, on your model and photos.",
        )
    )
    pictures = (
        _seen(subject, found, clean, "Without the pattern"),
        _seen(subject, found, marked, "With the pattern", outlined=True),
        _mapped(subject, found, marked),
        _seen(subject, found, _hide(found, marked), "Pattern hidden"),
    )
    return Scene(HEADLINE, pictures, (subject,), iter([words]))


def _tamper(subject: Subject) -> _Tampered:
    """The pattern speaks for the class that the photo gets least of."""
    target = int(np.argmin(compute.prediction(subject).prediction.logits))

    def make() -> _Tampered:
        shown = show_mark(subject.classifier, [compute.frame(subject)], target, SETTINGS)
        return _Tampered(shown.classifier.title, target, shown.pairs[0])  # not the model, which takes memory

    return shared.ask(subject.device, ("tampered", subject.key(), SETTINGS), make)


def _hide(found: _Tampered, side: Side) -> Side:
    hidden = hide(side.frame, found.pair.place, SETTINGS.fills[0])
    return replace(side, frame=hidden, prediction=side.hidden)


def _case(subject: Subject, found: _Tampered, side: Side) -> Case:
    """What the model sees as a photo of its own."""
    pixels = side.frame.pixels
    whole = Frame(pixels, Box(0, 0, *pixels.shape[1::-1]), pixels.shape[1::-1], "squash", side.frame.photo_digest)
    enlarged = pixels.repeat(ENLARGED, axis=0).repeat(ENLARGED, axis=1)
    reads = replace(subject.classifier, title=found.title)
    return Case(enlarged, subject.source.title, subject.source.credit, reads, whole)


def _seen(subject: Subject, found: _Tampered, side: Side, title: str, outlined: bool = False) -> Picture:
    case = _case(subject, found, side)
    pixels = outline_region(case.photo, case.frame, found.pair.place) if outlined else case.photo
    best = side.prediction.top(1)[0]
    told = f"“{cut(best.label)}”, {percent(best.probability)}."
    return Picture(pixels, title, told, f"What the model sees of the photo “{case.name}”. {title}. It says {told}")


def _mapped(subject: Subject, found: _Tampered, side: Side) -> Picture:
    (picture,) = overlay_pictures(_case(subject, found, side), [side.map], prediction=side.prediction)
    return replace(picture, title="Its map")
