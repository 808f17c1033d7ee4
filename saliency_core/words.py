"""Numbers and findings as words for people, never more certain than the numbers."""

from math import floor, log10

from saliency_core.prediction import Guess
from saliency_core.smoothing import Scale
from saliency_core.verdict import LARGE_LOSS, Evidence, Finding, Verdict

NOTABLE_RISE = 0.05
"""A probability that rises by less is said to have stayed."""


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


def tell_sureness(best: Guess, second: Guess) -> str:
    """One sentence on how sure a model is of its best guess."""
    if best.probability >= 0.8:
        return f"The model is {percent(best.probability)} sure that this is “{best.label}”."
    if best.probability >= 0.5:
        return f"The model leans towards “{best.label}”, but it is only {percent(best.probability)} sure."
    return (
        f"The model is not sure. Its best guess, “{best.label}”, gets {percent(best.probability)}; "
        f"the next, “{second.label}”, {percent(second.probability)}."
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


def tell_rarity(evidence: Evidence) -> str:
    """One sentence on how the region compares with random ones of its size."""
    count = len(evidence.controls)
    if not count:
        return "There is no other place of this size on the photo to compare with."
    as_low = sum(probability <= evidence.hidden for probability in evidence.controls)
    return f"Of {count} random regions of the same shape and size, {as_low} took away at least as much."
