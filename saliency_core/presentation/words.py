"""Numbers and findings as words for people, never more certain than the numbers."""

from collections.abc import Sequence
from dataclasses import replace
from math import floor, log10

import numpy as np
from numpy.typing import NDArray

from saliency_core.methods.smoothing import Scale
from saliency_core.models.prediction import Guess, Prediction
from saliency_core.photos.regions import Region
from saliency_core.text import cut, percent

MOST_REGIONS = 4
"""Regions that are listed one by one; a record has them all."""


def tell_scale(scale: Scale) -> tuple[str, str]:
    """The ends of a scale, both with the digits that the upper one needs: "0.00", "0.23"; "−0.23", "0.23". A raw map's
    least value is next to nothing, and would be told as 5.9e-05."""
    digits = ".2g" if scale.high < 1e-6 else f".{max(0, 1 - floor(log10(scale.high)))}f"
    return _with_minus(f"{scale.low:{digits}}"), f"{scale.high:{digits}}"


def tell_marks(scale: Scale) -> tuple[str, ...]:
    """What stands below a colour bar, from its left to its right: "0.00", "≥ 0.23"; "≤ −0.23", "0", "≥ 0.23"."""
    low, high = tell_scale(scale)
    return (f"≤ {low}", "0", f"≥ {high}") if scale.signed else (low, f"≥ {high}")


def describe_scale(scale: Scale, sides: Sequence[str] = ()) -> str:
    """A colour bar to people who cannot see it.

    sides: what its two halves mean, of a scale with signs.
    """
    low, high = tell_scale(scale)
    if not scale.signed:
        return f"Colour scale from {low} to {high} and more"
    left, right = (f", {side}" for side in sides or ("", ""))
    return f"Colour scale from {low} and less{left}, over 0 to {high} and more{right}"


def tell_range(values: NDArray[np.float32], signed: bool) -> str:
    """The largest value of a map, or its least and largest where it has signs."""
    high = f"{values.max():.2g}"
    return f"{_with_minus(f'{values.min():.2g}')} to {_with_minus(high)}" if signed else high


def _with_minus(number: str) -> str:
    """A number with a minus sign in place of a hyphen."""
    return number.replace("-", "−", 1) if number.startswith("-") else number


def slug(text: str) -> str:
    """Text as part of a file name: lower-case letters, digits and single hyphens, never empty."""
    plain = "".join(letter if letter.isascii() and letter.isalnum() else " " for letter in text.lower())
    return "-".join(plain.split())[:60] or "photo"


def tell_sureness(best: Guess, second: Guess | None = None) -> str:
    """One sentence on how sure a model is of its best guess; a model of one class has no second."""
    if best.probability >= 0.8:
        return f"The model is {percent(best.probability)} sure that this is “{best.label}”."
    if best.probability >= 0.5 or second is None:
        return f"The model leans towards “{best.label}”, but it is only {percent(best.probability)} sure."
    return (
        f"The model is not sure. Its best guess, “{best.label}”, gets {percent(best.probability)}; "
        f"the next, “{second.label}”, {percent(second.probability)}."
    )


def tell_target(prediction: Prediction, target: int) -> str:
    """One sentence on what a model says of a class, and what it says instead if that is not its best guess."""
    best, *others = (replace(guess, label=cut(guess.label)) for guess in prediction.top(2))
    if best.index == target:
        return tell_sureness(best, *others)
    guess = prediction.guess(target)
    return (
        f"The model does not say “{cut(guess.label)}”: it gives it {percent(guess.probability)}, "
        f"place {prediction.rank(target)} of {len(prediction.categories):,}. "
        f"It says “{best.label}”, with {percent(best.probability)}."
    )


def tell_explained(prediction: Prediction, target: int) -> str:
    """What a model says of a class that a map explains; with a warning if it is not its best guess."""
    told = tell_target(prediction, target)
    if prediction.best() == target:
        return told
    label = cut(prediction.guess(target).label)
    return f"{told} Every class has such a map: it is no sign that the model sees “{label}” here."


def tell_change(before: float, after: float) -> str:
    """How far a probability moved, in whole points of percent."""
    points = round(100 * (after - before))
    if points == 0:
        return "the same to within one point"
    counted = "1 point" if abs(points) == 1 else f"{abs(points)} points"
    return f"{counted} {'more' if points > 0 else 'less'} than before"


def tell_regions(regions: Sequence[Region]) -> str:
    """Where regions lie, the first MOST_REGIONS of them one by one."""
    told = [f"top {one.top}, left {one.left}, height {one.height}, width {one.width}" for one in regions[:MOST_REGIONS]]
    more = len(regions) - len(told)
    return "; ".join(told) + (f"; and {more} more" if more else "") + " (in pixels of what the model sees)"
