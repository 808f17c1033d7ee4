"""The rule of versions before 0.3, for the records that they wrote.

It compared hiding alone with chance, in probabilities, with random places that were kept from lying on the region.
"""

from dataclasses import replace

from saliency_core.masking.claims import Claim
from saliency_core.masking.effects import Evidence
from saliency_core.masking.verdict import Verdict, judge


def judge_by_first_rule(evidence: Evidence, finding: str) -> Verdict:
    """A verdict that makes no claim, quotes what the first rule found, and has its p-value as hide_p_value.

    finding: as the record has it.
    """
    as_low = sum(probability <= evidence.hidden for probability in evidence.controls_hidden)
    p_value = (1 + as_low) / (1 + len(evidence.controls_hidden))
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
