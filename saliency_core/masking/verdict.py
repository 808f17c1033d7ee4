"""A masking experiment's verdict: its claim, the p-values behind it, and the sentences that tell it."""

from dataclasses import dataclass

from saliency_core.masking.claims import Claim, find_claim
from saliency_core.masking.effects import Evidence, p_value
from saliency_core.masking.sentences import Part, tell_limits, tell_verdict


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an experiment found. The p-values are p_value()'s, of the part among the random places of its shape:

    hide_p_value: share of places, this one counted among them, whose hiding lowers the class's odds as much.
    keep_p_value: share of places that alone leave as much of its odds.
    joint_p_value: share of places whose odds alone are as large a multiple of the odds with them hidden.
    sentence: the claim with its numbers, in plain words; limits: what stands beside it.
    older_finding: what the first rule found, of an experiment whose record was made by it; None of any other.
    """

    claim: Claim
    hide_p_value: float
    keep_p_value: float
    joint_p_value: float
    sentence: str
    limits: tuple[str, ...] = ()
    older_finding: str | None = None


def judge(evidence: Evidence, part: Part | None = None) -> Verdict:
    """The verdict by find_claim()'s rule.

    part: what was hidden, for the sentences; None to leave it and the class without names.
    """
    part = part or Part()
    claim = find_claim(evidence)
    return Verdict(
        claim,
        p_value(evidence.loss),
        p_value(evidence.gain),
        p_value(evidence.joint),
        tell_verdict(claim, evidence, part),
        tell_limits(claim, part),
    )
