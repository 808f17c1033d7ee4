"""Numbers and findings as words for people, never more certain than the numbers."""

from collections.abc import Sequence
from dataclasses import replace
from math import floor, log10

from saliency_core.masking.verdict import LARGE_LOSS, Evidence, Finding, Verdict, count_as_low
from saliency_core.methods.smoothing import Scale
from saliency_core.models.prediction import Guess, Prediction
from saliency_core.photos.regions import Region

NOTABLE_RISE = 0.05
"""A probability that rises by less is said to have stayed."""
MOST_REGIONS = 4
"""Regions that are listed one by one; a record has them all."""


def percent(share: float) -> str:
    """A share in [0, 1] as people say it: "92%", "3.4%", "under 0.1%"."""
    hundredths = 100 * share
    if hundredths < 0.1:
        return "under 0.1%"
    if hundredths < 10:
        return f"{hundredths:.1f}%"
    return "over 99%" if 99.5 <= hundredths < 100 else f"{hundredths:.0f}%"


def tell_scale(scale: Scale) -> tuple[str, str]:
    """The ends of a scale, both with the digits that the upper one needs: "0.00", "0.23". A raw map's least
    value is next to nothing, and would be told as 5.9e-05."""
    digits = ".2g" if scale.high < 1e-4 else f".{max(0, 1 - floor(log10(scale.high)))}f"
    return f"{scale.low:{digits}}", f"{scale.high:{digits}}"


def slug(text: str) -> str:
    """Text as part of a file name: lower-case letters, digits and single hyphens, never empty."""
    plain = "".join(letter if letter.isascii() and letter.isalnum() else " " for letter in text.lower())
    return "-".join(plain.split())[:60] or "photo"


def cut(text: str, longest: int = 40) -> str:
    """Text from outside, fit to stand in a sentence: on one line, without characters that are invisible or turn
    the reading direction, and at most `longest` characters."""
    seen = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return seen if len(seen) <= longest else seen[: longest - 1].rstrip() + "…"


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


def tell_hiding(what: str, evidence: Evidence, label: str) -> str:
    """One sentence on what hiding something, as people call it, did to a class called `label`."""
    original, hidden = percent(evidence.original), percent(evidence.hidden)
    if evidence.hidden < LARGE_LOSS * evidence.original:
        return f"Hide {what}, and “{label}” falls from {original} to {hidden}."
    if evidence.hidden >= evidence.original + NOTABLE_RISE:
        return f"Hide {what}, and the model is even more sure of “{label}”: {hidden} (before: {original})."
    return f"Hide {what}, and “{label}” is still at {hidden} (before: {original})."


def tell_verdict(verdict: Verdict, evidence: Evidence, label: str) -> str:
    """One sentence on what a masking experiment found about a class called `label`."""
    original, hidden, kept = (percent(share) for share in (evidence.original, evidence.hidden, evidence.kept))
    if verdict.finding is Finding.REGION:
        return f"The model relies on what was hidden: without it, “{label}” falls from {original} to {hidden}."
    if verdict.finding is Finding.STAYS:
        return (
            f"The answer stays without this part, and this part alone does not bring it about: “{label}” is at "
            f"{hidden} without it (before: {original}), and at {kept} from it alone."
        )
    if verdict.finding is Finding.NOT_REGION:
        return (
            f"The model does not rely on what was hidden: without it, “{label}” is at {hidden} "
            f"(before: {original}); from it alone, {kept}."
        )
    return (
        f"This does not settle what the model relies on: without the hidden part, “{label}” is at {hidden} "
        f"(before: {original}); from it alone, {kept}."
    )


def tell_comparison(evidence: Evidence) -> str:
    """One sentence on how the region compares with random ones of its size."""
    count = len(evidence.control_probabilities)
    if not count:
        return "There is no other place of this size on the photo to compare with."
    as_low = count_as_low(evidence)
    return f"Of {count} random regions of the same shape and size, {as_low} took away at least as much."


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
