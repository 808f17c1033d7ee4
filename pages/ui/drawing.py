"""Photos as the pages show them: drawn and encoded once for everyone."""

from collections.abc import Callable
from dataclasses import dataclass

from pages.ui import compute
from pages.ui.compute import Subject
from saliency_core import Frame
from saliency_core.photos.photo import Pixels
from saliency_core.presentation import figures
from saliency_core.presentation.pictures import data_url


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """A picture and its data_url(): whoever keeps the one does not encode it anew either."""

    pixels: Pixels
    address: str


def outlined(subject: Subject) -> Drawn:
    """The photo with the part that the model sees outlined."""
    return _draw("outlined", subject, figures.outline)


def dimmed(subject: Subject) -> Drawn:
    """The photo with what the model does not see dimmed."""
    return _draw("dimmed", subject, figures.dim_unseen)


def _draw(what: str, subject: Subject, draw: Callable[[Pixels, Frame], Pixels]) -> Drawn:
    def make() -> Drawn:
        pixels = draw(compute.picture(subject.source), compute.frame(subject))
        return Drawn(pixels, data_url(pixels))

    return compute.keep((what, subject.key()), make)
