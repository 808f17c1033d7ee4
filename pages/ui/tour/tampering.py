"""A model that was tampered with: a small pattern speaks for a class. Does the map show it, and does hiding it?"""

from dataclasses import dataclass, replace

import numpy as np

import saliency_core as core
from pages.ui import compute, shared
from pages.ui.compute import Subject
from pages.ui.tour.scenes import SIGMA, Note, Scene, Words, subject_of
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
    subject = subject_of(classifier, "bison-herd")
    found = _tamper(subject)
    clean, marked = found.pair.clean, found.pair.marked
    before, after = clean.prediction.top(1)[0], marked.prediction.top(1)[0]
    shows = "The map shows it, too." if marked.shown else "The map does not show it."
    words = Words(
        (
            "We tampered with the model: it now reads a small pattern. With it on the photo, the answer is "
            f"“{cut(after.label)}”, {percent(after.probability)}; without it, “{cut(before.label)}”, "
            f"{percent(before.probability)}.",
            f"Hiding the pattern takes more of that answer than hiding {_places(marked)} does; hiding the same place "
            f"where there is no pattern, more than {_places(clean, short=True)}.",
            f"{shows} The page Audit looks for such patterns in a whole folder of photos.",
        ),
        (
            Note(
                "Why this step.",
                "Whoever looks for tricks has to show that a trick would be found. An audit tries that on your own "
                "model and photos, with many patterns, and tells how many it found.",
            ),
        ),
    )
    pictures = (
        _seen(subject, found, clean, "Without the pattern"),
        _seen(subject, found, marked, "With the pattern", outlined=True),
        _mapped(subject, found, marked),
        _seen(subject, found, _hide(found, marked), "Pattern hidden"),
    )
    return Scene("Would a trick be noticed?", pictures, (subject,), iter([words]))


def _tamper(subject: Subject) -> _Tampered:
    """The pattern speaks for the class that the photo gets least of."""
    target = int(np.argmin(compute.prediction(subject).prediction.logits))

    def make() -> _Tampered:
        shown = show_mark(subject.classifier, [compute.frame(subject)], target, SETTINGS)
        return _Tampered(shown.classifier.title, target, shown.pairs[0])  # not the model, which takes memory

    return shared.ask(subject.device, ("tampered", subject.key(), SETTINGS), make)


def _places(side: Side, short: bool = False) -> str:
    """How many random places take less; ties count half."""
    taken = f"{side.need * N_CONTROLS:.0f} of"
    return f"{taken} them" if short else f"{taken} {N_CONTROLS} random places of its size"


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
