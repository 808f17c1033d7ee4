"""The rule by which a masking experiment is judged, and its sentence."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

LEAST_BELIEF = 0.05
"""Below this probability there is no answer whose reasons could be looked for."""
LARGE_LOSS = 0.5
"""A loss is large if less than this share of the original probability is left."""
ALPHA = 0.05
"""How often a region placed at random may, at most, be said to be relied on."""
LEAST_CONTROLS = 19
"""With fewer controls no region could be rarer than ALPHA: 1 / (19 + 1) = 0.05."""


class Finding(Enum):
    """What an experiment found; the values are words for people."""

    REGION = "relies on the region"
    NOT_REGION = "does not rely on the region"
    STAYS = "the answer stays"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class Evidence:
    """The numbers a verdict rests on: probabilities of one class, in [0, 1].

    original: with the photo as it is; hidden: with the regions hidden; kept: with only them left.
    control_probabilities: with random regions of the same shapes hidden instead.
    """

    original: float
    hidden: float
    kept: float
    control_probabilities: Sequence[float]


@dataclass(frozen=True, slots=True)
class Verdict:
    """A finding with the reason for it, in one or two plain sentences without the class's name.

    p_value: share of random regions, this one counted among them, that take away at least as much.
    """

    finding: Finding
    reason: str
    p_value: float


def p_value(evidence: Evidence) -> float:
    """The one-sided permutation p-value (1 + controls at or below) / (1 + controls), in (0, 1].

    If the region itself were placed at random like its controls, this would be at most p with
    probability at most p (Phipson & Smyth 2010, doi:10.2202/1544-6115.1585).
    """
    return (1 + count_as_low(evidence)) / (1 + len(evidence.control_probabilities))


def is_decided(evidence: Evidence, count: int) -> bool:
    """Whether the finding will be the same whatever the controls that are still to come, of `count` in all."""
    if evidence.original < LEAST_BELIEF or evidence.hidden >= LARGE_LOSS * evidence.original:
        return True  # the controls play no part
    if len(evidence.control_probabilities) < LEAST_CONTROLS:
        return False
    return (1 + count_as_low(evidence)) / (1 + count) > ALPHA


def count_as_low(evidence: Evidence) -> int:
    """How many random regions take away at least as much."""
    return sum(probability <= evidence.hidden for probability in evidence.control_probabilities)


def _tell_staying(evidence: Evidence) -> str:
    count = len(evidence.control_probabilities)
    if not count:
        return "there is no other place of this size to compare with"
    staying = sum(probability >= LARGE_LOSS * evidence.original for probability in evidence.control_probabilities)
    return f"it stays without {staying} of {count} random places of this size, too"


def judge(evidence: Evidence) -> Verdict:
    """The rule, in order:

    1. The class has less than LEAST_BELIEF to begin with: inconclusive.
    2. Hiding the region leaves less than LARGE_LOSS of the probability. If that is rarer than ALPHA
       among at least LEAST_CONTROLS random regions, the model relies on the region; if it is not,
       or cannot be known, inconclusive.
    3. Hiding it leaves more: the answer stays without the region. If the region alone leaves less than
       LARGE_LOSS, that is all that was shown: nearly every small region at random does as much. If it
       leaves more, the region is enough by itself, so the model does not rely on it.
    """
    rare = p_value(evidence)

    def verdict(finding: Finding, reason: str) -> Verdict:
        return Verdict(finding, reason, rare)

    if evidence.original < LEAST_BELIEF:
        return verdict(
            Finding.INCONCLUSIVE,
            "The model hardly believes in this class to begin with, so there is nothing to take away.",
        )
    if evidence.hidden < LARGE_LOSS * evidence.original:
        if len(evidence.control_probabilities) < LEAST_CONTROLS:
            return verdict(
                Finding.INCONCLUSIVE,
                "Hiding the region takes most of the answer away, but it is so large that there are not "
                "enough other places of its size to compare with.",
            )
        if rare > ALPHA:
            return verdict(
                Finding.INCONCLUSIVE,
                "Hiding the region takes most of the answer away, but hiding others of its size often does so too.",
            )
        return verdict(
            Finding.REGION,
            "Hiding the region takes most of the answer away, and hiding others of its size hardly ever does.",
        )
    if evidence.kept < LARGE_LOSS * evidence.original:
        return verdict(
            Finding.STAYS,
            f"This does not say what the answer rests on: {_tell_staying(evidence)}.",
        )
    return verdict(
        Finding.NOT_REGION,
        "The answer stays without the region. The region alone brings it about too, so either will do.",
    )
