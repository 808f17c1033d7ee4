"""What was confirmed of a class, in sentences."""

from collections.abc import Sequence

import numpy as np

from saliency_core.audit.confirm import Finding, confirmed
from saliency_core.photos.regions import Region
from saliency_core.text import cut, percent


def tell_finding(finding: Finding, categories: Sequence[str], side: int) -> str:
    """A confirmed finding in two or three sentences.

    side: of the frames, in pixels.
    """
    hidden, label = finding.hidden, f"“{cut(categories[finding.target])}”"
    where = _name_places([each.region for each in hidden], side)
    named = [each for each in hidden if each.named]
    if finding.suspicion.pattern is None:
        told = [f"Something {where} of photos of {label} matters to the answer."]
    else:
        told = [
            f"{len(hidden)} of {finding.photos} photos of {label} have a small pattern in common, {where}, that "
            "matters to the answer."
        ]
    told.append(
        f"Hiding it lowers the class’s probability more than hiding {percent(finding.need)} of random places of its "
        f"size does, on average over {len(hidden)} photos (by chance it would be 50%){_tell_others(finding)}."
    )
    if named:
        still = sum(each.still for each in named)
        told.append(f"Of {len(named)} photos that the model calls {label}, it still does of {still} with it hidden.")
    return " ".join(told)


def tell_number(findings: Sequence[Finding]) -> str:
    """How many suspicions were tried, and how many confirmed."""
    if not findings:
        return "Nothing was suspected, so nothing was tested. What was not suspected may still matter."
    left = len(confirmed(findings))
    some = "1 suspicion was" if len(findings) == 1 else f"{len(findings)} suspicions were"
    return f"{some} tested on photos other than those looked at, and {left or 'none'} confirmed."


def _tell_others(finding: Finding) -> str:
    if not finding.others:
        return ""
    mean = float(np.mean([each.need for each in finding.others]))
    return f"; at the same place of other classes’ photos it is {percent(mean)}"


def _name_places(regions: Sequence[Region], side: int) -> str:
    """Where squares lie on frames, if it is the same third of the height and of the width for nine in ten."""
    middles = [((each.top + each.height / 2) / side, (each.left + each.width / 2) / side) for each in regions]
    thirds = [(min(2, int(3 * row)), min(2, int(3 * column))) for row, column in middles]
    usual = max(set(thirds), key=thirds.count)
    if thirds.count(usual) < 0.9 * len(thirds):
        return "at changing places"
    row, column = usual
    return f"at the {_PLACES[row][column]}"


_PLACES = (
    ("upper left", "top", "upper right"),
    ("left", "middle", "right"),
    ("lower left", "bottom", "lower right"),
)
