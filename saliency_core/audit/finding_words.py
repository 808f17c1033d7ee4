"""What was confirmed of classes, in sentences, and as plain values."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from saliency_core.audit.confirm import Finding, confirmed
from saliency_core.audit.findings import Findings
from saliency_core.audit.summary import LEAST_PHOTOS
from saliency_core.photos.regions import Region
from saliency_core.text import cut, percent


def tell_findings(findings: Findings | None, categories: Sequence[str]) -> tuple[str, ...]:
    """What has been found of all classes: what was tried, and a sentence or more for each confirmed finding.

    findings: None where nobody has looked.
    """
    if findings is None:
        return ("What classes may go by besides their objects was not looked for (--find).",)
    if not findings.targets:
        return (_tell_why_not(findings),)
    looked_into, of = len(findings.looked_into), len(findings.targets)
    if not findings.complete:
        return (f"{looked_into} of {of} classes have been looked into; what is confirmed is told once all have.",)
    about = f"{of} of {findings.all_classes} classes had photos enough to look into."
    told = (tell_finding(each, categories, findings.side) for each in findings.confirmed)
    return (f"{about} {tell_number(findings.tried)}", *told)


def describe_findings(findings: Findings, categories: Sequence[str]) -> dict[str, Any]:
    """The same as plain values: numbers of what was tried, and the confirmed findings with theirs."""
    return {
        "classes": findings.all_classes,
        "enough_photos": len(findings.targets),
        "looked_into": len(findings.looked_into),
        "tried": len(findings.tried),
        "confirmed": [
            {
                "target": each.target,
                "label": categories[each.target],
                "kind": "place" if each.suspicion.pattern is None else "pattern",
                "sentence": tell_finding(each, categories, findings.side),
                "region": asdict(each.suspicion.region),
                "photos": each.photos,
                "hidden": len(each.hidden),
                "need": each.need,
                "need_elsewhere": _need_elsewhere(each),
                "named": sum(one.named for one in each.hidden),
                "still": sum(one.named and one.still for one in each.hidden),
                "p_value": each.p_value,
            }
            for each in findings.confirmed
        ],
        "sentences": tell_findings(findings, categories),
    }


def _tell_why_not(findings: Findings) -> str:
    if findings.all_classes == 1:
        return "All photos are of one class: there are no others to compare them with, so nothing was looked for."
    return (
        f"No class has at least {LEAST_PHOTOS} photos beside at least {LEAST_PHOTOS} of other classes, so nothing was "
        "looked for."
    )


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
    mean = _need_elsewhere(finding)
    return "" if mean is None else f"; at the same place of other classes’ photos it is {percent(mean)}"


def _need_elsewhere(finding: Finding) -> float | None:
    return float(np.mean([each.need for each in finding.others])) if finding.others else None


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
