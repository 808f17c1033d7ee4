"""The rule of the library, and two that it is compared with."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from saliency_core.masking.claims import ALPHA, Claim, find_claim
from saliency_core.masking.effects import TIE, Evidence


def judge_in_sequence(evidence: Evidence) -> Claim:
    """The same questions one after another without a gate before them, each with its own p-value."""
    return find_claim(evidence, is_rare=lambda _: True)


def judge_by_smallest(evidence: Evidence) -> Claim:
    """The same questions in the same order behind another gate: the smallest of the three p-values is as rare as
    ALPHA among the smallest p-values of all places (min-p, Westfall & Young 1993)."""
    return find_claim(evidence, is_rare=lambda each: rank_of_smallest(each) <= ALPHA)


def rank_of_smallest(evidence: Evidence) -> float:
    """The share of places, the part among them, whose smallest p-value is as small as the part's, in (0, 1]."""
    smallest = np.min([_p_values(each) for each in (evidence.loss, evidence.gain, evidence.joint)], axis=0)
    return float((smallest <= smallest[0] + 1e-9).mean())


RULES: dict[str, Callable[[Evidence], Claim]] = {
    "the rule": find_claim,
    "one after another": judge_in_sequence,
    "smallest of three": judge_by_smallest,
}


def _p_values(effects: NDArray[np.float64]) -> NDArray[np.float64]:
    """p_value() of each place in turn among the others; f64 [1 + controls]."""
    as_large: NDArray[np.bool_] = effects[None, :] >= effects[:, None] - TIE
    values: NDArray[np.float64] = as_large.mean(axis=1)
    return values
