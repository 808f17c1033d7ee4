"""Pictures, bars and the strip of controls as HTML, from templates: for pages and reports."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from saliency_core.masking.verdict import Evidence
from saliency_core.models.prediction import Guess, Prediction
from saliency_core.presentation.pictures import Picture
from saliency_core.presentation.words import cut, percent

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


def render_strip(evidence: Evidence, label: str) -> str:
    """The random regions as dots on a line of probabilities, with this region and the photo marked."""
    return render("screen_strip.html", strip=arrange_strip(evidence, label))


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

    dots: a random region each; heights mean nothing, they keep dots apart.
    most: the probability at the right end.
    """

    label: str
    evidence: Evidence
    most: float
    original: float
    hidden: float
    dots: tuple[tuple[float, float], ...]


def arrange_strip(evidence: Evidence, label: str) -> Strip:
    """The layout of a strip of controls."""
    most = max(0.01, evidence.original, evidence.hidden, *evidence.control_probabilities)
    heights = np.random.default_rng(0).uniform(12, 72, len(evidence.control_probabilities)).tolist()
    dots = tuple(
        (100 * probability / most, height)
        for probability, height in zip(evidence.control_probabilities, heights, strict=True)
    )
    return Strip(label, evidence, most, 100 * evidence.original / most, 100 * evidence.hidden / most, dots)


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
    environment.filters |= {"percent": percent, "cut": cut}
    return environment
