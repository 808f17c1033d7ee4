"""The rule of a masking experiment's verdict, and its limits, in words: for pages, reports and the README."""

from collections.abc import Sequence

from saliency_core.masking.verdict import ALPHA, LARGE_LOSS, LEAST_BELIEF, LEAST_CONTROLS, Finding

RULE: tuple[tuple[Finding, str], ...] = (
    (
        Finding.REGION,
        f"hiding it leaves less than {LARGE_LOSS:.0%} of the probability, and at most {ALPHA:.0%} of random regions "
        "of its shape, this one counted among them, take away at least as much",
    ),
    (
        Finding.STAYS,
        f"hiding it leaves {LARGE_LOSS:.0%} or more, and the region alone leaves less; most small regions "
        "do so, hence this does not say what the answer rests on",
    ),
    (Finding.NOT_REGION, f"hiding it leaves {LARGE_LOSS:.0%} or more, and the region alone does too"),
    (
        Finding.INCONCLUSIVE,
        "hiding it leaves less, but random regions often do as much or there are fewer than "
        f"{LEAST_CONTROLS} to compare with; or the class has less than {LEAST_BELIEF:.0%} to begin with",
    ),
)
"""Each finding and when it is found; judge() computes it."""

LIMITS: tuple[str, ...] = (
    "It is one photo, one model and one way of hiding; another of each may answer differently.",
    "The model has never learnt from photos with patches on them: part of any change is due to the patch.",
    "A region may be missed for what is in it or for its edges. And where two regions say the same, hiding "
    "either of them changes little, although the model uses both.",
)
"""What a masking experiment does not tell."""


def tell_fills(findings: Sequence[Finding]) -> str:
    """Whether the finding depends on how pixels are hidden.

    findings: one for each fill.
    """
    if len(set(findings)) == 1:
        return f"No. Under every fill the finding is the same: {findings[0].value}."
    return (
        "Yes: the finding changes with the fill, so it says something about the fill too. "
        "Trust it less than one that holds under every fill."
    )
