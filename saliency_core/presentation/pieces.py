"""Pictures, bars, the strips of random places and the four cells as HTML, from templates: for pages and reports."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from saliency_core.masking.effects import Evidence
from saliency_core.masking.experiment import Views
from saliency_core.masking.sentences import tell_hiding_by_chance, tell_keeping_by_chance
from saliency_core.models.prediction import Guess, Prediction
from saliency_core.presentation.pictures import Picture
from saliency_core.presentation.shapes import area_mask, line_mask
from saliency_core.text import cut, percent

if TYPE_CHECKING:
    from jinja2 import Environment

BEST = 5
"""Classes that are shown; a target beyond them is shown after them."""


def render(template: str, **values: object) -> str:
    """A template of this package as HTML; every value that is not HTML already is escaped.

    Raises jinja2.UndefinedError if the template names a value that is not given.
    """
    return _environment().get_template(template).render(**values)


def render_pictures(pictures: Sequence[Picture], columns: int, tallest: str) -> str:
    """Pictures in rows of `columns`, each with title, caption and, where it has a scale, its colour bar.

    tallest: greatest height of a picture, as CSS has it: "70vh".
    """
    return render("screen_pictures.html", pictures=pictures, columns=columns, tallest=tallest)


def render_bars(prediction: Prediction, target: int) -> str:
    """The best classes as labelled bars; the target stands out, see ranked()."""
    return render("screen_bars.html", rows=ranked(prediction, target), target=target)


def render_strips(evidence: Evidence, label: str) -> str:
    """The random places as dots on two lines of probabilities, hidden and alone, with this part and the photo
    marked."""
    return render("screen_strips.html", strips=arrange_strips(evidence), label=label)


def render_cells(views: Views) -> str:
    """A declared object's four cells, see arrange_cells()."""
    return render("screen_cells.html", cells=arrange_cells(views))


def ranked(prediction: Prediction, target: int) -> tuple[tuple[int, Guess], ...]:
    """The five best classes with their places, from 1; then the target with its place, if it is not among them."""
    best = prediction.top(BEST)
    shown = best if target in [guess.index for guess in best] else (*best, prediction.guess(target))
    return tuple((prediction.rank(guess.index), guess) for guess in shown)


def choose_columns(count: int, ratio: float) -> int:
    """How many of `count` pictures to a row, so that they are as large as can be on the first page.

    ratio: a picture's width by its height.
    """

    def width(columns: int) -> float:  # as a share of the page's; a row's words are as high as an eighth of that
        rows = -(-count // columns)
        return min(1 / columns, max(0.01, 0.85 / rows - 0.13) * ratio)

    return max(range(1, count + 1), key=width)


@dataclass(frozen=True, slots=True)
class Strip:
    """Where a strip's dots and lines lie, in percent of its width and height.

    title: what was done to the part and to the random places; sentence: how they compare.
    share: the part's probability; most: the probability at the right end; whole: where the photo as it is lies.
    dots: a random place each; heights mean nothing, they keep dots apart.
    """

    title: str
    sentence: str
    share: float
    most: float
    own: float
    whole: float
    original: float
    dots: tuple[tuple[float, float], ...]


def arrange_strips(evidence: Evidence) -> tuple[Strip, Strip]:
    """The layout of the two strips, of hiding and of keeping, on one scale."""
    every = evidence.original, evidence.hidden, evidence.kept, *evidence.controls_hidden, *evidence.controls_kept
    most = max(0.01, *every)

    def arrange(title: str, sentence: str, share: float, controls: Sequence[float]) -> Strip:
        heights = np.random.default_rng(0).uniform(10, 78, len(controls)).tolist()
        dots = tuple((100 * each / most, height) for each, height in zip(controls, heights, strict=True))
        whole = 100 * evidence.original / most
        return Strip(title, sentence, share, most, 100 * share / most, whole, evidence.original, dots)

    return (
        arrange("Hidden", tell_hiding_by_chance(evidence), evidence.hidden, evidence.controls_hidden),
        arrange("Alone", tell_keeping_by_chance(evidence), evidence.kept, evidence.controls_kept),
    )


def arrange_cells(views: Views) -> tuple[tuple[str, float], ...]:
    """What settles whether an object or its background gives the answer: the class's probability with both, with
    the background alone, with the object alone, and with neither."""
    target = views.original.attribution.target
    return tuple(
        (title, float(prediction.probabilities[target]))
        for title, prediction in (
            ("Object and background, as it is", views.original.prediction),
            ("Background alone (object hidden)", views.hidden.prediction),
            ("Object alone", views.kept.prediction),
            ("Neither (a blank frame)", views.blank),
        )
    )


def _sha256(text: str) -> str:
    """A script's digest as a browser compares it."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined  # lazy: takes a tenth of a second to import

    environment = Environment(
        loader=PackageLoader("saliency_core.presentation"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"percent": percent, "cut": cut, "sha256": _sha256, "zip": zip}
    environment.filters |= {"line_mask": line_mask, "area_mask": area_mask}
    return environment
