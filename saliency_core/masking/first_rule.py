"""The rule of versions before 0.3, for the records that they wrote.

It compared hiding alone with chance, in probabilities, with random places that were kept from lying on the region.
"""

from dataclasses import replace

from saliency_core.masking.claims import ALPHA, LEAST_BELIEF, LEAST_CONTROLS, Claim
from saliency_core.masking.effects import HALF, Evidence
from saliency_core.masking.verdict import Verdict, judge


def judge_by_first_rule(evidence: Evidence) -> Verdict:
    """A verdict that makes no claim, tells what the first rule found, and has its p-value as hide_p_value."""
    as_low = sum(probability <= evidence.hidden for probability in evidence.controls_hidden)
    p_value = (1 + as_low) / (1 + len(evidence.controls_hidden))
    finding = _find(evidence, p_value)
    return replace(
        judge(evidence),
        claim=Claim.TOO_LITTLE,
        hide_p_value=p_value,
        sentence=(
            f"Made by an older rule, which said “{finding}” (p = {p_value:.2g}). It kept random places off the region, "
            "so that chance looked rarer than it is. Do the experiment again to judge by today's rule."
        ),
        older_finding=finding,
    )


def _find(evidence: Evidence, p_value: float) -> str:
    enough_controls = len(evidence.controls_hidden) >= LEAST_CONTROLS
    if evidence.original < LEAST_BELIEF:
        return "inconclusive"
    if evidence.hidden < HALF * evidence.original:
        return "relies on the region" if enough_controls and p_value <= ALPHA else "inconclusive"
    if evidence.kept < HALF * evidence.original:
        return "the answer stays"
    return "does not rely on the region"
